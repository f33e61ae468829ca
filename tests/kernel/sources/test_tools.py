"""A tool of an MCP server is a function: its parameters typed, its hints an effect."""

from __future__ import annotations

import pytest

from forethought.kernel.sources.places import McpPlace
from forethought.kernel.sources.tools import read_tool

PLACE = McpPlace(command=("serve",))


@pytest.mark.parametrize(
    ("annotations", "effect", "idempotent", "destructive", "open_world"),
    [
        (None, "writes:*", False, True, True),
        ({"title": "X"}, "writes:*", False, True, True),
        ({"readOnlyHint": True}, "reads:mail", True, False, True),
        ({"readOnlyHint": True, "destructiveHint": True, "openWorldHint": False}, "reads:mail", True, False, False),
        ({"readOnlyHint": False}, "writes:mail", False, True, True),
        ({"readOnlyHint": False, "destructiveHint": False, "idempotentHint": True}, "writes:mail", True, False, True),
        ({"readOnlyHint": "yes"}, "writes:*", False, True, True),
    ],
)
def test_hints_are_an_effect_and_what_is_not_said_is_what_mcp_assumes(
    annotations: object, effect: str, idempotent: bool, destructive: bool, open_world: bool
) -> None:
    signature, _ = read_tool({"name": "f", "annotations": annotations}, "Mail", PLACE)
    found = (str(signature.effect), signature.idempotent, signature.destructive, signature.open_world)
    assert found == (effect, idempotent, destructive, open_world)


def test_an_input_schema_is_parameters_and_their_own_names_are_kept() -> None:
    schema = {
        "$defs": {"Day": {"type": "string", "format": "date", "description": "When"}},
        "type": "object",
        "properties": {
            "due": {"$ref": "#/$defs/Day"},
            "max results": {"type": ["integer", "null"], "default": None},
            "Max-Results": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "max_results": {},
        },
        "required": ["due"],
    }
    signature, source = read_tool({"name": "a.b", "inputSchema": schema}, "Mail", PLACE)
    assert signature.full_name == "Mail.a_b"
    assert [(each.name, str(each.type), each.required, each.description) for each in signature.parameters] == [
        ("due", "date", True, "When"),
        ("max_results", "integer?", False, ""),
        ("Max-Results", "string?", False, ""),
        ("max_results_2", "any", False, ""),
    ]
    assert source.tool == "a.b"
    assert list(source.names.values()) == ["due", "max results", "Max-Results", "max_results"]


def test_a_password_and_what_is_only_written_are_secrets() -> None:
    properties = {"user": {"type": "string"}, "a": {"type": "string", "format": "password"}, "b": {"writeOnly": True}}
    schema = {"type": "object", "properties": properties}
    signature, _ = read_tool({"name": "f", "inputSchema": schema}, "Mail", PLACE)
    assert [each.name for each in signature.parameters if each.secret] == ["a", "b"]


def test_an_output_around_one_result_is_that_result() -> None:
    wrapped = {"type": "object", "properties": {"result": {"type": "integer"}}}
    assert [str(read_tool({"name": "f", "outputSchema": each}, "M", PLACE)[0].returns) for each in (wrapped, None)] == [
        "integer",
        "any",
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"description": "send all mail"},
        {"inputSchema": {"properties": {"to": {"type": "string"}}}},
        {"outputSchema": {"type": "object"}},
        {"annotations": {"title": "T"}},
    ],
)
def test_whatever_a_server_says_of_a_tool_is_in_the_digest(changed: dict[str, object]) -> None:
    tool: dict[str, object] = {"name": "f", "description": "read mail"}
    one, _ = read_tool(tool, "M", PLACE)
    other, _ = read_tool({**tool, **changed}, "M", PLACE)
    assert one.digest() != other.digest()


def test_a_tool_of_another_server_has_another_digest() -> None:
    one, _ = read_tool({"name": "f"}, "M", PLACE)
    other, _ = read_tool({"name": "f"}, "M", McpPlace(command=("serve", "--all")))
    elsewhere, _ = read_tool({"name": "f"}, "M", McpPlace(command=("serve",), directory="/x", timeout=1))
    assert one.digest() != other.digest()
    assert one.digest() == elsewhere.digest()
