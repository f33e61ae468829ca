"""SqliteStore: a memory in one SQLite file. The work is done in worker threads; nothing is imported before it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from forethought.kernel.threads import run_in_thread

from .embedder import Embedder, embedded
from .records import Metric, Record
from .store import Progress, Scored

if TYPE_CHECKING:
    from .database import Database
    from .embedder import FloatMatrix

__all__ = ["SqliteStore"]

_BATCH = 256


class SqliteStore:
    """The file `path`, made when something is first written; None is a store that ends with the process.

    Many readers and one writer at a time, from several processes, each seeing a whole state of the file. Vectors are
    read once and kept in memory; after that, only those that changed.
    """

    __slots__ = ("_database", "_opening", "path")

    keywords = True

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._database: Database | None = None
        self._opening = threading.Lock()

    def __repr__(self) -> str:
        return f"SqliteStore({str(self.path) if self.path else ':memory:'!r})"

    async def known(self, collection: str, records: Sequence[Record], *, model: str) -> Mapping[str, FloatMatrix]:
        """See Store; texts of other collections are known, too."""
        del collection
        return await run_in_thread(lambda: self._opened().known([each.text for each in records], model))

    async def write(self, collection: str, records: Sequence[Record], vectors: FloatMatrix, *, model: str) -> None:
        """See Store; what is as it was is not written."""
        await run_in_thread(lambda: self._opened().write(collection, records, vectors, model))

    async def get(self, collection: str, ids: Sequence[str]) -> list[Record]:
        """See Store."""
        return await run_in_thread(lambda: self._opened().get(collection, ids))

    async def records(
        self, collection: str, *, source: str | None = None, where: Mapping[str, object] | None = None
    ) -> list[Record]:
        """See Store."""
        return await run_in_thread(lambda: self._opened().records(collection, source, where or {}))

    async def remove(self, collection: str, ids: Sequence[str]) -> int:
        """See Store."""
        return await run_in_thread(lambda: self._opened().remove(collection, ids))

    async def sources(self, collection: str) -> dict[str, int]:
        """See Store."""
        return await run_in_thread(lambda: self._opened().sources(collection))

    async def collections(self) -> list[str]:
        """See Store."""
        return await run_in_thread(lambda: self._opened().collections())

    async def count(self, collection: str | None = None) -> int:
        """See Store."""
        return await run_in_thread(lambda: self._opened().count(collection))

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
        """See Store."""
        return await run_in_thread(
            lambda: self._opened().nearest(collections, vector, model=model, metric=metric, limit=limit, where=where)
        )

    async def matching(
        self, collections: Sequence[str] | None, query: str, *, limit: int, where: Mapping[str, object]
    ) -> list[Scored]:
        """See Store."""
        return await run_in_thread(lambda: self._opened().matching(collections, query, limit, where))

    async def reindex(self, embedder: Embedder, progress: Progress) -> int:
        """See Store; texts that are saved meanwhile are embedded, too."""
        done, total = await run_in_thread(lambda: self._opened().begin_reindex(embedder.name))
        progress(done, total)
        after = b""
        while True:
            texts = await run_in_thread(partial(self._opened().stale, after, _BATCH))
            if texts:
                vectors = await embedded(embedder, [text for _, text in texts])
                await run_in_thread(partial(self._opened().stage, [digest for digest, _ in texts], vectors))
                after, done = texts[-1][0], done + len(texts)
                progress(done, max(done, total))
                continue
            changed = await run_in_thread(lambda: self._opened().swap(embedder.name, embedder.dimension))
            if changed is not None:
                return changed
            after = b""  # something was saved meanwhile

    async def build_graphs(self, least: int) -> Mapping[str, int]:
        """See Store."""
        return await run_in_thread(lambda: self._opened().build_graphs(least))

    async def close(self) -> None:
        """See Store; the next call opens the file again."""
        if self._database is not None:
            await run_in_thread(self._database.close)

    def _opened(self) -> Database:
        with self._opening:
            if self._database is None:
                from .database import Database

                self._database = Database(self.path)
            return self._database
