"""JSON Schemas of other people's documents: references followed, in bounds, so that a ValueType can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from forethought.kernel.values import ValueType

__all__ = ["Schemas", "is_secret", "members", "sequence"]

_DEPTH = 16
_NODES = 2_000  # of one schema: references may multiply
_KEPT = ("type", "format", "default", "required", "writeOnly")


def members(value: object) -> Mapping[str, object]:
    """Return `value` where it is an object, else an empty one."""
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def sequence(value: object) -> Sequence[object]:
    """Return `value` where it is a list, else an empty one."""
    return cast("Sequence[object]", value) if isinstance(value, list) else ()


def is_secret(schema: Mapping[str, object]) -> bool:
    """Say whether what a schema describes is a secret: a password, or what is written and never given back."""
    choices = (*sequence(schema.get("anyOf")), *sequence(schema.get("oneOf")))
    said = schema.get("format") == "password" or schema.get("writeOnly") is True
    return said or any(is_secret(members(each)) for each in choices)


class Schemas:
    """The schemas of one document; references lead into the document itself, or nowhere."""

    def __init__(self, document: Mapping[str, object]) -> None:
        self._document = document

    def follow(self, node: object) -> Mapping[str, object]:
        """Return what `node` is, once its references are followed; nothing where they lead nowhere."""
        found = members(node)
        for _ in range(_DEPTH):
            reference = found.get("$ref")
            if not isinstance(reference, str):
                return found
            found = members(self._at(reference))
        return {}

    def type_of(self, schema: object) -> ValueType:
        """Return the type that `schema` describes."""
        return ValueType.from_json_schema(self.plain(schema))

    def plain(self, schema: object) -> Mapping[str, object]:
        """Return a schema without references and `allOf`; what nests in itself is cut off and may be anything."""
        return _Plain(self).of(schema, 0)

    def _at(self, reference: str) -> object:
        node: object = self._document
        if not reference.startswith("#/"):
            return None
        for part in reference[2:].split("/"):
            node = members(node).get(part.replace("~1", "/").replace("~0", "~"))
        return node


class _Plain:
    """One schema, while it is made plain."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._left = _NODES

    def of(self, schema: object, depth: int) -> Mapping[str, object]:
        self._left -= 1
        if depth > _DEPTH or self._left < 0:
            return {}
        given = self._schemas.follow(schema)
        made: dict[str, object] = {key: given[key] for key in _KEPT if key in given}
        said = {**members(schema), **given}.get("description")
        if isinstance(said, str):
            made["description"] = said
        choices = [given["const"]] if "const" in given else sequence(given.get("enum"))
        if choices and all(each is None or isinstance(each, str | int | float) for each in choices):
            made["enum"] = choices
        properties = members(given.get("properties"))
        if properties:
            made["properties"] = {str(name): self.of(each, depth + 1) for name, each in properties.items()}
        for key in ("items", "additionalProperties"):
            if isinstance(given.get(key), Mapping):
                made[key] = self.of(given[key], depth + 1)
        for key in ("anyOf", "oneOf"):
            if sequence(given.get(key)):
                made[key] = [self.of(each, depth + 1) for each in sequence(given[key])]
        for part in sequence(given.get("allOf")):
            _merge(made, self.of(part, depth + 1))
        if given.get("nullable") is True and isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
        if "type" not in made and "properties" in made:
            made["type"] = "object"
        return made


def _merge(made: dict[str, object], part: Mapping[str, object]) -> None:
    for key, value in part.items():
        if key == "properties":
            made[key] = {**members(made.get(key)), **members(value)}
        elif key == "required":
            made[key] = [*sequence(made.get(key)), *sequence(value)]
        else:
            made.setdefault(key, value)
