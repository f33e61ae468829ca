"""Stores: where records and their vectors are kept. SemanticMemory embeds and fuses; a store keeps and finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from .embedder import Embedder
from .records import Metric, Record

if TYPE_CHECKING:
    from .embedder import FloatMatrix

__all__ = ["LARGE", "Progress", "Scored", "Store"]

LARGE = 200_000  # texts: a scan of as many takes tens of milliseconds

Progress = Callable[[int, int], None]  # how many texts are done, of how many


class Scored(NamedTuple):
    """A record on one list: its collection, its score as it is shown, and its relevance from 0 to 1."""

    collection: str
    record: Record
    score: float
    relevance: float


class Store(Protocol):
    """Where records are kept, by collection and id. Every record handed to it has an id.

    `model` is the name of the embedder that made the vectors: a store holds those of one model only, and raises
    EmbedderMismatchError for another one. Whatever else goes wrong is a MemoryStoreError.
    """

    @property
    def keywords(self) -> bool:
        """Whether it finds by keyword itself; where it does not, keywords are looked for among the nearest records."""
        ...

    async def known(self, collection: str, records: Sequence[Record], *, model: str) -> Mapping[str, FloatMatrix]:
        """Return the vectors that are there already, by text, so that these texts need no embedding."""
        ...

    async def write(self, collection: str, records: Sequence[Record], vectors: FloatMatrix, *, model: str) -> None:
        """Insert or replace records by id, all of them or none; when this returns they are kept for good."""
        ...

    async def get(self, collection: str, ids: Sequence[str]) -> list[Record]:
        """Return those of `ids` that are there, in this order."""
        ...

    async def records(
        self, collection: str, *, source: str | None = None, where: Mapping[str, object] | None = None
    ) -> list[Record]:
        """Return all records, or those of a source or with this metadata, by source, chunk and id."""
        ...

    async def remove(self, collection: str, ids: Sequence[str]) -> int:
        """Forget these records and say how many were there."""
        ...

    async def sources(self, collection: str) -> dict[str, int]:
        """Return how many records were taken from each source; those of no source are under an empty name."""
        ...

    async def collections(self) -> list[str]:
        """Return the names of the collections that hold anything, sorted."""
        ...

    async def count(self, collection: str | None) -> int:
        """Return how many records a collection has, or all of them together."""
        ...

    async def nearest(
        self,
        collections: Sequence[str] | None,
        vector: FloatMatrix,
        *,
        model: str,
        metric: Metric,
        limit: int,
        where: Mapping[str, object],
    ) -> list[Scored]:
        """Return the records nearest to `vector`, of shape `(dimension,)`, best first."""
        ...

    async def matching(
        self, collections: Sequence[str] | None, query: str, *, limit: int, where: Mapping[str, object]
    ) -> list[Scored]:
        """Return the records that share words with `query`, best first."""
        ...

    async def reindex(self, embedder: Embedder, progress: Progress) -> int:
        """Make every vector anew with `embedder`, and say how many; what was there counts until all are made."""
        ...

    async def build_graphs(self, least: int) -> Mapping[str, int]:
        """Index the collections that have at least `least` vectors, and return how many each has.

        A store that indexes by itself does nothing.
        """
        ...

    async def close(self) -> None:
        """Let go of files and connections."""
        ...
