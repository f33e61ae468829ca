"""Schemas: what the short form means, what is refused, and what keeps a value from fitting."""

from __future__ import annotations

import pytest

from forethought.kernel.errors import CoercionError
from forethought.kernel.schemas import checked, misfit, schema_of, with_way_out


def fields(required: list[str], **properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ({"name": "string", "age": "integer"}, fields(["name", "age"], name=TEXT, age={"type": "integer"})),
        ('{"name": "string"}', fields(["name"], name=TEXT)),
        (
            {"born": "date?", "more": "any"},
            fields(["more"], born={"type": ["string", "null"], "format": "date"}, more={}),
        ),
        ({"tags": ["string"]}, fields(["tags"], tags={"type": "array", "items": TEXT})),
        (
            {"rows": [{"email": "string?"}]},
            fields(["rows"], rows={"type": "array", "items": fields([], email={"type": ["string", "null"]})}),
        ),
        ({"type": "string", "name": "string"}, fields(["type", "name"], type=TEXT, name=TEXT)),
        ({"title": "string"}, fields(["title"], title=TEXT)),
        ({"type": "string"}, TEXT),
        ({"type": "object", "properties": {"a": TEXT}}, {"type": "object", "properties": {"a": TEXT}}),
        ({"enum": ["a", "b"]}, {"enum": ["a", "b"]}),
    ],
    ids=str,
)
def test_the_short_form_and_json_schema_are_told_apart(given: object, means: object) -> None:
    assert schema_of(given) == means


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("{", "it is not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))"),
        ([], "it must be an object"),
        ({"name": "strng"}, "name: write a type (any, string, "),
        ({"rows": [{"a": ["x", "y"]}]}, "rows[].a: write a type ("),
        ({}, "write a type ("),
        ({"type": "strng"}, "type: 'strng' is not valid under any of the given schemas"),
        (
            {"type": "object", "properties": {"a": {"minimum": "x"}}},
            "properties.a.minimum: 'x' is not of type 'number'",
        ),
        ({"type": "object", "properties": {"a": {"pattern": "(a+)+$"}}}, "it has a 'pattern', which is not looked at"),
        ("[" * 100_000, "it is not JSON (maximum recursion depth exceeded"),
    ],
    ids=lambda each: str(each)[:40],
)
def test_what_is_no_schema_is_refused_with_the_reason(given: object, reason: str) -> None:
    with pytest.raises(CoercionError) as caught:
        schema_of(given)
    assert caught.value.expected == "schema"
    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({"rows": [{"age": 3}]}, ""),
        ({"rows": [{"age": 3}, {"age": "x"}]}, "rows[1].age: 'x' is not of type 'integer'"),
        ({"rows": [{"year": 3}]}, "rows[0]: 'age' is a required property"),
        ({"rows": [], "more": 1}, "Additional properties are not allowed ('more' was unexpected)"),
        ([1], "[1] is not of type 'object'"),
    ],
    ids=str,
)
def test_what_keeps_a_value_from_fitting_has_a_place(value: object, complaint: str) -> None:
    assert misfit(value, schema_of({"rows": [{"age": "integer"}]})) == complaint


def test_formats_are_looked_at() -> None:
    schema = schema_of({"born": "date"})
    assert misfit({"born": "2024-02-29"}, schema) == ""
    assert misfit({"born": "yesterday"}, schema) == "born: 'yesterday' is not a 'date'"


def test_a_long_complaint_is_cut() -> None:
    assert misfit("x" * 9_000, {"type": "integer"}) == f"'{'x' * 299}…"


@pytest.mark.parametrize("reference", ["http://127.0.0.1:9/schema.json", "#/nowhere", "file:///etc/passwd"])
def test_nothing_outside_a_schema_is_fetched(reference: str) -> None:
    with pytest.raises(CoercionError, match="it refers to what is not in it: "):
        misfit(1, {"$ref": reference})


def test_a_schema_that_refers_to_itself_without_end_is_refused() -> None:
    with pytest.raises(CoercionError, match="it refers to itself without end"):
        misfit(1, {"$ref": "#"})


def test_a_declared_schema_is_checked_and_may_have_patterns() -> None:
    schema = {"type": "object", "properties": {"code": {"type": "string", "pattern": "^[A-Z]+$"}}}
    assert checked(schema) is schema
    assert misfit({"code": "ab"}, schema) == "code: 'ab' does not match '^[A-Z]+$'"
    with pytest.raises(CoercionError, match="type: 'text' is not valid"):
        checked({"type": "text"})


def test_the_way_out_fits_beside_the_schema_and_nothing_else_does() -> None:
    inner = {"$ref": "#/$defs/a", "$defs": {"a": {"type": "integer"}}}
    schema = with_way_out(inner, "why")
    assert schema is not None
    assert [misfit(each, schema) == "" for each in (3, {"why": "no"}, {"why": ""}, {"why": "x", "y": 1}, "x")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert with_way_out({"type": "object", "properties": {"inner": {"$ref": "#"}}}, "why") is None
