"""Tools of an MCP server as functions: what the server says of each, read as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from forethought.kernel.functions import EVERYTHING, Effect, FunctionSignature, Parameter
from forethought.kernel.values import ANY, ValueType

from .naming import plan_safe, unused
from .places import McpPlace
from .schemas import Schemas, is_secret, members, sequence

__all__ = ["Reply", "Tool", "ToolSource", "read_tool", "tool_digest"]

_KEPT = ("name", "description", "inputSchema", "outputSchema", "annotations")

Tool = Mapping[str, object]
"""A tool as the server describes it: `name`, `description`, `inputSchema`, `outputSchema`, `annotations`."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a tool gave back: text, data, or, where it `failed`, what it said about that."""

    value: object
    failed: bool = False
    structured: bool = False


class _Hints(TypedDict):
    effect: Effect
    idempotent: bool
    destructive: bool
    open_world: bool


@dataclass(frozen=True, slots=True)
class ToolSource:
    """A tool of a server: `names` are the server's own names of the parameters, by ours."""

    place: McpPlace
    tool: str
    digest: str
    names: Mapping[str, str]
    wrapped: bool


def read_tool(raw: Tool, plugin: str, place: McpPlace, *, source: str = "") -> tuple[FunctionSignature, ToolSource]:
    """Return the signature of a tool, and what is needed to call it.

    MCP's hints become the effect: a read-only tool reads the plugin's resource, one that says it is not writes it, one
    that does not say writes everything. What is not said is what MCP assumes: destructive, not idempotent, open world.
    """
    schemas = Schemas(members(raw.get("inputSchema")))
    schema = schemas.plain(raw.get("inputSchema"))
    properties, required = members(schema.get("properties")), sequence(schema.get("required"))
    names: dict[str, str] = {}
    parameters: list[Parameter] = []
    for name, each in properties.items():
        ours = unused(plan_safe(name), names)
        names[ours] = name
        parameters.append(_parameter(ours, members(each), required=name in required))
    wrapped = _wraps_result(raw.get("outputSchema"))
    name = str(raw.get("name", ""))
    digest = tool_digest(raw)
    signature = FunctionSignature(
        plugin=plugin,
        name=plan_safe(name),
        kind="tool",
        description=_first_paragraph(raw.get("description")),
        parameters=tuple(parameters),
        returns=_returns(raw.get("outputSchema"), wrapped=wrapped),
        definition=hashlib.sha256(f"{place.digest()} {digest}".encode()).hexdigest(),
        source=source,
        **_hints(members(raw.get("annotations")), plugin),
    )
    return signature, ToolSource(place, name, digest, names, wrapped)


def tool_digest(raw: Tool) -> str:
    """Return the SHA-256 of all that a server says of a tool and that we go by."""
    kept = {key: raw[key] for key in _KEPT if raw.get(key) is not None}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _wraps_result(schema: object) -> bool:
    """Say whether a tool's structured output is an object around one `result`, as servers write what is no object."""
    properties = members(members(schema).get("properties"))
    return list(properties) == ["result"]


def _parameter(name: str, schema: Mapping[str, object], *, required: bool) -> Parameter:
    described = schema.get("description")
    return Parameter(
        name=name,
        type=ValueType.from_json_schema(schema),
        required=required,
        default=schema.get("default"),
        description=described if isinstance(described, str) else "",
        secret=is_secret(schema),
    )


def _returns(schema: object, *, wrapped: bool) -> ValueType:
    if not members(schema):
        return ANY
    found = Schemas(members(schema)).plain(schema)
    inner = members(found.get("properties")).get("result") if wrapped else found
    return ValueType.from_json_schema(members(inner))


def _first_paragraph(text: object) -> str:
    said = text if isinstance(text, str) else ""
    return " ".join(said.strip().partition("\n\n")[0].split())


def _hints(said: Mapping[str, object], plugin: str) -> _Hints:
    read_only = said.get("readOnlyHint")
    if read_only is True:
        effect = Effect.parse("reads", plugin)
    elif read_only is False:
        effect = Effect.parse("writes", plugin)
    else:
        effect = Effect(writes=frozenset({EVERYTHING}))
    return {
        "effect": effect,
        "idempotent": read_only is True or said.get("idempotentHint") is True,
        "destructive": read_only is not True and said.get("destructiveHint") is not False,
        "open_world": said.get("openWorldHint") is not False,
    }
