"""Opening embedders: a spec becomes an Embedder. No network is touched, no weights are read before the first text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forethought.kernel.errors import EmbedderError, SettingsError
from forethought.kernel.models.detection import missing_key
from forethought.kernel.models.spec import ModelSpec
from forethought.kernel.settings import load_settings

if TYPE_CHECKING:
    from forethought.kernel.memory.embedder import Embedder
    from forethought.kernel.settings import Settings

__all__ = ["FORMS", "open_embedder"]

FORMS = (
    "local or local:FOLDER, openai:NAME, azure:DEPLOYMENT, google:NAME, mistral:NAME, ollama:NAME, "
    "http://HOST:PORT/v1#NAME"
)


def open_embedder(spec: str = "local", settings: Settings | None = None) -> Embedder:
    """Return the embedder that `spec` names; what a server was paid for is kept in the user's cache.

    Raises SettingsError for a text that is no spec, EmbedderError where the local word vectors are not there, or the
    settings lack the server's key.
    """
    parsed = ModelSpec.parse(spec)
    if parsed.provider == "local":
        from .local import open_local

        return open_local(parsed.name)
    if parsed.provider == "anthropic":
        raise SettingsError(f"'{spec}' is not an embedder: anthropic has none (embedders are {FORMS})")
    from .caching import CachedEmbedder, cache_file
    from .remote import RemoteEmbedder

    settings = settings or load_settings()
    if missing := missing_key(parsed.provider, settings.environment):
        raise EmbedderError(spec, f"{missing} is not set")
    return CachedEmbedder(RemoteEmbedder(parsed, settings), cache_file(settings.environment))
