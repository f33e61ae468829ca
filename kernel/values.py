"""Typed values: what a parameter accepts, how text becomes a value, and how a value becomes text."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import functools
import json
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal, TypeGuard, cast, get_args

from .errors import CoercionError, PathError

__all__ = [
    "ANY",
    "STRING",
    "Kind",
    "PathPart",
    "ValueType",
    "coerce",
    "follow",
    "jsonable",
    "text",
    "type_from_hint",
]

Kind = Literal[
    "any", "string", "integer", "number", "boolean", "array", "object", "null", "date", "date-time", "time", "duration"
]

_TYPE_NAMES: frozenset[str] = frozenset(get_args(Kind))
PathPart = str | int

_JSON_FORMATS = frozenset({"date", "date-time", "time", "duration"})
_WRITABLE_BITS = 14_000  # of a whole number: Python writes out no more than 4,300 digits


@dataclass(frozen=True, slots=True)
class ValueType:
    """What a parameter accepts or a function returns.

    `kind` is a JSON Schema type name, one of its date formats, or `any`. `items` is the type of an array's items or
    of an object's values; `choices` the only values allowed; `fields` the named members of an object that is known to
    have them. `hint` is the Python annotation where code has been loaded: with it, values become that very type (a
    pydantic model, a dataclass); it takes no part in comparison.
    """

    kind: Kind = "any"
    items: ValueType | None = None
    choices: tuple[object, ...] = ()
    nullable: bool = False
    fields: tuple[tuple[str, ValueType], ...] = ()
    hint: object = dataclasses.field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        if self.choices:
            name = "|".join(json.dumps(choice, ensure_ascii=False) for choice in self.choices)
        elif self.items is not None and self.items.kind != "any":
            name = f"{self.kind}[{self.items}]"
        else:
            name = self.kind
        return f"{name}?" if self.nullable else name

    def json_schema(self) -> dict[str, object]:
        """Return this type as JSON Schema (2020-12)."""
        schema: dict[str, object] = {}
        if self.kind in _JSON_FORMATS:
            schema = {"type": "string", "format": self.kind}
        elif self.kind != "any":
            schema = {"type": self.kind}
        if self.items is not None:
            schema["additionalProperties" if self.kind == "object" else "items"] = self.items.json_schema()
        if self.fields:
            schema["properties"] = {name: field.json_schema() for name, field in self.fields}
        if self.choices:
            schema["enum"] = list(self.choices)
        if self.nullable and "type" in schema and self.kind != "null":
            schema["type"] = [schema["type"], "null"]
        return schema

    @classmethod
    def from_json_schema(cls, schema: Mapping[str, object]) -> ValueType:
        """Read a JSON Schema; what cannot be said with a ValueType becomes `any`."""
        named = schema.get("type")
        names = _items(named)
        nullable = "null" in names and named != "null"
        if names:
            rest = [name for name in names if name != "null"]
            named = rest[0] if len(rest) == 1 else "any"
        variants = [_members(variant) for variant in _items(schema.get("anyOf") or schema.get("oneOf"))]
        some = [variant for variant in variants if variant.get("type") != "null"]
        if named is None and len(some) == 1:
            return dataclasses.replace(cls.from_json_schema(some[0]), nullable=len(some) < len(variants))
        if named == "string" and str(schema.get("format")) in _JSON_FORMATS:
            named = schema["format"]
        kind = cast("Kind", named) if isinstance(named, str) and named in _TYPE_NAMES else "any"
        items = schema.get("items") if kind == "array" else schema.get("additionalProperties")
        return cls(
            kind=kind,
            items=cls.from_json_schema(items) if _is_mapping(items) else None,
            choices=tuple(_items(schema.get("enum"))),
            nullable=nullable,
            fields=tuple(
                (name, cls.from_json_schema(_members(field)))
                for name, field in _members(schema.get("properties")).items()
            ),
        )


def _is_class(value: object) -> TypeGuard[type[object]]:
    return isinstance(value, type)


def _is_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list | tuple)


def _members(value: object) -> Mapping[str, object]:
    return value if _is_mapping(value) else {}


def _items(value: object) -> Sequence[object]:
    return value if _is_sequence(value) else ()


ANY = ValueType()
STRING = ValueType("string")

_PLAIN: Mapping[object, Kind] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
    tuple: "array",
    set: "array",
    frozenset: "array",
    dict: "object",
    type(None): "null",
    datetime.date: "date",
    datetime.datetime: "date-time",
    datetime.time: "time",
    datetime.timedelta: "duration",
}
_PYTHON = {kind: python for python, kind in _PLAIN.items() if kind not in ("array", "object")}
_EXACT: Mapping[str, type] = {"string": str, "integer": int, "number": float, "boolean": bool}


def type_from_hint(hint: object) -> ValueType:  # one branch a form of annotation
    """Read a Python annotation: builtins, containers, Literal, Optional, Annotated, dates, models and dataclasses.

    What has no counterpart is `any`; every type read this way keeps the annotation, so values become what it says. A
    NewType, or a name made by `type`, is what it stands for.
    """
    stands_for: object = getattr(hint, "__supertype__", None) or getattr(hint, "__value__", None)
    if stands_for is not None and not _is_class(hint):
        return type_from_hint(stands_for)
    origin = typing.get_origin(hint)
    arguments: tuple[object, ...] = typing.get_args(hint)
    if origin is typing.Annotated:
        return type_from_hint(arguments[0])
    if hint is typing.Any or hint is object or hint is None:
        return ValueType("null") if hint is None else ANY
    if _is_class(hint) and hint in _PLAIN:
        return ValueType(_PLAIN[hint], hint=hint)
    if origin is Literal:
        kinds: set[Kind] = {_PLAIN.get(type(choice), "any") for choice in arguments}
        return ValueType(kinds.pop() if len(kinds) == 1 else "any", choices=arguments, hint=hint)
    if origin in (typing.Union, types.UnionType):
        rest = [argument for argument in arguments if argument is not type(None)]
        if len(rest) == 1:
            return dataclasses.replace(type_from_hint(rest[0]), nullable=True, hint=hint)
        return ValueType("any", hint=hint)
    holder = origin or hint
    if _is_class(holder) and not issubclass(holder, str | bytes | bytearray | memoryview | range):
        if issubclass(holder, Mapping):
            items = type_from_hint(arguments[1]) if len(arguments) == 2 else None
            return ValueType("object", items=items, hint=hint)
        if issubclass(holder, Sequence | Set):
            items = type_from_hint(arguments[0]) if arguments and arguments[1:] in ((), (...,)) else None
            return ValueType("array", items=items, hint=hint)
    if _is_class(hint) and (dataclasses.is_dataclass(hint) or hasattr(hint, "model_fields")):
        return ValueType("object", hint=hint)
    return ValueType("any", hint=hint)


def jsonable(value: object) -> object:
    """Return `value` as plain JSON data; models, dataclasses, dates and sets become what JSON has for them.

    Bytes are UTF-8, or else base64. Numbers that JSON does not know are text: `NaN`, `Infinity`, and in hexadecimal one
    too long to be written out. A value that contains itself, or refuses to be read, is given as Python shows it.
    """
    if value is None or isinstance(value, str | int | float):
        return _strict(value)
    from pydantic_core import to_jsonable_python

    read = functools.partial(to_jsonable_python, value, serialize_unknown=True)
    try:
        return _strict(read())
    except UnicodeDecodeError:
        return _strict(read(bytes_mode="base64"))
    except (ValueError, RecursionError):
        return repr(value)


def _strict(plain: object) -> object:
    """Return plain data with text in place of the numbers that JSON does not know."""
    match plain:
        case int() if plain.bit_length() > _WRITABLE_BITS:
            return hex(plain)
        case float() if not math.isfinite(plain):
            return json.dumps(plain)
        case list():
            return [_strict(each) for each in cast("list[object]", plain)]
        case dict():
            return {key: _strict(each) for key, each in cast("dict[str, object]", plain).items()}
        case _:
            return plain


def text(value: object) -> str:
    """Return `value` as it reads inside a text: a string as it is, everything else as JSON (dates as ISO text)."""
    if isinstance(value, str):
        return value if type(value) is str else str.__str__(value)  # of a text enumeration, not its member's name
    plain = jsonable(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def coerce(value: object, expected: ValueType) -> object:
    """Return `value` as `expected` has it, or raise CoercionError.

    Text is read: `"false"` is False, JSON text fills arrays, objects and models, ISO text fills dates. A string
    parameter takes anything, as `text` writes it. `any` takes everything unchanged. Pydantic's lax rules decide what
    fits (https://docs.pydantic.dev/latest/concepts/conversion_table/).
    """
    kind = expected.kind
    if (kind == "any" and expected.hint is None and not expected.choices) or (value is None and expected.nullable):
        return value
    if expected.choices:
        return _among(value, expected)
    if kind == "string":
        return text(value)
    exact = _EXACT.get(kind)
    if type(value) is exact:
        return value
    if isinstance(value, str) and (expected.hint is None or expected.hint is exact) and _is_plain(value, kind):
        return int(value) if kind == "integer" else value == "true"
    return _validate(value, expected)


def _is_plain(text: str, kind: Kind) -> bool:
    """Say whether `text` is an integer or a boolean as almost all are written, which needs no validator to be read."""
    if kind == "integer":
        return text.isdecimal() and text.isascii() and len(text) < 16 and (text[0] != "0" or text == "0")
    return kind == "boolean" and text in ("true", "false")


def _among(value: object, expected: ValueType) -> object:
    plain = jsonable(value)  # foreign values may not like to be compared
    for choice in expected.choices:
        alike = isinstance(plain, bool) is isinstance(choice, bool)
        if (alike and plain == jsonable(choice)) or (isinstance(value, str) and value == text(choice)):
            return choice
    if expected.nullable and value == "null":
        return None
    listed = ", ".join(text(choice) for choice in expected.choices)
    raise CoercionError(value, "allowed value", f"it must be one of {listed}")


def _validate(value: object, expected: ValueType) -> object:
    from pydantic import PydanticUserError, ValidationError

    read = value
    if isinstance(value, str) and (expected.kind in ("array", "object") or (expected.nullable and value == "null")):
        try:
            read = cast("object", json.loads(value))
        except (ValueError, RecursionError) as error:
            raise CoercionError(value, str(expected), f"it is not JSON ({error})") from error
        if read is None and expected.nullable:
            return None
    validate = _validator(expected)
    try:
        return validate(read)
    except ValidationError as error:
        plain = jsonable(read)
        if plain is not read:  # a model or a dataclass where another one, or plain data, is expected
            with contextlib.suppress(ValidationError):
                return validate(plain)
        first = error.errors(include_url=False)[0]
        where = "".join(f"{part}: " for part in first["loc"])
        raise CoercionError(value, _said(expected), where + first["msg"][:1].lower() + first["msg"][1:]) from error
    except PydanticUserError as error:
        raise CoercionError(value, _said(expected), "its annotations name what is not defined") from error


def _said(expected: ValueType) -> str:
    """Return the type's name; one that JSON Schema has no word for has its name in Python."""
    return str(getattr(expected.hint, "__name__", expected)) if expected.kind == "any" else str(expected)


_Validate = Callable[[object], object]
_validators: dict[object, tuple[_Validate, object]] = {}  # each with its hint, so that the hint keeps its id


def _validator(expected: ValueType) -> _Validate:
    key = (repr(expected), id(expected.hint))
    found = _validators.get(key)
    if found is None:
        found = _validators[key] = (_made_validator(expected), expected.hint)
    return found[0]


def _made_validator(expected: ValueType) -> _Validate:
    from pydantic import ConfigDict, PydanticUserError, TypeAdapter

    made: TypeAdapter[object]
    try:
        made = TypeAdapter(_python(expected), config=ConfigDict(arbitrary_types_allowed=True))
    except PydanticUserError:
        try:
            made = TypeAdapter(_python(expected))  # models and dataclasses have a configuration of their own
        except PydanticUserError:  # what pydantic has no schema for, such as a TypedDict before Python 3.12
            made = TypeAdapter(_python(dataclasses.replace(expected, hint=None)))
    return made.validate_python


def _python(expected: ValueType) -> typing.Any:
    if expected.hint is not None:
        return expected.hint
    inner: typing.Any = _python(expected.items) if expected.items else object
    made: typing.Any = {**_PYTHON, "array": list[inner], "object": dict[str, inner]}.get(expected.kind, object)
    if expected.choices:
        from pydantic import PlainValidator

        made = typing.Annotated[object, PlainValidator(lambda value: _item_among(value, expected))]
    return typing.Union[made, None] if expected.nullable else made  # noqa: UP007 - of what is known only here


def _item_among(value: object, expected: ValueType) -> object:
    try:
        return coerce(value, expected)
    except CoercionError as error:
        raise ValueError(error.reason) from error


def follow(value: object, path: Sequence[PathPart]) -> object:
    """Follow fields and items into `value`; a negative item counts from the end. Raises PathError.

    Only data is reached: keys of mappings, fields of pydantic models and dataclasses, items of lists and tuples.
    """
    for depth, part in enumerate(path):
        value = _part(value, part, path[: depth + 1])
    return value


def _part(value: object, part: PathPart, walked: Sequence[PathPart]) -> object:
    shown = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in walked)
    if isinstance(part, int):
        if not _is_sequence(value):
            raise PathError(shown, f"{_named(value)} has no items")
        if not -len(value) <= part < len(value):
            raise PathError(shown, f"the list has {len(value)} items")
        return value[part]
    members: Mapping[str, object] | None = None
    fields: object = getattr(type(value), "model_fields", None)
    if _is_mapping(value):
        members = value
    elif _is_mapping(fields):
        members = {name: getattr(value, name) for name in fields}
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        members = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if members is None:
        raise PathError(shown, f"{_named(value)} has no fields")
    if part not in members:
        known = ", ".join(sorted(map(str, members))[:8]) or "none"
        raise PathError(shown, f"no field '{part}' (it has: {known})")
    return members[part]


def _named(value: object) -> str:
    kind: type[object] = type(value)
    name = _PLAIN.get(kind, kind.__name__)
    return "nothing (null)" if value is None else f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"
