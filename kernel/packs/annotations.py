"""Annotations as they are written, read into value types without evaluating anything.

What `type_from_hint` says of the evaluated annotation, `read_annotation` says of its text.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from forethought.kernel.values import ANY, Kind, ValueType

from .names import Names

__all__ = ["Annotation", "read_annotation"]

_DEPTH = 40
_KINDS: Mapping[str, Kind] = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "None": "null",
    "datetime.date": "date",
    "datetime.datetime": "date-time",
    "datetime.time": "time",
    "datetime.timedelta": "duration",
}
_ARRAYS = frozenset(
    {"list", "tuple", "set", "frozenset", "List", "Tuple", "Set", "FrozenSet", "Sequence", "MutableSequence"}
)
_OBJECTS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "DefaultDict", "OrderedDict"})
_LITERALS: Mapping[type, Kind] = {str: "string", bool: "boolean", int: "integer", type(None): "null"}


@dataclass(frozen=True, slots=True)
class Annotation:
    """What an annotation says: the type, and in `Annotated[...]` a description, and whether a planner may fill it.

    `name` is the type's own dotted name, empty where it is no plain name.
    """

    type: ValueType = ANY
    description: str = ""
    hidden: bool = False
    name: str = ""


def read_annotation(node: ast.expr | None, names: Names) -> Annotation:
    """Read an annotation; nothing annotated, or what has no counterpart, is `any`."""
    return Annotation() if node is None else _read(node, _Module(names), 0)


@dataclass(frozen=True, slots=True)
class _Module:
    """The names of a module, and what each of them was read as at each depth: aliases of aliases are read once."""

    names: Names
    read: dict[tuple[str, int], Annotation] = dataclasses.field(default_factory=dict[tuple[str, int], Annotation])


def _read(node: ast.expr, module: _Module, depth: int) -> Annotation:
    if depth > _DEPTH:
        return Annotation()
    if not isinstance(node, ast.Name):
        return _written(node, module, depth)
    key = (node.id, depth)
    if key not in module.read:
        module.read[key] = _written(module.names.resolve(node), module, depth)
    return module.read[key]


def _written(node: ast.expr, module: _Module, depth: int) -> Annotation:
    match node:
        case ast.Constant(None):
            return Annotation(ValueType("null"))
        case ast.Constant(str(text)):
            try:
                inner = ast.parse(text.strip(), mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return Annotation()
            return _read(inner, module, depth + 1)
        case ast.BinOp(left, ast.BitOr(), right):
            return _union([*_flat(left), right], module, depth)
        case ast.Subscript(value, inside):
            of = inside.elts if isinstance(inside, ast.Tuple) else [inside]
            return _subscript(_last(module.names.origin(value)), of, module, depth)
        case ast.Name() | ast.Attribute():
            return _plain(module.names.origin(node), module.names)
        case _:
            return Annotation()


def _flat(node: ast.expr) -> list[ast.expr]:
    """Return the members of `a | b | c`, without recursion."""
    rest: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        rest.append(node.right)
        node = node.left
    return [node, *reversed(rest)]


def _plain(origin: str, names: Names) -> Annotation:
    if origin in names.records:
        return Annotation(ValueType("object"), name=origin)
    kind = _KINDS.get(origin, "any")
    if kind == "any":
        last = _last(origin)
        kind = "array" if last in _ARRAYS else "object" if last in _OBJECTS else "any"
    return Annotation(ValueType(kind), name=origin)


def _last(origin: str) -> str:
    return origin.rpartition(".")[2]


def _subscript(outer: str, of: list[ast.expr], module: _Module, depth: int) -> Annotation:
    match outer:
        case "Annotated":
            return _annotated(of, module, depth)
        case "Literal":
            return _literal(of, module.names)
        case "Optional":
            return _union([of[0], ast.Constant(None)], module, depth)
        case "Union":
            return _union(of, module, depth)
        case "Required" | "NotRequired" | "Final" | "ReadOnly":
            return _read(of[0], module, depth + 1)
        case _ if outer in _OBJECTS:
            items = _read(of[1], module, depth + 1).type if len(of) == 2 else None
            return Annotation(ValueType("object", items=items))
        case _ if outer in _ARRAYS:
            alike = len(of) == 1 or (len(of) == 2 and isinstance(of[1], ast.Constant) and of[1].value is ...)
            return Annotation(ValueType("array", items=_read(of[0], module, depth + 1).type if alike else None))
        case _:
            return Annotation()


def _union(of: list[ast.expr], module: _Module, depth: int) -> Annotation:
    read = [_read(each, module, depth + 1) for each in of]
    rest = [each for each in read if each.type.kind != "null"]
    described = next((each.description for each in rest if each.description), "")
    hidden = any(each.hidden for each in rest)
    if len(rest) == 1:
        return dataclasses.replace(rest[0], type=dataclasses.replace(rest[0].type, nullable=len(rest) < len(read)))
    return Annotation(description=described, hidden=hidden)


def _literal(of: list[ast.expr], names: Names) -> Annotation:
    once = {each.id if isinstance(each, ast.Name) else each: each for each in of}  # a long text may have a short name
    try:
        choices = tuple(names.literal(each) for each in once.values())
    except ValueError:
        return Annotation()
    kinds: set[Kind] = {_LITERALS.get(type(choice), "any") for choice in choices}
    return Annotation(ValueType(kinds.pop() if len(kinds) == 1 else "any", choices=choices))


def _annotated(of: list[ast.expr], module: _Module, depth: int) -> Annotation:
    """Read `Annotated[type, "description", {"include_in_function_choices": False}, Field(description=...)]`."""
    inner = _read(of[0], module, depth + 1)
    for extra in of[1:]:
        told = extra
        if isinstance(extra, ast.Call):
            described = [each.value for each in extra.keywords if each.arg == "description"]
            told = described[0] if described else extra
        try:
            value = module.names.literal(told)
        except ValueError:
            continue
        if isinstance(value, str) and not inner.description:
            inner = dataclasses.replace(inner, description=value)
        elif isinstance(value, dict) and value.get("include_in_function_choices") is False:  # pyright: ignore[reportUnknownMemberType]
            inner = dataclasses.replace(inner, hidden=True)
    return inner
