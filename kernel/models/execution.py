"""Execution settings: from the names of the OpenAI chat API to those of one connector."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import cast

from forethought.kernel.errors import ModelError

from .chat import Request
from .spec import ModelSpec

__all__ = ["fit", "for_llama_cpp", "in_json_mode"]

_LLAMA_CPP = frozenset({"min_p", "repeat_penalty", "top_k"})

_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "max_completion_tokens": ("max_completion_tokens", "max_tokens", "max_output_tokens", "num_predict"),
    "max_tokens": ("max_tokens", "max_output_tokens", "num_predict"),
    "n": ("number_of_responses", "n", "candidate_count"),
    "seed": ("random_seed", "seed"),
    "stop": ("stop", "stop_sequences"),
}
_NOT_SETTINGS = frozenset(  # fields of connectors that say what is asked and of whom: never a pack's to set
    {
        "ai_model_id",
        "extra_body",
        "function_call",
        "functions",
        "messages",
        "parallel_tool_calls",
        "retries",
        "safe_mode",
        "server_url",
        "stream",
        "stream_options",
        "structured_json_response",
        "system",
        "timeout_ms",
        "tool_choice",
        "tool_config",
        "tools",
    }
)
_JSON_MODE = frozenset({"openai", "azure", "mistral", "ollama"})
_OLLAMA_OPTIONS = frozenset(
    {
        "frequency_penalty",
        "min_p",
        "num_ctx",
        "num_predict",
        "presence_penalty",
        "repeat_penalty",
        "seed",
        "stop",
        "temperature",
        "top_k",
        "top_p",
    }
)


def fit(spec: str, settings: Mapping[str, object], fields: Collection[str]) -> dict[str, object]:
    """Return `settings` under the names that a connector with these `fields` has.

    A connector without fields of its own takes every name as it is. Raises ModelError for what it cannot honour.
    """
    if not fields:
        return dict(settings)
    nested = "options" in fields and "temperature" not in fields  # Ollama's
    known = _OLLAMA_OPTIONS | {"format"} if nested else frozenset(fields) - _NOT_SETTINGS
    fitted: dict[str, object] = {}
    for name, value in settings.items():
        target = next((each for each in _OTHER_NAMES.get(name, (name,)) if each in known), None)
        if name == "response_format" and nested:
            fitted["format"] = "json"
        elif target is None:
            raise ModelError(spec, f"it has no setting '{name}'", f"it has {', '.join(sorted(known))}")
        else:
            listed = target == "stop_sequences" and isinstance(value, str)
            fitted[target] = [value] if listed else value
    if not nested:
        return fitted
    top = {"format": fitted.pop("format")} if "format" in fitted else {}
    return top | ({"options": fitted} if fitted else {})


def in_json_mode(spec: ModelSpec, request: Request) -> Request:
    """Return the request with the JSON mode of those who have one, where the answer is to be an object."""
    if spec.provider not in _JSON_MODE or not _is_object(request.schema) or "response_format" in request.settings:
        return request
    return dataclasses.replace(request, settings={**request.settings, "response_format": {"type": "json_object"}})


def _is_object(schema: object) -> bool:
    if not isinstance(schema, Mapping):
        return False
    known = cast("Mapping[str, object]", schema)
    ways = known.get("anyOf")
    return all(map(_is_object, cast("list[object]", ways))) if isinstance(ways, list) else known.get("type") == "object"


def for_llama_cpp(request: Request) -> dict[str, object]:
    """Return what llama.cpp's server takes beside the OpenAI chat API: sampling of its own, the grammar, the schema."""
    beside = {name: value for name, value in request.settings.items() if name in _LLAMA_CPP}
    if request.grammar:
        beside["grammar"] = request.grammar
    if request.schema:
        beside["json_schema"] = request.schema
    if request.prefix or request.grammar or request.schema:
        beside["chat_template_kwargs"] = {"enable_thinking": False}  # the answer starts here, not a thought
    return beside
