"""JSON Schemas of values: read from a short form or from JSON Schema itself, and held against a value."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol, cast, get_args

from .errors import CoercionError
from .values import Kind, ValueType, jsonable

__all__ = ["JsonSchema", "Schema", "checked", "misfit", "schema_of", "with_way_out"]

Schema = Mapping[str, object]

_TYPES = tuple(get_args(Kind))
_DECIDING = frozenset(
    {"$ref", "$schema", "allOf", "anyOf", "const", "enum", "items", "not", "oneOf", "prefixItems", "properties", "type"}
)
_KEYWORDS = _DECIDING | frozenset(
    {
        *("$defs", "$id", "additionalProperties", "default", "definitions", "description", "examples", "format"),
        *("maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum", "multipleOf", "pattern"),
        *("patternProperties", "required", "title", "uniqueItems"),
    }
)
_LONGEST = 300  # characters of what is wrong, which quotes the value
_SLOW = ("pattern", "patternProperties")


class JsonSchema:
    """The annotation of a parameter whose values are schemas: a literal that is none is found before anything runs."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _: object, __: object) -> object:
        from pydantic_core import PydanticCustomError, core_schema

        def validate(value: object) -> Schema:
            try:
                return schema_of(value)
            except CoercionError as error:
                raise PydanticCustomError("schema", "{reason}", {"reason": error.reason}) from error

        return core_schema.no_info_plain_validator_function(validate)


def schema_of(given: object) -> Schema:
    """Return the JSON Schema that `given` means: one in full, or the short form, as data or as JSON text.

    In the short form a type is its name (`"integer"`, with `?` where it may be missing), a list its items' type in a
    list, an object its fields: `{"name": "string", "born": "date?", "tags": ["string"]}`. What has a field that is no
    keyword of JSON Schema is the short form. A pattern is refused: one of a stranger's may take for ever. Raises
    CoercionError with the reason.
    """
    if isinstance(given, str):
        try:
            given = cast("object", json.loads(given))
        except (ValueError, RecursionError) as error:
            raise CoercionError(given, "schema", f"it is not JSON ({error})") from error
    plain = jsonable(given)
    if not isinstance(plain, dict):
        raise CoercionError(given, "schema", "it must be an object")
    written = cast("dict[str, object]", plain)
    try:
        if _is_schema(written):
            slow = next((key for key in _keys(written) if key in _SLOW), None)
            if slow:
                raise CoercionError(written, "schema", f"it has a '{slow}', which is not looked at here")
            return checked(written)
        return _lengthened(written, "")
    except RecursionError as error:
        raise CoercionError("…", "schema", "it is nested too deeply") from error


def checked(schema: Schema) -> Schema:
    """Return `schema`; raises CoercionError where it is no JSON Schema."""
    library = _library()
    try:
        library.validators.validator_for(schema, library.Draft202012Validator).check_schema(schema)
    except library.exceptions.SchemaError as error:
        said = cast("_Misfit", error)
        raise CoercionError(schema, "schema", f"{_where(said.absolute_path)}{said.message}") from error
    return schema


def misfit(value: object, schema: Schema) -> str:
    """Return what keeps `value` from fitting `schema`, with its place, or nothing; no address is ever fetched.

    Raises CoercionError where the schema refers to what is not in it, or to itself without end.
    """
    library = _library()
    known = cast("_Specifications", importlib.import_module("jsonschema_specifications")).REGISTRY
    validator = library.validators.validator_for(schema, library.Draft202012Validator)
    validator = validator(schema, registry=known, format_checker=validator.FORMAT_CHECKER)
    unresolvable = cast("_Referencing", importlib.import_module("referencing.exceptions")).Unresolvable
    try:
        found = library.exceptions.best_match(validator.iter_errors(value))
    except unresolvable as error:
        raise CoercionError(schema, "schema", f"it refers to what is not in it: {error}") from error
    except RecursionError as error:
        raise CoercionError(schema, "schema", "it refers to itself without end") from error
    if found is None:
        return ""
    said = found.message if len(found.message) <= _LONGEST else f"{found.message[:_LONGEST]}…"
    return f"{_where(found.absolute_path)}{said}"


