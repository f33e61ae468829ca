"""Opening a model that a server answers for: Semantic Kernel's connector for each provider."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase

from forethought.kernel.errors import ModelError
from forethought.kernel.models.chat import ChatModel
from forethought.kernel.models.detection import KEYS, missing_key
from forethought.kernel.models.failures import explain
from forethought.kernel.models.servers import models_of
from forethought.kernel.models.spec import ModelSpec
from forethought.kernel.settings import Settings

from .services import ServiceModel

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["CLOSE", "key_of", "open_remote", "open_service", "served"]

CLOSE = {"Connection": "close"}  # nothing is left open when the event loop ends
T = TypeVar("T")


def open_remote(spec: ModelSpec, settings: Settings, constrained: Callable[[], bool]) -> ChatModel:
    """Return the model that a server answers for; raises ModelError where its SDK or its key is missing."""
    return ServiceModel(spec, open_service(spec, settings, _OPENERS), constrained)


def open_service(spec: ModelSpec, settings: Settings, openers: Mapping[str, Callable[[ModelSpec, Settings], T]]) -> T:
    """Return the connector that the opener of the provider makes; raises ModelError as `open_remote` does."""
    try:
        return openers[spec.provider](spec, settings)
    except ImportError as error:
        reason = f"the SDK of {spec.provider} is not installed ({error})"
        way = f"pip install 'forethought[{spec.provider}]'"
        raise ModelError(str(spec), reason, way, another_may=True) from error
    except Exception as error:  # settings of connectors are pydantic models, SDKs check keys in their own ways
        missing = missing_key(spec.provider, settings.environment)
        if missing:
            raise ModelError(str(spec), f"{missing} is not set", another_may=True) from error
        raise explain(spec, error) from error


def key_of(settings: Settings, provider: str) -> str | None:
    """Return the key of `provider` in the environment."""
    return next((key for name in KEYS[provider] if (key := settings.environment.get(name))), None)


def served(spec: ModelSpec, settings: Settings) -> tuple[str, AsyncOpenAI]:
    """Return the model's name at an OpenAI-compatible server, by default the first one it lists, and a client of it."""
    from openai import AsyncOpenAI

    key = settings.environment.get("FORETHOUGHT_API_KEY", "")
    listed = () if spec.name else models_of(spec.base_url, key) or ()
    name = spec.name or next((str(each["id"]) for each in listed if "id" in each), "default")
    return name, AsyncOpenAI(base_url=spec.base_url, api_key=key or "none", max_retries=1, default_headers=CLOSE)


def _open_openai(spec: ModelSpec, settings: Settings) -> ChatCompletionClientBase:
    from semantic_kernel.connectors.ai.open_ai import AzureChatCompletion, OpenAIChatCompletion

    if spec.provider == "azure":
        service: AzureChatCompletion | OpenAIChatCompletion = AzureChatCompletion(deployment_name=spec.name)
    else:
        service = OpenAIChatCompletion(ai_model_id=spec.name, api_key=key_of(settings, "openai"))
    service.client = service.client.with_options(default_headers=CLOSE)
    return service


def _open_http(spec: ModelSpec, settings: Settings) -> ChatCompletionClientBase:
    from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion

    name, client = served(spec, settings)
    return OpenAIChatCompletion(ai_model_id=name, async_client=client)


def _open_keyed(spec: ModelSpec, settings: Settings) -> ChatCompletionClientBase:
    package, connector, model = _KEYED[spec.provider]
    made = getattr(importlib.import_module(f"semantic_kernel.connectors.ai.{package}"), connector)
    return cast("ChatCompletionClientBase", made(**{model: spec.name, "api_key": key_of(settings, spec.provider)}))


def _open_ollama(spec: ModelSpec, settings: Settings) -> ChatCompletionClientBase:
    from semantic_kernel.connectors.ai.ollama import OllamaChatCompletion

    return OllamaChatCompletion(ai_model_id=spec.name, host=settings.environment.get("OLLAMA_HOST"))


_KEYED: Mapping[str, tuple[str, str, str]] = {
    "anthropic": ("anthropic", "AnthropicChatCompletion", "ai_model_id"),
    "google": ("google.google_ai", "GoogleAIChatCompletion", "gemini_model_id"),
    "mistral": ("mistral_ai", "MistralAIChatCompletion", "ai_model_id"),
}
_OPENERS: Mapping[str, Callable[[ModelSpec, Settings], ChatCompletionClientBase]] = {
    "openai": _open_openai,
    "azure": _open_openai,
    "anthropic": _open_keyed,
    "google": _open_keyed,
    "mistral": _open_keyed,
    "ollama": _open_ollama,
    "http": _open_http,
}
