"""Embedders: what turns texts into vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatMatrix: TypeAlias = npt.NDArray[np.float32]

__all__ = ["Embedder"]


@runtime_checkable
class Embedder(Protocol):
    """Whatever makes vectors of texts: `name` says which model it is, and vectors of two names are never compared."""

    @property
    def name(self) -> str:
        """The model, such as `local:wordllama-l2-256`; the same model always has the same name."""
        ...

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        ...

    async def embed(self, texts: Sequence[str], /) -> FloatMatrix:
        """Return float32 vectors of shape `(len(texts), dimension)`, each of length one, or zero for an empty text.

        Raises EmbedderError with what to do about it.
        """
        ...
