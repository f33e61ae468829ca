"""What a value means: text and references, each piece once."""

from __future__ import annotations

import pytest

from forethought.planners.language.templates import Reference, Template, Text, escape, parse_template


def shown(value: str) -> list[object]:
    """Text as it is, a reference as its name, its path and how it was written."""
    return [
        piece.text if isinstance(piece, Text) else (piece.name, piece.path, piece.source)
        for piece in parse_template(value).pieces
    ]


def test_a_value_that_is_one_reference_is_whole() -> None:
    template = parse_template("$ROWS")
    assert template.whole == Reference("ROWS", (), braced=False, source="$ROWS", offset=0)
    assert parse_template("${ROWS}").whole == Reference("ROWS", (), braced=True, source="${ROWS}", offset=0)
    assert parse_template("$ROWS ").whole is None
    assert parse_template("$$ROWS").whole is None


def test_a_value_without_references_is_one_text_and_an_empty_one_is_none() -> None:
    assert parse_template("Hello") == Template((Text("Hello"),))
    assert parse_template("") == Template(())


def test_references_know_where_they_start() -> None:
    assert [reference.offset for reference in parse_template("[$A,$$,${B}]").references] == [1, 7]


@pytest.mark.parametrize(
    ("value", "pieces"),
    [
        ("Hello $name! $greeting", ["Hello ", ("name", (), "$name"), "! ", ("greeting", (), "$greeting")]),
        ("[$A,$B]", ["[", ("A", (), "$A"), ",", ("B", (), "$B"), "]"]),
        ("$A-$A-$A", [("A", (), "$A"), "-", ("A", (), "$A"), "-", ("A", (), "$A")]),
        ("$A$B$A", [("A", (), "$A"), ("B", (), "$B"), ("A", (), "$A")]),
        ("$ABC", [("ABC", (), "$ABC")]),
        ("${A}BC", [("A", (), "${A}"), "BC"]),
        ("$NAME的邮箱", [("NAME", (), "$NAME"), "的邮箱"]),
        ("你好，$姓名", ["你好，$姓名"]),
        ("$_x1", [("_x1", (), "$_x1")]),
    ],
)
def test_names_are_ascii_identifiers(value: str, pieces: list[object]) -> None:
    assert shown(value) == pieces


@pytest.mark.parametrize(
    ("value", "pieces"),
    [
        ("$ROW.email", [("ROW", ("email",), "$ROW.email")]),
        ("$ROWS[0].email", [("ROWS", (0, "email"), "$ROWS[0].email")]),
        ("$ROWS[-1]", [("ROWS", (-1,), "$ROWS[-1]")]),
        ("$A.b.c[2][3].d!", [("A", ("b", "c", 2, 3, "d"), "$A.b.c[2][3].d"), "!"]),
        ("${ROW.email}", [("ROW", ("email",), "${ROW.email}")]),
        ("${ROW.first-name}", [("ROW", ("first-name",), "${ROW.first-name}")]),
        ("${ROW.邮箱}", [("ROW", ("邮箱",), "${ROW.邮箱}")]),
        ("Dear $NAME.Thanks", ["Dear ", ("NAME", ("Thanks",), "$NAME.Thanks")]),
        ("$NAME. Thanks", [("NAME", (), "$NAME"), ". Thanks"]),
        ("$NAME.", [("NAME", (), "$NAME"), "."]),
        ("$A[x]", [("A", (), "$A"), "[x]"]),
        ("$A[ 0]", [("A", (), "$A"), "[ 0]"]),
        ("$A[9999999999]", [("A", (), "$A"), "[9999999999]"]),
        ("$A.1", [("A", (), "$A"), ".1"]),
    ],
)
def test_a_path_is_the_longest_that_could_apply(value: str, pieces: list[object]) -> None:
    assert shown(value) == pieces


@pytest.mark.parametrize(
    "value",
    ['{"$1":3}', "5 $", "$ 5", "$5.00", "${", "${}", "${A", "${A.}", "${A b}", "${a + b}", "${1}", "$-A", "$的"],
)
def test_a_dollar_before_anything_else_is_text(value: str) -> None:
    assert shown(value) == [value]


@pytest.mark.parametrize(
    ("value", "pieces"),
    [
        ("$$", ["$"]),
        ("$$NAME", ["$NAME"]),
        ("$$$NAME", ["$", ("NAME", (), "$NAME")]),
        ("$$$$", ["$$"]),
        ("a$$b$$c", ["a$b$c"]),
        ("${$A}", ["${", ("A", (), "$A"), "}"]),
    ],
)
def test_two_dollars_are_one(value: str, pieces: list[object]) -> None:
    assert shown(value) == pieces


def test_a_reference_knows_its_path_as_written() -> None:
    (bare,) = parse_template("$ROWS[0].email").references
    (braced,) = parse_template("${ROWS[0].email}").references
    assert (bare.path_text, braced.path_text) == ("[0].email", "[0].email")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("$5", "$5"),
        ("$NAME", "$$NAME"),
        ("${NAME}", "$${NAME}"),
        ("$$5", "$$$5"),
        ("cost: 5$", "cost: 5$$"),
    ],
)
def test_escape_doubles_the_dollars_that_would_mean_more(text: str, value: str) -> None:
    assert escape(text) == value
    assert shown(value) == [text]
