"""Embedders: what turns texts into vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from forethought.kernel.errors import EmbedderError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Embedder", "FloatMatrix", "embedded"]

FloatMatrix: TypeAlias = "npt.NDArray[np.float32]"


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


async def embedded(embedder: Embedder, texts: Sequence[str]) -> FloatMatrix:
    """Return what `embedder` makes of `texts`, each row of length one or zero; raises EmbedderError for no vectors."""
    import numpy as np

    vectors = np.array(await embedder.embed(texts), dtype=np.float32, order="C")
    if vectors.shape != (len(texts), embedder.dimension):
        said = f"it made vectors of shape {vectors.shape}, not {(len(texts), embedder.dimension)}"
        raise EmbedderError(embedder.name, said)
    if not np.isfinite(vectors).all():
        raise EmbedderError(embedder.name, "it made a vector with a number that is not finite")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    np.divide(vectors, lengths, out=vectors, where=lengths > 0)
    return vectors
