"""Opening an embedder that a server answers for: Semantic Kernel's connector for each provider."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, cast

import numpy as np
from semantic_kernel.connectors.ai.embedding_generator_base import EmbeddingGeneratorBase

from forethought.kernel.errors import EmbedderError, ModelError
from forethought.kernel.models.failures import explain
from forethought.kernel.models.spec import ModelSpec
from forethought.kernel.settings import Settings

from .opening import CLOSE, key_of, open_service, served

if TYPE_CHECKING:
    from forethought.kernel.memory.embedder import FloatMatrix

__all__ = ["open_embedding"]


def open_embedding(spec: ModelSpec, settings: Settings) -> Callable[[list[str]], Awaitable[FloatMatrix]]:
    """Return what asks a server for the vectors of texts; raises EmbedderError where its SDK or its key is missing."""
    try:
        service = open_service(spec, settings, _OPENERS)
    except ModelError as error:
        raise _of_embedder(error) from error

    async def ask(texts: list[str]) -> FloatMatrix:
        try:
            answer = await service.generate_raw_embeddings(texts)
        except Exception as error:  # connectors and their SDKs raise errors of many kinds
            raise _of_embedder(explain(spec, error)) from error
        try:
            return np.asarray(answer, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise EmbedderError(str(spec), "it answered vectors of several lengths, or not of numbers") from error

    return ask


def _of_embedder(failure: ModelError) -> EmbedderError:
    return EmbedderError(failure.spec, failure.reason, failure.hint)


def _open_openai(spec: ModelSpec, settings: Settings) -> EmbeddingGeneratorBase:
    from semantic_kernel.connectors.ai.open_ai import AzureTextEmbedding, OpenAITextEmbedding

    if spec.provider == "azure":
        service: AzureTextEmbedding | OpenAITextEmbedding = AzureTextEmbedding(deployment_name=spec.name)
    else:
        service = OpenAITextEmbedding(ai_model_id=spec.name, api_key=key_of(settings, "openai"))
    service.client = service.client.with_options(default_headers=CLOSE)
    return service


def _open_http(spec: ModelSpec, settings: Settings) -> EmbeddingGeneratorBase:
    from semantic_kernel.connectors.ai.open_ai import OpenAITextEmbedding

    name, client = served(spec, settings)
    return OpenAITextEmbedding(ai_model_id=name, async_client=client)


def _open_keyed(spec: ModelSpec, settings: Settings) -> EmbeddingGeneratorBase:
    package, connector, model = _KEYED[spec.provider]
    made = getattr(importlib.import_module(f"semantic_kernel.connectors.ai.{package}"), connector)
    return cast("EmbeddingGeneratorBase", made(**{model: spec.name, "api_key": key_of(settings, spec.provider)}))


def _open_ollama(spec: ModelSpec, settings: Settings) -> EmbeddingGeneratorBase:
    from semantic_kernel.connectors.ai.ollama import OllamaTextEmbedding

    return OllamaTextEmbedding(ai_model_id=spec.name, host=settings.environment.get("OLLAMA_HOST"))


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
