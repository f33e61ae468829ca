"""A test is worked out from the values of variables, the same way every time, or says why it cannot be."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import pytest
from pydantic import BaseModel

from forethought.kernel.errors import ConditionError
from forethought.planners.checking.conditions import Condition, Flaw, Named, parse_condition


class Row(BaseModel):
    """An item as a function returns it."""

    items: list[int]
    due: datetime.date | None = None


@dataclass
class Point:
    """A place with two numbers."""

    x: int


VALUES: dict[str, object] = {
    "count": 5,
    "typed": "5",
    "many": "many",
    "answer": "No.",
    "name": "Steven",
    "empty": "",
    "nothing": None,
    "done": True,
    "rows": [{"price": "2.5", "tags": ["new"]}, {"price": 4, "tags": []}],
    "row": Row(items=[1, 2], due=datetime.date(2026, 2, 28)),
    "point": Point(x=3),
    "none_left": [],
    "ratio": 0.5,
    "nan": float("nan"),
    "huge": 10**400,
    "at": datetime.datetime(2026, 1, 1, 12, 0),
    "zoned": datetime.datetime(2026, 1, 1, 12, 0, tzinfo=datetime.UTC),
}


def read(source: str) -> Condition:
    found = parse_condition(source)
    assert isinstance(found, Condition), found
    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("COUNT > 3", True),
        ("Count == 5 and count != 6", True),
        ("1 < COUNT <= 5", True),
        ("1 < COUNT < 5", False),
        ("COUNT + 1 == 6 and COUNT - 1 == 4 and COUNT * 2 == 10", True),
        ("COUNT / 2 == 2.5 and COUNT // 2 == 2 and COUNT % 2 == 1", True),
        ("-COUNT < 0 and +COUNT > 0 and -COUNT|abs == 5", True),
        ("NAME ~ ' ' ~ COUNT == 'Steven 5'", True),
        ("'eve' in NAME and 'x' not in NAME", True),
        ("COUNT in [1, '5', none]", True),
        ("COUNT in (1, 2)", False),
        ("'price' in ROWS[0]", True),
        ("5 in {'a': 1}", False),
        ("ROWS[-1].price == 4", True),
        ("ROWS[COUNT - 5]['price'] > 2", True),
        ("ROW.items[1] == 2", True),
        ("POINT.x == 3", True),
        ("ROW.due < '2026-03-01' and ROW.due == '2026-02-28'", True),
        ("ROWS|length == 2 and NAME|length == 6", True),
        ("NAME|lower == 'steven' and ' a '|trim == 'a' and NAME|upper == 'STEVEN'", True),
        ("ROWS|map(attribute='price')|sum == 6.5", True),
        ("ROWS|map(attribute='price')|max == 4", True),
        ("['b', 'C', 'a']|sort|first == 'a' and [3, '10', 2]|max == '10' and [3, 1]|min == 1", True),
        ("[1, 2]|sort(reverse=true)|first == 2 and [1, 2]|last == 2", True),
        ("['a', 'A', 1, 1]|unique|length == 2", True),
        ("'one two'|wordcount == 2 and ROWS|list|count == 2", True),
        ("RATIO|round == 0 and 2.345|round(2) == 2.35 and 7|string == '7'", True),
        ("MANY|int(0) == 0 and '2.7'|int == 2 and '2.5'|float == 2.5", True),
        ("MISSING|default(3) == 3 and ROWS[9].price|d(1) == 1", True),
        ("EMPTY|default('x') == '' and NOTHING|default(2, true) == 2", True),
        ("MISSING is not defined and ROW is defined and ROW.email is undefined", True),
        ("NOTHING is none and COUNT is not none", True),
        ("COUNT is number and COUNT is integer and RATIO is float and DONE is boolean", True),
        ("DONE is number", False),
        ("NAME is string and ROWS is sequence and ROWS[0] is mapping", True),
        ("COUNT is odd and 4 is even and 9 is divisibleby 3", True),
        ("DONE is true and ANSWER is false", True),
        ("'a' if COUNT > 3 else 'b'", None),
        ("true if COUNT > 3 else false", True),
        ("(MISSING if false else COUNT) == 5", True),
        ("not DONE or COUNT", True),
        ("COUNT == 5 or MISSING", True),
        ("COUNT == 6 and MISSING", False),
        ("TRUE and not False and NULL is none", True),
        ("{'a': COUNT}['a'] == 5", True),
        ("[1, [2]] == (1, [2]) and {'a': 1} == {'a': 1}", True),
    ],
)
def test_a_test_holds_or_not(source: str, expected: bool | None) -> None:
    if expected is None:
        with pytest.raises(ConditionError):
            read(source).holds(VALUES)
    else:
        assert read(source).holds(VALUES) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (0, False),
        (-0.5, True),
        (None, False),
        ([], False),
        ([0], True),
        ({}, False),
        ({"a": None}, True),
        (Point(x=0), True),
        ({1, 2}, True),
        ("true", True),
        (" Yes. ", True),
        ("NO", False),
        ("false.", False),
        ("0", False),
        ("2.5", True),
    ],
)
def test_what_counts_as_true(value: object, expected: bool) -> None:
    assert read("X").holds({"x": value}) is expected
    assert read("not X").holds({"x": value}) is not expected
    assert read("X and true").holds({"x": value}) is expected


@pytest.mark.parametrize("value", ["", "Steven", "No, thank you", "off", "nan", "1,000", "yes" * 100])
def test_text_that_is_neither_yes_nor_no_is_an_error(value: str) -> None:
    for source in ("X", "not X", "X or true", "true if X else false"):
        with pytest.raises(ConditionError, match=r"is neither true nor false \(compare it: NAME == 'done', or NAME\|"):
            read(source).holds({"x": value})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("TYPED > 3", True),
        ("TYPED == 5", True),
        ("TYPED == '5.0'", False),
        ("TYPED < '10'", True),
        ("'b' > 'a'", True),
        ("TYPED * 2 == 10", True),
        ("MANY == 5", False),
        ("ANSWER == false", True),
        ("DONE == 'yes'", True),
        ("MANY == true", False),
        ("[TYPED, 7]|sum == 12", True),
        ("5 in ['4', TYPED]", True),
    ],
)
def test_text_that_reads_as_a_number_or_a_truth_is_one_beside_one(source: str, expected: bool) -> None:
    assert read(source).holds(VALUES) is expected


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("MISSING > 3", "there is no variable 'MISSING'"),
        (
            "MANY > 3",
            "'>' cannot compare the text 'many' with 3 (write NAME|int(0) to take 0 for such a text)",
        ),
        ("NOTHING < 3", "'<' cannot compare nothing (none) with 3"),
        ("DONE >= 1", "'>=' cannot compare 'true' with 1"),
        ("ROWS < ROWS", "'<' cannot compare a list with a list"),
        ("NAN < 1", "'<' cannot compare NaN with 1"),
        ("AT < ZONED", "a time with a zone cannot be compared with one without, by '<'"),
        ("MANY|int > 3", "'int' takes numbers, not the text 'many' (int(0) takes 0 for what is no number)"),
        ("NAME + 1 > 3", "'+' takes numbers, not the text 'Steven'"),
        (
            "TYPED + TYPED == 10",
            "'+' of two texts may mean two things (write '~' to join them, or NAME|int to add numbers)",
        ),
        ("COUNT / 0 == 1", "'/' divides by zero"),
        ("COUNT % 0 == 1", "'%' divides by zero"),
        ("HUGE * 2 > 1", "'*' meets a number that is too large, or none"),
        ("ROW.email == 'x'", "cannot follow '.email': no field 'email' (it has: due, items)"),
        ("ROWS[7]", "cannot follow '[7]': the list has 2 items"),
        ("NAME.first == 'S'", "cannot follow '.first': a string has no fields"),
        (
            "ROWS[NOTHING]",
            "a list or an object is not asked for nothing (none) (write a field's name or an item's number)",
        ),
        ("3 in NAME", "'in' looks for text in text, not for 3 (write NAME|string to make it text)"),
        ("3 in COUNT", "'in' looks into a list, an object or a text, not into 5"),
        ("COUNT|length > 1", "'length' takes a text, a list or an object, not 5"),
        ("COUNT|lower == '5'", "'lower' takes text, not 5 (write NAME|string to make it text)"),
        ("NONE_LEFT|first", "'first' finds nothing, for it is empty"),
        ("NAME|sum", "'sum' takes a list, not the text 'Steven'"),
        ("['a', 1]|sort", "'sort' of numbers takes numbers, not the text 'a'"),
    ],
)
def test_what_cannot_be_worked_out_is_an_error_never_false(source: str, reason: str) -> None:
    with pytest.raises(ConditionError) as caught:
        read(source).holds(VALUES)
    assert str(caught.value) == f"the test '{source}' cannot be worked out: {reason}"


def test_a_value_that_refuses_to_be_read_is_an_error() -> None:
    class Grudging(dict[str, object]):
        def __contains__(self, key: object) -> bool:
            raise OSError("no")

    with pytest.raises(ConditionError, match=r"a value cannot be read \(OSError: no\)"):
        read("X.a").holds({"x": Grudging()})


def test_the_variables_a_test_mentions_are_known_with_their_places() -> None:
    source = "ROW.items[0] > MIN and Rows[I]['a b'].c is defined or D|default(E) == true"
    assert read(source).names == (
        Named("ROW", ("items", 0), 0),
        Named("MIN", (), 15),
        Named("Rows", (), 23, guarded=True),
        Named("I", (), 28, guarded=True),
        Named("D", (), 54, guarded=True),
        Named("E", (), 64),
    )


_COMPARE = "compare it: NAME == 'done', or NAME|length > 0"


@pytest.mark.parametrize(
    ("source", "flaw"),
    [
        ("", Flaw("the test is empty", 0, 0, "write what must hold: COUNT > 3")),
        (" " * 3, Flaw("the test is empty", 0, 3, "write what must hold: COUNT > 3")),
        ("x" * 2001, Flaw("the test has 2,001 characters, and at most 2,000 are allowed", 0, 1)),
        ("A &amp;& B".replace("amp;", ""), Flaw("the test cannot be read at '&'", 2, 1, "write 'and'")),
        ("A || B", Flaw("the test cannot be read at '|'", 3, 1, "write 'or'")),
        ("!A", Flaw("the test cannot be read at '!'", 0, 1, "write 'not'")),
        ("A = 3", Flaw("the test cannot be read at '='", 2, 1, "write '=='")),
        ("A <> 3", Flaw("the test cannot be read at '>'", 3, 1, "write '!='")),
        ("A is in B", Flaw("there is no 'is in' in a test", 2, 2, "leave 'is' out")),
        ("A is empty", Flaw("there is no 'is empty' in a test", 2, 2, "write NAME|length == 0")),
        ("A == 'x' or 'y'", Flaw("the text 'y' is neither true nor false", 12, 1, _COMPARE)),
        ("not ('' and A) or B", Flaw("the text '' is neither true nor false", 5, 1, _COMPARE)),
        ("A == $NAME", Flaw("the test cannot be read at '$'", 5, 1, "write 'NAME' without '$'")),
        ("{{ A }}", Flaw("the test cannot be read at '}'", 5, 1, "write the test without '{{' and '}}'")),
        ("A ==", Flaw("the test breaks off", 2, 1)),
        ("(A", Flaw("the test breaks off", 1, 1)),
        ("A B", Flaw("the test cannot be read at 'B'", 2, 1)),
        ("A > '", Flaw("the test cannot be read at '''", 4, 1)),
        ("A and len(ROWS) > 1", Flaw("a test calls nothing", 6, 3, "write 'NAME|length'")),
        ("NAME.lower() == 'a'", Flaw("a test calls nothing", 4, 1, "write 'NAME|lower'")),
        ("A ** 2", Flaw("a test has no powers", 0, 1, "multiply")),
        ("A[1:2]", Flaw("a test takes no slices", 2, 1, "take one item: ROWS[0]")),
        ("A if B", Flaw("an 'if' in a test has an 'else'", 0, 1, "write A if B else C")),
        ("A|int(1, 2)", Flaw("'int' has too many or too few arguments", 2, 3, "it takes default=…")),
        ("A|int(base=2)", Flaw("'int' takes no 'base'", 2, 3, "it takes default=…")),
        ("A|length(1)", Flaw("'length' has too many or too few arguments", 2, 6, "it takes none")),
        ("A|map('upper')", Flaw("'map' has too many or too few arguments", 2, 3, "it takes attribute=…")),
        ("A|int(*B)", Flaw("a test gives no '*' arguments", 2, 3)),
        ("{1: 2}", Flaw("a key of an object is text in quotes", 1, 1)),
        ("名 > 1", Flaw("a variable cannot be named '名'", 0, 1, "names have ASCII letters only")),
        ("9" * 400, Flaw("the number is too large", 0, 400)),
        ("1e999 > A", Flaw("the number is too large", 0, 5)),
        ("A.__class__", Flaw("a test reads no field that begins with an underscore, as '__class__' does", 1, 1)),
        ("A['_x']", Flaw("a test reads no field that begins with an underscore, as '_x' does", 1, 1)),
        ("(" * 17 + "A" + ")" * 17, Flaw("the test is nested too deep", 16, 1)),
        ("+".join("A" * 120), Flaw("the test is nested too deep, or too long a chain", 0, 1)),
        ("[" + "1," * 300 + "]", Flaw("the test is too long", 400, 1)),
    ],
)
def test_what_is_no_test_is_told_where_it_stands(source: str, flaw: Flaw) -> None:
    assert parse_condition(source) == flaw


def test_a_filter_that_there_is_not_comes_with_those_there_are() -> None:
    flaw = parse_condition("A|random > 1")
    assert isinstance(flaw, Flaw)
    assert (flaw.message, flaw.offset, flaw.length) == ("a test has no filter 'random'", 2, 6)
    assert flaw.hint is not None
    assert flaw.hint.startswith("it has abs, count, default, first")


def test_an_is_that_there_is_not_comes_with_those_there_are() -> None:
    flaw = parse_condition("A is callable")
    assert isinstance(flaw, Flaw)
    assert (flaw.message, flaw.offset, flaw.length) == ("there is no 'is callable' in a test", 2, 2)
    assert flaw.hint is not None
    assert flaw.hint.startswith("there is boolean, defined")


def test_lines_are_space() -> None:
    assert read("COUNT\r\n> 3").holds(VALUES)


def test_a_test_is_read_once() -> None:
    assert parse_condition("COUNT > 3") is parse_condition("COUNT > 3")


def test_what_a_test_ensures_is_set_where_it_holds() -> None:
    assert read("A is defined and (Row.x is defined and b > 3)").ensures == {"a", "row"}
    assert read("A is defined or B is defined").ensures == set()
    assert read("not A is defined and B is not defined").ensures == set()
    assert read("not (A is undefined) and not not B is defined and C is not undefined").ensures == {"a", "b", "c"}
    assert read("not (A is undefined or B is undefined)").ensures == {"a", "b"}


def test_what_a_test_spares_is_set_where_it_does_not_hold() -> None:
    assert read("A is undefined or not B is defined or C > 3").spares == {"a", "b"}
    assert read("A is undefined and B is undefined").spares == set()
    assert read("A is defined").spares == set()


@pytest.mark.parametrize(
    ("source", "constant"), [("1 < 2", True), ("not true", False), ("'a'", None), ("A == A", None), ("1 / 0", None)]
)
def test_a_test_that_mentions_no_variable_is_constant(source: str, constant: bool | None) -> None:
    assert read(source).constant is constant
