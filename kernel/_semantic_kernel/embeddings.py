"""Opening an embedder that a server answers for: Semantic Kernel's connector for each provider."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, cast

import numpy as np
from semantic_kernel.connectors.ai.embedding_generator_base import EmbeddingGeneratorBase

from forethought.kernel.errors import EmbedderError, ModelError
from forethought.kernel.models.detection import KEYS, missing_key
from forethought.kernel.models.failures import explain
from forethought.kernel.models.servers import models_of
from forethought.kernel.models.spec import ModelSpec
from forethought.kernel.settings import Settings

if TYPE_CHECKING:
    from forethought.kernel.memory.embedder import FloatMatrix

__all__ = ["open_embedding"]

_CLOSE = {"Connection": "close"}  # nothing is left open when the event loop ends


def open_embedding(spec: ModelSpec, settings: Settings) -> Callable[[list[str]], Awaitable[FloatMatrix]]:
    """Return what asks a server for the vectors of texts; raises EmbedderError where its SDK or its key is missing."""
    try:
        service = _OPENERS[spec.provider](spec, settings)
    except ImportError as error:
        reason = f"the SDK of {spec.provider} is not installed ({error})"
        raise EmbedderError(str(spec), reason, f"pip install 'forethought[{spec.provider}]'") from error
    except Exception as error:  # settings of connectors are pydantic models, SDKs check keys in their own ways
        missing = missing_key(spec.provider, settings.environment)
        if missing:
            raise EmbedderError(str(spec), f"{missing} is not set") from error
        raise _explained(explain(spec, error)) from error

    async def ask(texts: list[str]) -> FloatMatrix:
        try:
            answer = await service.generate_raw_embeddings(texts)
        except Exception as error:  # connectors and their SDKs raise errors of many kinds
            raise _explained(explain(spec, error)) from error
        try:
            return np.asarray(answer, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise EmbedderError(str(spec), "it answered vectors of several lengths, or not of numbers") from error

    return ask


def _explained(failure: ModelError) -> EmbedderError:
    return EmbedderError(failure.spec, failure.reason, failure.hint)


def _open_openai(spec: ModelSpec, settings: Settings) -> EmbeddingGeneratorBase:
    from semantic_kernel.connectors.ai.open_ai import AzureTextEmbedding, OpenAITextEmbedding

    if spec.provider == "azure":
        service: AzureTextEmbedding | OpenAITextEmbedding = AzureTextEmbedding(deployment_name=spec.name)
    else:
        service = OpenAITextEmbedding(ai_model_id=spec.name, api_key=_key(settings, "openai"))
    service.client = service.client.with_options(default_headers=_CLOSE)
    return service


def _open_http(spec: ModelSpec, settings: Settings) -> EmbeddingGeneratorBase:
    from openai import AsyncOpenAI
    from semantic_kernel.connectors.ai.open_ai import OpenAITextEmbedding

    key = settings.environment.get("FORETHOUGHT_API_KEY", "")
    listed = () if spec.name else models_of(spec.base_url, key) or ()
    name = spec.name or next((str(each["id"]) for each in listed if "id" in each), "default")
    client = AsyncOpenAI(base_url=spec.base_url, api_key=key or "none", max_retries=1, default_headers=_CLOSE)
    return OpenAITextEmbedding(ai_model_id=name, async_client=client)


def _open_keyed(spec: ModelSpec, settings: Settings) -> EmbeddingGeneratorBase:
    package, connector, model = _KEYED[spec.provider]
    made = getattr(importlib.import_module(f"semantic_kernel.connectors.ai.{package}"), connector)
    return cast("EmbeddingGeneratorBase", made(**{model: spec.name, "api_key": _key(settings, spec.provider)}))


def _open_ollama(spec: ModelSpec, settings: Settings) -> EmbeddingGeneratorBase:
    from semantic_kernel.connectors.ai.ollama import OllamaTextEmbedding

    return OllamaTextEmbedding(ai_model_id=spec.name, host=settings.environment.get("OLLAMA_HOST"))


def _key(settings: Settings, provider: str) -> str | None:
    return next((key for name in KEYS[provider] if (key := settings.environment.get(name))), None)


_KEYED: Mapping[str, tuple[str, str, str]] = {
    "google": ("google.google_ai", "GoogleAITextEmbedding", "embedding_model_id"),
    "mistral": ("mistral_ai", "MistralAITextEmbedding", "ai_model_id"),
}
_OPENERS: Mapping[str, Callable[[ModelSpec, Settings], EmbeddingGeneratorBase]] = {
    "openai": _open_openai,
    "azure": _open_openai,
    "google": _open_keyed,
    "mistral": _open_keyed,
    "ollama": _open_ollama,
    "http": _open_http,
}
