"""Opening a model that a server answers for: Semantic Kernel's connector for each provider."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import cast

from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase

from forethought.kernel.errors import ModelError
from forethought.kernel.models.chat import ChatModel
from forethought.kernel.models.detection import KEYS, missing_key
from forethought.kernel.models.failures import explain
from forethought.kernel.models.servers import models_of
from forethought.kernel.models.spec import ModelSpec
from forethought.kernel.settings import Settings

from .services import ServiceModel

__all__ = ["open_remote"]

_CLOSE = {"Connection": "close"}  # nothing is left open when the event loop ends


def open_remote(spec: ModelSpec, settings: Settings, constrained: Callable[[], bool]) -> ChatModel:
    """Return the model that a server answers for; raises ModelError where its SDK or its key is missing."""
    try:
        service = _OPENERS[spec.provider](spec, settings)
    except ImportError as error:
        reason = f"the SDK of {spec.provider} is not installed ({error})"
        way = f"pip install 'forethought[{spec.provider}]'"
        raise ModelError(str(spec), reason, way, another_may=True) from error
    except Exception as error:  # settings of connectors are pydantic models, SDKs check keys in their own ways
        missing = missing_key(spec.provider, settings.environment)
        if missing:
            raise ModelError(str(spec), f"{missing} is not set", another_may=True) from error
        raise explain(spec, error) from error
    return ServiceModel(spec, service, constrained)


def _open_openai(spec: ModelSpec, settings: Settings) -> ChatCompletionClientBase:
    from semantic_kernel.connectors.ai.open_ai import AzureChatCompletion, OpenAIChatCompletion

    if spec.provider == "azure":
        service: AzureChatCompletion | OpenAIChatCompletion = AzureChatCompletion(deployment_name=spec.name)
    else:
        service = OpenAIChatCompletion(ai_model_id=spec.name, api_key=_key(settings, "openai"))
    service.client = service.client.with_options(default_headers=_CLOSE)
    return service


def _open_http(spec: ModelSpec, settings: Settings) -> ChatCompletionClientBase:
    from openai import AsyncOpenAI
    from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion

    key = settings.environment.get("FORETHOUGHT_API_KEY", "")
    listed = () if spec.name else models_of(spec.base_url, key) or ()
    name = spec.name or next((str(each["id"]) for each in listed if "id" in each), "default")
    client = AsyncOpenAI(base_url=spec.base_url, api_key=key or "none", max_retries=1, default_headers=_CLOSE)
    return OpenAIChatCompletion(ai_model_id=name, async_client=client)


def _open_keyed(spec: ModelSpec, settings: Settings) -> ChatCompletionClientBase:
    package, connector, model = _KEYED[spec.provider]
    made = getattr(importlib.import_module(f"semantic_kernel.connectors.ai.{package}"), connector)
    return cast("ChatCompletionClientBase", made(**{model: spec.name, "api_key": _key(settings, spec.provider)}))


def _open_ollama(spec: ModelSpec, settings: Settings) -> ChatCompletionClientBase:
    from semantic_kernel.connectors.ai.ollama import OllamaChatCompletion

    return OllamaChatCompletion(ai_model_id=spec.name, host=settings.environment.get("OLLAMA_HOST"))


def _key(settings: Settings, provider: str) -> str | None:
    return next((key for name in KEYS[provider] if (key := settings.environment.get(name))), None)


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
