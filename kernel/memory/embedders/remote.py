"""Embedders behind a server, reached through Semantic Kernel's connectors.

Nothing is imported and nothing connected before the first text.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from forethought.kernel.errors import EmbedderError
from forethought.kernel.models.spec import ModelSpec
from forethought.kernel.settings import Settings
from forethought.kernel.threads import run_in_thread

from .vectors import of_unit_length

if TYPE_CHECKING:
    from forethought.kernel.memory.embedder import FloatMatrix

__all__ = ["AT_ONCE", "MOST_CHARACTERS", "MOST_TEXTS", "RemoteEmbedder"]

MOST_TEXTS = 64
"""How many texts one request holds, and how many characters: what every provider takes."""

MOST_CHARACTERS = 30_000
AT_ONCE = 4

Ask = Callable[[list[str]], Awaitable["FloatMatrix"]]


class RemoteEmbedder:
    """An embedder that a server answers for.

    Texts go in batches, a few at once; a request that fails is repeated as the provider's SDK does. Connections belong
    to the event loop they were made in, so each loop has its own connector.
    """

    __slots__ = ("_by_loop", "_dimension", "_settings", "_spec")

    def __init__(self, spec: ModelSpec, settings: Settings) -> None:
        self._spec = spec
        self._settings = settings
        self._dimension = 0
        self._by_loop: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Ask] = weakref.WeakKeyDictionary()

    def __repr__(self) -> str:
        return f"RemoteEmbedder('{self._spec}')"

    @property
    def name(self) -> str:
        """The spec, as it is written."""
        return str(self._spec)

    @property
    def dimension(self) -> int:
        """How many numbers a vector has; 0 before the first answer, which tells."""
        return self._dimension

    async def embed(self, texts: Sequence[str], /) -> FloatMatrix:
        """Return the server's vectors at length one; an empty text, which servers refuse, is zero and not sent."""
        if isinstance(texts, str):
            raise TypeError(f"embed takes several texts, such as [{texts!r}], not one")
        written = [index for index, text in enumerate(texts) if text.strip()]
        answers = await self._ask([texts[index] for index in written])
        vectors = np.zeros((len(texts), self._dimension), dtype=np.float32)
        if answers:
            vectors[written] = of_unit_length(np.concatenate(answers))
        return vectors

    async def _ask(self, texts: list[str]) -> list[FloatMatrix]:
        """Return the vectors of each batch, in order."""
        if not texts:
            return []
        ask = await self._connector()
        turns = asyncio.Semaphore(AT_ONCE)

        async def answer(batch: list[str]) -> FloatMatrix:
            async with turns:
                return self._checked(await ask(batch), len(batch))

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(answer(batch)) for batch in _batches(texts)]
        except* EmbedderError as failures:
            failed = failures.exceptions[0]
        else:
            return [task.result() for task in tasks]
        raise failed

    async def _connector(self) -> Ask:
        loop = asyncio.get_running_loop()
        ask = self._by_loop.get(loop)
        if ask is None:
            ask = self._by_loop[loop] = await run_in_thread(self._open)  # the import alone takes seconds
        return ask

    def _open(self) -> Ask:
        from forethought.kernel import _semantic_kernel as semantic

        return semantic.open_embedding(self._spec, self._settings)

    def _checked(self, vectors: FloatMatrix, texts: int) -> FloatMatrix:
        """Return `vectors` if they are one a text, of numbers, and as long as all before."""
        if vectors.ndim != 2 or len(vectors) != texts or not vectors.shape[1]:
            raise EmbedderError(self.name, f"it answered {len(vectors)} vectors for {texts} texts")
        if not np.isfinite(vectors).all():
            raise EmbedderError(self.name, "it answered vectors that are not of numbers")
        self._dimension = self._dimension or vectors.shape[1]
        if vectors.shape[1] != self._dimension:
            raise EmbedderError(self.name, f"its vectors have {vectors.shape[1]} numbers, and had {self._dimension}")
        return vectors


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Divide `texts`, in order, into batches of at most MOST_TEXTS and MOST_CHARACTERS; a long text goes alone."""
    batch: list[str] = []
    characters = 0
    for text in texts:
        if batch and (len(batch) == MOST_TEXTS or characters + len(text) > MOST_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text)
    yield batch
