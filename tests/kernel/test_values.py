"""Values: what text becomes, what becomes text, and what a path reaches."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import enum
import json
from collections import abc
from typing import Annotated, Any, Literal, NamedTuple, NewType, Self, TypedDict

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from forethought.kernel.errors import CoercionError, PathError
from forethought.kernel.values import ANY, STRING, ValueType, coerce, follow, jsonable, text, type_from_hint


class Person(BaseModel):
    name: str
    age: int = 0


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


@pytest.mark.parametrize(
    ("value", "hint", "expected"),
    [
        ("false", bool, False),
        ("true", bool, True),
        ("5", int, 5),
        ("2.5", float, 2.5),
        ("[1, 2]", list[int], [1, 2]),
        ('["1", "2"]', list[int], [1, 2]),
        ('{"a": 1}', dict[str, int], {"a": 1}),
        ('{"name": "Ada", "age": "36"}', Person, Person(name="Ada", age=36)),
        ('{"x": 1}', Point, Point(1)),
        (Person(name="Ada"), dict, {"name": "Ada", "age": 0}),
        ("2026-01-02", datetime.date, datetime.date(2026, 1, 2)),
        ("2026-01-02T03:04:05", datetime.datetime, datetime.datetime(2026, 1, 2, 3, 4, 5)),
        ("null", int | None, None),
        (None, int | None, None),
        ("3", Literal[1, 3], 3),
        ("b", Literal["a", "b"], "b"),
        (5, str, "5"),
        (["a"], str, '["a"]'),
        ("[1]", Any, "[1]"),
        ("5", Annotated[int, "how many"], 5),
    ],
)
def test_a_value_becomes_what_its_type_says(value: object, hint: object, expected: object) -> None:
    found = coerce(value, type_from_hint(hint))
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "hint", "message"),
    [
        ("x", int, "'x' is not an integer: input should be a valid integer, unable to parse string as an integer"),
        ("[1", list, "'[1' is not an array: it is not JSON (Expecting ',' delimiter: line 1 column 3 (char 2))"),
        ("c", Literal["a", "b"], "'c' is not an allowed value: it must be one of a, b"),
        ('{"age": 1}', Person, "'{\"age\": 1}' is not an object: name: field required"),
    ],
)
def test_what_does_not_fit_says_what_and_why(value: str, hint: object, message: str) -> None:
    with pytest.raises(CoercionError) as caught:
        coerce(value, type_from_hint(hint))
    assert str(caught.value) == message


def test_json_nested_beyond_reason_is_a_coercion_error() -> None:
    with pytest.raises(CoercionError, match="it is not JSON"):
        coerce("[" * 100_000, type_from_hint(list))


def test_without_a_hint_the_json_schema_decides() -> None:
    rows = ValueType.from_json_schema({"type": "array", "items": {"type": "integer"}})
    assert coerce('["1"]', rows) == [1]
    assert coerce("2026-01-02", ValueType.from_json_schema({"type": "string", "format": "date"})) == datetime.date(
        2026, 1, 2
    )


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": ["integer", "null"]},
        {"type": "array", "items": {"type": "number"}},
        {"type": "object", "additionalProperties": {"type": "boolean"}},
        {"type": "object", "properties": {"name": {"type": "string"}}},
        {"type": "string", "enum": ["a", "b"]},
        {"type": "string", "format": "date-time"},
        {},
    ],
)
def test_a_json_schema_survives_the_way_there_and_back(schema: dict[str, object]) -> None:
    assert ValueType.from_json_schema(schema).json_schema() == schema


def test_any_of_a_type_and_null_is_the_nullable_type() -> None:
    schema = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert ValueType.from_json_schema(schema) == ValueType("string", nullable=True)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("as it is", "as it is"),
        (0, "0"),
        (False, "false"),
        (None, "null"),
        ([], "[]"),
        ({"名": "值"}, '{"名": "值"}'),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        ([Point(1)], '[{"x": 1, "y": 0}]'),
        (Person(name="Ada"), '{"name": "Ada", "age": 0}'),
    ],
)
def test_inside_a_text_a_string_is_itself_and_all_else_is_json(value: object, written: str) -> None:
    assert text(value) == written


def test_a_path_reaches_keys_fields_and_items() -> None:
    value = {"rows": [Person(name="Ada"), Point(1, 2)]}
    assert follow(value, ("rows", 0, "name")) == "Ada"
    assert follow(value, ("rows", -1, "y")) == 2
    assert follow(value, ()) is value


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (("a", 3), "cannot follow '.a[3]': the list has 2 items"),
        (("b",), "cannot follow '.b': no field 'b' (it has: a)"),
        (("a", "x"), "cannot follow '.a.x': an array has no fields"),
        (("a", 0, 0), "cannot follow '.a[0][0]': an integer has no items"),
    ],
)
def test_a_path_that_leads_nowhere_says_where_it_stops(path: tuple[str | int, ...], message: str) -> None:
    with pytest.raises(PathError) as caught:
        follow({"a": [1, 2]}, path)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["__class__", "model_fields", "model_dump", "_private"])
def test_a_path_reaches_data_and_nothing_else(name: str) -> None:
    with pytest.raises(PathError):
        follow(Person(name="Ada"), (name,))


def test_types_read_as_their_names() -> None:
    assert str(type_from_hint(list[int] | None)) == "array[integer]?"
    assert str(type_from_hint(Literal["a", "b"])) == '"a"|"b"'
    assert str(ANY) == "any"
    assert str(STRING) == "string"


def test_bytes_that_are_no_text_are_base64() -> None:
    assert jsonable([b"text", {"raw": b"text"}]) == ["text", {"raw": "text"}]
    assert jsonable({"raw": b"\xff\x00"}) == {"raw": "_wA="}


def test_a_value_that_contains_itself_is_given_as_python_shows_it() -> None:
    value: list[object] = [1]
    value.append(value)
    assert jsonable(value) == "[1, [...]]"
    assert text(value) == "[1, [...]]"


class _Opaque:
    """A class that pydantic knows nothing of."""


class _Unfinished(BaseModel):
    other: _Nowhere  # type: ignore[name-defined]  # noqa: F821


def test_a_class_that_is_no_data_takes_its_instances_and_nothing_else() -> None:
    value = _Opaque()
    assert coerce(value, type_from_hint(_Opaque)) is value
    assert coerce([value], type_from_hint(list[_Opaque])) == [value]
    with pytest.raises(CoercionError, match="'text' is not a _Opaque: input should be an instance of _Opaque"):
        coerce("text", type_from_hint(_Opaque))


def test_a_model_that_is_not_defined_to_the_end_is_named() -> None:
    with pytest.raises(CoercionError, match="is not an object: its annotations name what is not defined"):
        coerce({"other": 1}, type_from_hint(_Unfinished))


class Row(TypedDict):
    name: str


class Pair(NamedTuple):
    left: int
    right: int


class Colour(str, enum.Enum):  # noqa: UP042 - a StrEnum would be its value in a format string
    RED = "red"


Amounts = NewType("Amounts", list[int])


@pytest.mark.parametrize(
    ("text", "hint", "expected"),
    [
        ('{"name": "Ada"}', Row, {"name": "Ada"}),
        ("[1, 2]", Pair, Pair(1, 2)),
        ("[1]", Amounts, [1]),
        ("[1]", abc.Sequence, [1]),  # pyright: ignore[reportUnknownArgumentType]
        ("[1]", abc.Set, frozenset({1})),  # pyright: ignore[reportUnknownArgumentType]
        ('{"a": 1}', abc.Mapping, {"a": 1}),  # pyright: ignore[reportUnknownArgumentType]
        ('{"a": 1}', collections.OrderedDict, collections.OrderedDict({"a": 1})),  # pyright: ignore
        ("red", Colour, Colour.RED),
        ("null", Literal["a"] | None, None),
        ("anything", Self, "anything"),
    ],
)
def test_every_annotation_that_holds_json_is_filled_with_it(text: str, hint: object, expected: object) -> None:
    found = coerce(text, type_from_hint(hint))
    assert found == expected
    assert type(found) is type(expected)


def test_text_of_a_nullable_string_stays_text() -> None:
    assert coerce("null", type_from_hint(str | None)) == "null"


@pytest.mark.parametrize("value", [None, "null", "9" * 5_000])
def test_what_is_no_number_that_can_be_read_is_no_integer(value: object) -> None:
    with pytest.raises(CoercionError, match="is not an integer"):
        coerce(value, ValueType("integer"))


def test_one_of_several_types_is_any_that_pydantic_chooses() -> None:
    several = type_from_hint(int | list[int])
    assert str(several) == "any"
    assert coerce("5", several) == 5
    with pytest.raises(CoercionError):
        coerce("x", several)


@pytest.mark.parametrize(
    ("schema", "text", "expected"),
    [
        ({"type": "array", "items": {"type": ["integer", "null"]}}, "[1, null]", [1, None]),
        ({"type": "array", "items": {"enum": [[1], {"a": 2}]}}, '[{"a": 2}]', [{"a": 2}]),
        ({"type": "array", "items": {"enum": ["a", "b", None]}}, '["b", null]', ["b", None]),
        ({"type": "object", "additionalProperties": {"enum": [1]}}, '{"a": "1"}', {"a": 1}),
        ({"type": "array", "items": True}, '["a", 1]', ["a", 1]),
        ({"type": "array", "items": {"description": "any"}}, '["a", 1]', ["a", 1]),
        ({"type": "string", "format": ["date"]}, "text", "text"),
    ],
)
def test_a_schema_says_what_items_may_be(schema: dict[str, object], text: str, expected: object) -> None:
    assert coerce(text, ValueType.from_json_schema(schema)) == expected


def test_an_item_that_is_no_allowed_value_is_refused() -> None:
    some = ValueType.from_json_schema({"type": "array", "items": {"enum": ["a", "b"]}})
    with pytest.raises(CoercionError, match="is not an array: 1: value error, it must be one of a, b"):
        coerce('["a", "c"]', some)


class _Incomparable:
    def __eq__(self, other: object) -> bool:
        raise ValueError("ambiguous")

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize("value", [True, 1.5, _Incomparable(), [1]])
def test_a_choice_is_met_by_its_own_value_only(value: object) -> None:
    with pytest.raises(CoercionError, match="it must be one of 1, 2"):
        coerce(value, ValueType("integer", choices=(1, 2)))
    assert coerce(2.0, ValueType("integer", choices=(1, 2))) == 2


def test_types_whose_choices_look_alike_are_told_apart() -> None:
    whole = ValueType("array", items=ValueType(choices=(1,)))
    truth = ValueType("array", items=ValueType(choices=(True,)))
    assert coerce("[1]", whole) == [1]
    assert coerce("[true]", truth) == [True]
    with pytest.raises(CoercionError):
        coerce("[1]", truth)


@pytest.mark.parametrize(
    "value", [float("nan"), [float("inf")], {"a": -float("inf")}, [10**5_000], 10**5_000], ids=type
)
def test_every_number_can_be_written_as_strict_json(value: object) -> None:
    assert json.loads(json.dumps(jsonable(value), allow_nan=False)) == jsonable(value)


def test_numbers_that_json_does_not_know_are_text() -> None:
    assert text(float("nan")) == "NaN"
    assert jsonable([float("inf"), -float("inf"), 1.5]) == ["Infinity", "-Infinity", 1.5]
    assert text(16**4_000) == "0x1" + "0" * 4_000
    assert text(10**4_000) == "1" + "0" * 4_000


def test_the_text_of_a_text_enumeration_is_its_value() -> None:
    assert f"{text(Colour.RED)} {text([Colour.RED])}" == 'red ["red"]'
    assert type(text(Colour.RED)) is str


def test_what_cannot_be_shown_is_named_by_its_type() -> None:
    with pytest.raises(CoercionError) as caught:
        coerce(_Incomparable(), ValueType("integer"))
    assert str(caught.value).startswith("'a _Incomparable' is not an integer: ")
    with pytest.raises(CoercionError, match="'a int' is not a boolean"):
        coerce(10**5_000, ValueType("boolean"))


@pytest.mark.parametrize("kind", ["integer", "boolean"])
@pytest.mark.parametrize(
    "written",
    [
        "0",
        "7",
        "42",
        "007",
        "-1",
        "+1",
        "1_000",
        " 1",
        "1.0",
        "9" * 15,
        "9" * 30,
        "１２",
        "²",
        "",
        "true",
        "false",
        "True",
    ],
)
def test_text_is_read_as_pydantic_reads_it(kind: Literal["integer", "boolean"], written: str) -> None:
    """What is read without a validator is read as the validator would."""
    try:
        expected: object = TypeAdapter({"integer": int, "boolean": bool}[kind]).validate_python(written)
    except ValidationError:
        with pytest.raises(CoercionError):
            coerce(written, ValueType(kind))
    else:
        read = coerce(written, ValueType(kind))
        assert (read, type(read)) == (expected, type(expected))
