"""Opening models: a spec becomes a ChatModel. No network is touched, and Semantic Kernel is not imported, before the
first question.
"""

from __future__ import annotations

from forethought.kernel.settings import Settings, load_settings

from .chat import ChatModel
from .spec import ModelSpec

__all__ = ["open_model"]


def open_model(spec: str, settings: Settings | None = None) -> ChatModel:
    """Return the model that `spec` names.

    Raises SettingsError for a text that is no spec, ModelError where a local model is not there.
    """
    parsed = ModelSpec.parse(spec)
    if parsed.provider == "local":
        from .local import open_local

        return open_local(str(parsed))
    from .remote import RemoteModel

    return RemoteModel(parsed, settings or load_settings())
