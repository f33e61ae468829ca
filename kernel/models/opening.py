"""Opening models: a spec becomes a ChatModel. No network is touched, and Semantic Kernel is not imported, before the
first question.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from forethought.kernel.errors import ModelError, SettingsError
from forethought.kernel.settings import Settings, load_settings

from .chat import ChatModel
from .fallback import FallbackModel, MissingModel
from .spec import ModelSpec

__all__ = ["Models", "open_model", "open_models"]

Models: TypeAlias = "str | ChatModel | Sequence[str | ChatModel]"
"""A model, by its spec or as it is; or several, best first: where one cannot answer, the next one is asked."""


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


def open_models(models: Models, settings: Settings | None = None) -> ChatModel:
    """Return one model for all of `models`; of several, one that cannot be opened is told when its turn comes.

    Raises SettingsError for a text that is no spec, or where no model is named; of a single one ModelError, as
    `open_model` does.
    """
    listed = [models] if isinstance(models, str) or not isinstance(models, Sequence) else [*models]
    for each in listed:
        if isinstance(each, str):
            ModelSpec.parse(each)
    match listed:
        case []:
            raise SettingsError("no model is named: the list of models is empty")
        case [one]:
            return open_model(one, settings) if isinstance(one, str) else one
        case _:
            return FallbackModel([_opened(each, settings) if isinstance(each, str) else each for each in listed])


def _opened(spec: str, settings: Settings | None) -> ChatModel:
    try:
        return open_model(spec, settings)
    except ModelError as error:
        return MissingModel(spec, error)
