"""What a server or a document says is data: nothing of it raises, hangs, or is used before it is looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forethought.kernel.packs.pack import is_name
from forethought.kernel.packs.reading import read_pack
from forethought.kernel.packs.reports import Report
from forethought.kernel.sources.naming import plan_safe, unused
from forethought.kernel.sources.openapi import read_operations
from forethought.kernel.sources.places import ApiPlace, McpPlace
from forethought.kernel.sources.schemas import Schemas
from forethought.kernel.sources.tools import read_tool

WORDS = st.sampled_from(
    [
        *("type", "properties", "items", "required", "enum", "const", "anyOf", "allOf", "$ref", "#/a", "#", "default"),
        *(
            "object",
            "array",
            "string",
            "null",
            "nullable",
            "description",
            "parameters",
            "schema",
            "in",
            "query",
            "name",
        ),
        *("requestBody", "content", "application/json", "responses", "200", "servers", "url", "get", "post", "/x", "a"),
        *("annotations", "readOnlyHint", "inputSchema", "outputSchema", "https://x.test", "path", "operationId"),
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=5),
    max_leaves=30,
)
OBJECTS = st.dictionaries(WORDS | st.text(max_size=5), JSON, max_size=6)


@given(OBJECTS)
def test_any_tool_is_read_as_a_function_that_a_plan_can_name(raw: dict[str, object]) -> None:
    signature, source = read_tool(raw, "Far", McpPlace(url="http://x.test"))
    names = [each.name for each in signature.parameters]
    assert is_name(signature.name)
    assert all(map(is_name, names))
    assert len({name.lower() for name in names}) == len(names) == len(source.names)
    assert len(signature.digest()) == 64


@given(OBJECTS, OBJECTS, OBJECTS)
def test_any_document_is_read(item: dict[str, object], operation: dict[str, object], whole: dict[str, object]) -> None:
    document = {**whole, "openapi": "3.1.0", "paths": {"/a/{b}": {**item, "post": operation}}}
    report = Report(Path("api.json"))
    place = ApiPlace(document="api.json", server="https://x.test")
    for signature, source in read_operations(document, "Far", place, report):
        names = [each.name for each in signature.parameters]
        assert is_name(signature.name)
        assert len({name.lower() for name in names}) == len(names) == len(source.fields)
        assert len(signature.digest()) == 64


@given(st.text())
def test_any_name_becomes_one_that_a_plan_can_write(name: str) -> None:
    assert is_name(plan_safe(name))


@given(st.lists(st.text(max_size=3), max_size=8))
def test_names_that_become_alike_stay_apart(given_names: list[str]) -> None:
    taken: list[str] = []
    for name in given_names:
        taken.append(unused(plan_safe(name), taken))
    assert len({each.lower() for each in taken}) == len(taken)
    assert all(map(is_name, taken))


def test_references_that_multiply_are_cut_off() -> None:
    pairs = {f"S{n}": {"properties": {s: {"$ref": f"#/S{n + 1}"} for s in "abcdefgh"}} for n in range(60)}
    assert len(json.dumps(Schemas(pairs).plain({"$ref": "#/S0"}))) < 300_000


def test_references_in_a_circle_lead_nowhere() -> None:
    assert Schemas({"A": {"$ref": "#/B"}, "B": {"$ref": "#/A"}}).plain({"$ref": "#/A"}) == {}


@pytest.mark.parametrize(
    "text",
    [
        '{"source": 1, "tools": {}}',
        "[]",
        "nul",
        '{"tools": [' * 100,
        '{"source": "SOURCE", "tools": [1, null, {"name": 5}, {"name": "x", "inputSchema": "y"}]}',
    ],
)
def test_a_snapshot_that_somebody_wrote_by_hand_costs_functions_and_no_more(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "Far"
    folder.mkdir()
    place = McpPlace(command=("x",))
    (folder / "pack.yaml").write_text("mcp: {command: x}\n", encoding="utf-8")
    (folder / "mcp.lock.json").write_text(text.replace("SOURCE", place.digest()), encoding="utf-8")
    read = read_pack(folder)
    assert all(is_name(each.signature.name) for each in read.functions)
    assert read.problems


def test_a_snapshot_and_a_document_that_lead_out_of_the_pack_are_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "Far"
    folder.mkdir()
    (tmp_path / "api.json").write_text("{}", encoding="utf-8")
    (folder / "api.json").symlink_to(tmp_path / "api.json")
    (folder / "mcp.lock.json").symlink_to(tmp_path / "api.json")
    (folder / "pack.yaml").write_text("mcp: {command: x}\nopenapi: api.json\n", encoding="utf-8")
    assert [each.code for each in read_pack(folder).problems] == ["outside-pack", "outside-pack"]
