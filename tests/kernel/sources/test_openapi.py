"""An operation of an OpenAPI document is a function: its parameters typed, its effect that of its method."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forethought.kernel.functions import FunctionSignature
from forethought.kernel.packs.reports import Report
from forethought.kernel.sources.openapi import OperationSource, read_operations
from forethought.kernel.sources.places import ApiPlace

Read = tuple[dict[str, tuple[FunctionSignature, OperationSource]], list[str]]


def read(paths: dict[str, object], *, server: str = "https://api.test/v1", **document: object) -> Read:
    """Return the operations of a document by name, and what was reported."""
    whole: dict[str, object] = {"openapi": "3.1.0", "paths": paths, "servers": [{"url": server}], **document}
    report = Report(Path("api.json"))
    found = read_operations(json.loads(json.dumps(whole)), "Shop", ApiPlace(document="api.json"), report)
    return {each[0].name: each for each in found}, [str(each.message) for each in report.found]


@pytest.mark.parametrize(
    ("method", "effect", "idempotent", "destructive"),
    [
        ("get", "reads:shop", True, False),
        ("head", "reads:shop", True, False),
        ("options", "reads:shop", True, False),
        ("post", "writes:shop", False, False),
        ("patch", "writes:shop", False, False),
        ("put", "writes:shop", True, False),
        ("delete", "writes:shop", True, True),
    ],
)
def test_a_method_is_an_effect(method: str, effect: str, idempotent: bool, destructive: bool) -> None:
    found, _ = read({"/x": {method: {"operationId": "f"}}})
    signature, _ = found["f"]
    hints = (str(signature.effect), signature.idempotent, signature.destructive, signature.open_world)
    assert hints == (effect, idempotent, destructive, True)


def test_parameters_of_path_query_header_and_body_are_parameters() -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}}
    schemas = {
        "New": {
            "allOf": [{"$ref": "#/components/schemas/Named"}, {"properties": {"tags": {"type": "array"}}}],
            "required": ["name"],
        },
        "Named": {"type": "object", "properties": {"name": {"type": "string"}, "id": {"type": "integer"}}},
    }
    found, problems = read(
        {
            "/x/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "post": {
                    "operationId": "make.one",
                    "description": "Make one.\n\nLong story.",
                    "parameters": [
                        {"name": "$top", "in": "query", "schema": {"type": "integer", "nullable": True, "default": 5}},
                        {"name": "Accept", "in": "header", "schema": {"type": "string"}},
                        {"name": "kind", "in": "query", "schema": {"enum": ["a", "b"]}, "description": "Which"},
                    ],
                    "requestBody": body,
                    "responses": {"201": {"content": {"application/json": {"schema": {"type": "array"}}}}},
                },
            }
        },
        components={"schemas": schemas},
    )
    signature, source = found["make_one"]
    assert problems == []
    assert (signature.description, str(signature.returns)) == ("Make one.", "array")
    assert [(each.name, str(each.type), each.required, each.default) for each in signature.parameters] == [
        ("id", "integer", True, None),
        ("_top", "integer?", False, 5),
        ("kind", '"a"|"b"', False, None),
        ("name", "string", True, None),
        ("id_2", "integer", False, None),
        ("tags", "array", False, None),
    ]
    assert [(each.parameter, each.name, each.where) for each in source.fields] == [
        ("id", "id", "path"),
        ("_top", "$top", "query"),
        ("kind", "kind", "query"),
        ("name", "name", "member"),
        ("id_2", "id", "member"),
        ("tags", "tags", "member"),
    ]


def test_a_password_and_what_is_only_written_are_secrets() -> None:
    properties = {
        "user": {"type": "string"},
        "phrase": {"type": "string", "format": "password"},
        "seed": {"$ref": "#/components/schemas/Seed"},
        "spare": {"anyOf": [{"type": "string", "format": "password"}, {"type": "null"}]},
        "photo": {"type": "string", "readOnly": True},
    }
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": properties}}}}
    header = {"name": "X-Pass", "in": "header", "schema": {"type": "string", "format": "password"}}
    found, _ = read(
        {"/x": {"post": {"operationId": "f", "parameters": [header], "requestBody": body}}},
        components={"schemas": {"Seed": {"type": "string", "writeOnly": True}}},
    )
    secret = {each.name for each in found["f"][0].parameters if each.secret}
    assert secret == {"X-Pass", "phrase", "seed", "spare"}


def test_a_body_without_known_members_is_one_parameter() -> None:
    schema = {"type": "array", "items": {"type": "string"}}
    body = {"required": True, "content": {"application/vnd.x+json; charset=utf-8": {"schema": schema}}}
    found, _ = read({"/x": {"post": {"operationId": "f", "requestBody": body}}})
    [parameter] = found["f"][0].parameters
    assert (parameter.name, str(parameter.type), parameter.required) == ("body", "array[string]", True)


def test_an_operation_without_an_id_is_named_by_its_method_and_path() -> None:
    found, _ = read({"/pets/{id}": {"get": {}}})
    assert list(found) == ["get_pets__id_"]


def test_a_schema_that_nests_in_itself_or_leads_nowhere_may_be_anything() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}, "x": {"$ref": "#/no"}}}
    loop = {"$ref": "#/components/schemas/Loop"}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}}
    paths: dict[str, object] = {"/x": {"post": {"operationId": "f", "requestBody": body}}}
    found, _ = read(paths, components={"schemas": {"Node": node, "Loop": loop}})
    assert [(each.name, each.type.kind) for each in found["f"][0].parameters] == [("next", "object"), ("x", "any")]


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (
            {"requestBody": {"required": True, "content": {"text/csv": {}}}},
            "'POST /x' is left out: its body is text/csv, and JSON is sent",
        ),
        (
            {"parameters": [{"name": "sid", "in": "cookie", "required": True}]},
            "'POST /x' is left out: its parameter 'sid' goes into a cookie",
        ),
    ],
)
def test_what_cannot_be_called_is_left_out_with_the_reason(operation: dict[str, object], message: str) -> None:
    found, problems = read({"/x": {"post": operation, "get": {"operationId": "g"}}})
    assert (list(found), problems) == (["g"], [message])


def test_a_document_without_a_server_says_where_to_name_it() -> None:
    found, problems = read({"/x": {"get": {}}}, server="/v1")
    assert not found
    assert problems == [
        "'GET /x' is left out: the document names no server; write 'server:' in 'Shop/pack.yaml'",
    ]


def test_variables_of_a_server_take_their_defaults() -> None:
    servers = [{"url": "https://{region}.test", "variables": {"region": {"default": "eu"}}}]
    found, _ = read({"/x": {"get": {"operationId": "f"}}}, servers=servers)
    assert found["f"][1].server == "https://eu.test"


def test_swagger_2_is_refused() -> None:
    report = Report(Path("api.json"))
    assert not list(read_operations({"swagger": "2.0"}, "Shop", ApiPlace(document="api.json"), report))
    assert [each.message for each in report.found] == ["OpenAPI 3 is read, and this is Swagger 2.0"]


def test_a_changed_operation_changes_the_digest_of_its_signature() -> None:
    one, _ = read({"/x": {"get": {"operationId": "f"}}})
    other, _ = read({"/y": {"get": {"operationId": "f"}}})
    elsewhere, _ = read({"/x": {"get": {"operationId": "f"}}}, server="https://evil.test")
    assert len({each["f"][0].digest() for each in (one, other, elsewhere)}) == 3
