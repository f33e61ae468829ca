"""Execution settings get the names that each connector has, or an error: none is dropped."""

from __future__ import annotations

from typing import Any

import pytest

from forethought.kernel.errors import ModelError
from forethought.kernel.models.chat import Message, Request
from forethought.kernel.models.execution import fit, for_llama_cpp, in_json_mode
from forethought.kernel.models.spec import ModelSpec

OPENAI = {"temperature", "max_tokens", "stop", "number_of_responses", "seed", "messages"}
ANTHROPIC = {"temperature", "max_tokens", "stop_sequences", "top_k", "system"}
GOOGLE = {"temperature", "max_output_tokens", "stop_sequences", "candidate_count"}
MISTRAL = {"temperature", "max_tokens", "random_seed", "seed", "server_url"}
OLLAMA = {"format", "options", "tools"}


@pytest.mark.parametrize(
    ("settings", "fields", "fitted"),
    [
        ({"n": 2, "stop": "X"}, OPENAI, {"number_of_responses": 2, "stop": "X"}),
        ({"max_completion_tokens": 2}, OPENAI, {"max_tokens": 2}),
        ({"stop": "X", "max_tokens": 1}, ANTHROPIC, {"stop_sequences": ["X"], "max_tokens": 1}),
        (
            {"stop": ["X"], "max_tokens": 1, "n": 2},
            GOOGLE,
            {"stop_sequences": ["X"], "max_output_tokens": 1, "candidate_count": 2},
        ),
        ({"seed": 1}, MISTRAL, {"random_seed": 1}),
        (
            {"max_tokens": 5, "temperature": 0, "response_format": {"type": "json_object"}},
            OLLAMA,
            {"format": "json", "options": {"num_predict": 5, "temperature": 0}},
        ),
        ({}, OLLAMA, {}),
        ({"anything": 1}, set[str](), {"anything": 1}),
    ],
)
def test_a_setting_gets_the_connectors_name(
    settings: dict[str, object], fields: set[str], fitted: dict[str, object]
) -> None:
    assert fit("m", settings, fields) == fitted


@pytest.mark.parametrize(
    ("name", "fields"), [("seed", ANTHROPIC), ("messages", OPENAI), ("logit_bias", OLLAMA), ("server_url", MISTRAL)]
)
def test_a_setting_that_a_connector_lacks_is_an_error_with_those_it_has(name: str, fields: set[str]) -> None:
    with pytest.raises(ModelError, match=rf"model m: it has no setting '{name}' \(it has .*temperature"):
        fit("m", {"temperature": 0, name: 1}, fields)


OBJECT = {"anyOf": [{"type": "object"}, {"type": "object", "required": ["why"]}]}


@pytest.mark.parametrize(
    ("provider", "schema", "settings", "mode"),
    [
        ("openai", OBJECT, {}, {"type": "json_object"}),
        ("azure", {"type": "object"}, {"seed": 1}, {"type": "json_object"}),
        ("mistral", OBJECT, {}, {"type": "json_object"}),
        ("ollama", OBJECT, {}, {"type": "json_object"}),
        ("anthropic", OBJECT, {}, None),
        ("http", OBJECT, {}, None),
        ("openai", {"type": "array"}, {}, None),
        ("openai", {"anyOf": [{"type": "object"}, {"type": "array"}]}, {}, None),
        ("openai", None, {}, None),
        ("openai", OBJECT, {"response_format": {"type": "text"}}, {"type": "text"}),
    ],
)
def test_json_mode_is_for_those_who_have_one_and_for_objects(
    provider: Any, schema: dict[str, object] | None, settings: dict[str, object], mode: object
) -> None:
    asked = in_json_mode(ModelSpec(provider, "m"), Request([Message("user", "x")], settings, schema=schema))
    assert asked.settings.get("response_format") == mode
    assert {name: asked.settings[name] for name in settings} == settings


def test_llama_cpp_is_given_the_schema_and_starts_its_answer_at_once() -> None:
    beside = for_llama_cpp(Request([Message("user", "x")], schema={"type": "object"}))
    assert beside == {"json_schema": {"type": "object"}, "chat_template_kwargs": {"enable_thinking": False}}