def with_way_out(schema: Schema, way_out: str) -> Schema | None:
    """Return a schema that what fits `schema` fits, and an object whose only field `way_out` is a text.

    None where references in the schema would lead elsewhere then.
    """
    references = (each for key, each in _members(schema) if key == "$ref")
    if not all(isinstance(each, str) and each.startswith(("#/$defs/", "#/definitions/")) for each in references):
        return None
    hoisted = {key: schema[key] for key in ("$defs", "definitions") if key in schema}
    own = {key: each for key, each in schema.items() if key not in hoisted and key != "$schema"}
    refusal: Schema = {
        "type": "object",
        "properties": {way_out: {"type": "string", "minLength": 1, "maxLength": 200}},
        "required": [way_out],
        "additionalProperties": False,
    }
    return {"anyOf": [own, refusal], **hoisted}


def _is_schema(given: Mapping[str, object]) -> bool:
    return not _DECIDING.isdisjoint(given) and (given.keys() <= _KEYWORDS or not _is_short(given))


def _is_short(given: object) -> bool:
    """Say whether all of `given` is the short form."""
    match given:
        case str():
            return given.removesuffix("?") in _TYPES
        case list():
            items = cast("list[object]", given)
            return len(items) == 1 and _is_short(items[0])
        case dict():
            return all(map(_is_short, cast("dict[str, object]", given).values()))
        case _:
            return False


def _lengthened(given: object, place: str) -> dict[str, object]:
    match given:
        case str() if given.removesuffix("?") in _TYPES:
            return ValueType(cast("Kind", given.removesuffix("?")), nullable=given.endswith("?")).json_schema()
        case list() if len(items := cast("list[object]", given)) == 1:
            return {"type": "array", "items": _lengthened(items[0], f"{place}[]")}
        case dict() if given:
            fields = cast("dict[str, object]", given)
            return {
                "type": "object",
                "properties": {name: _lengthened(each, f"{place}.{name}") for name, each in fields.items()},
                "required": [name for name, each in fields.items() if not str(each).endswith("?")],
                "additionalProperties": False,
            }
        case _:
            types = ", ".join(_TYPES)
            at = f"{place.lstrip('.')}: " if place else ""
            raise CoercionError(given, "schema", f'{at}write a type ({types}), ["string"] for a list, or fields')


def _members(schema: object) -> Iterator[tuple[str, object]]:
    """Yield every key of a schema with its value, at any depth."""
    if isinstance(schema, Mapping):
        for key, each in cast("Mapping[str, object]", schema).items():
            yield key, each
            yield from _members(each)
    elif isinstance(schema, list | tuple):
        for each in cast("Sequence[object]", schema):
            yield from _members(each)


def _keys(schema: Schema) -> Iterator[str]:
    return (key for key, _ in _members(schema))


def _where(path: Iterable[str | int]) -> str:
    shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    return f"{shown}: " if shown else ""


class _Misfit(Protocol):
    """What we use of jsonschema's errors."""

    message: str
    absolute_path: Iterable[str | int]


class _Validator(Protocol):
    """What we use of its validators."""

    FORMAT_CHECKER: object

    def __call__(self, schema: Schema, /, *, registry: object, format_checker: object) -> _Validator: ...
    def check_schema(self, schema: Schema, /) -> None: ...
    def iter_errors(self, value: object, /) -> Iterator[_Misfit]: ...


class _Exceptions(Protocol):
    SchemaError: type[Exception]

    def best_match(self, errors: Iterator[_Misfit], /) -> _Misfit | None: ...


class _Validators(Protocol):
    def validator_for(self, schema: Schema, default: _Validator, /) -> _Validator: ...


class _Library(Protocol):
    """The module `jsonschema`, which has no types of its own."""

    Draft202012Validator: _Validator
    exceptions: _Exceptions
    validators: _Validators


class _Specifications(Protocol):
    REGISTRY: object


class _Referencing(Protocol):
    Unresolvable: type[Exception]


def _library() -> _Library:
    return cast("_Library", importlib.import_module("jsonschema"))
