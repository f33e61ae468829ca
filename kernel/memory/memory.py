"""SemanticMemory: texts by collection and id, searched by meaning and by keyword."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self, get_args

from forethought.kernel.settings import Settings, load_settings
from forethought.kernel.threads import run_in_thread

from .embedder import embedded
from .fusion import fuse, on_one_list
from .locating import IN_PROCESS, locate
from .records import Hit, Metric, Mode, Record
from .store import LARGE, Progress, Scored, Store

if TYPE_CHECKING:
    from types import TracebackType

    from .embedder import Embedder, FloatMatrix

__all__ = ["DEFAULT_COLLECTION", "SemanticMemory"]

DEFAULT_COLLECTION = "memory"

_BATCH = 256  # texts that are embedded and written together: what is written is kept, whatever comes after
_CANDIDATES = 200  # among which keywords are looked for where the store cannot
_MOST = 1_000_000  # hits, whatever is asked for
_DEPTH = 50  # of the lists that are fused, at least: what is far down on both may yet be first on neither


class SemanticMemory:
    """Texts with their embeddings, kept by a store and found by meaning, by keyword, or by both.

    Nothing is opened, and no weights are loaded, before the first call that needs them.
    """

    __slots__ = ("_embedder", "_settings", "_store")

    def __init__(self, store: Store, embedder: str | Embedder, *, settings: Settings | None = None) -> None:
        """Hold `store`; a text names an embedder, such as `local` or `openai:text-embedding-3-small`."""
        self._store = store
        self._embedder = embedder
        self._settings = settings

    @classmethod
    def open(
        cls,
        path: str | Path | None = None,
        *,
        embedder: str | Embedder | None = None,
        settings: Settings | None = None,
    ) -> Self:
        """Return the memory in the file `path`, which is made when something is first saved.

        `:memory:` is a memory that ends with the process. What is not given comes from `[memory]` in the settings, else
        it is `.forethought/memory.db` in the folder of forethought.toml, or in the working directory, and the embedder
        `local`.
        """
        from .sqlite import SqliteStore

        settings = settings or load_settings()
        place = locate(path, embedder, settings)
        return cls(SqliteStore(place.path), place.embedder, settings=settings)

    @classmethod
    def wrap(
        cls, existing: object, *, embedder: str | Embedder | None = None, settings: Settings | None = None
    ) -> Self:
        """Return a memory in `existing`, a `VectorStore` of Semantic Kernel: PostgreSQL, Qdrant, Redis, Chroma, ...

        Opening and closing it is its owner's. Keywords are looked for among the 200 records that are nearest.
        """
        from forethought.kernel import _semantic_kernel as semantic

        settings = settings or load_settings()
        place = locate(IN_PROCESS, embedder, settings)
        return cls(semantic.open_store(existing), place.embedder, settings=settings)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the store's files and connections."""
        await self._store.close()

    async def save(
        self,
        collection: str,
        text: str,
        *,
        id: str | None = None,
        description: str = "",
        metadata: Mapping[str, object] | None = None,
        source: str = "",
        chunk: int | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> str:
        """Keep one text and return its id; see `save_many`."""
        record = Record(
            id=id or "",
            text=text,
            description=description,
            metadata=metadata or {},
            source=source,
            chunk=chunk,
            start=start,
            end=end,
        )
        return (await self.save_many(collection, [record]))[0]

    async def save_many(self, collection: str, records: Iterable[Record]) -> list[str]:
        """Insert or replace records by id, and return the ids.

        A text that is in memory already is not embedded again, and saving the same again changes nothing. Records are
        kept in batches: after an error, those before it are there. When this returns, all are kept for good.
        """
        kept = [_identified(each) for each in records]
        latest = list({each.id: each for each in kept}.values())
        for begin in range(0, len(latest), _BATCH):
            await self._save(collection, latest[begin : begin + _BATCH])
        return [each.id for each in kept]

    async def get(self, collection: str, id: str) -> Record | None:
        """Return the record of this id, None where there is none."""
        return next(iter(await self._store.get(collection, [id])), None)

    async def records(
        self, collection: str, *, source: str | None = None, where: Mapping[str, object] | None = None
    ) -> list[Record]:
        """Return all records, or those taken from `source` and with the metadata `where`: by source, chunk and id."""
        return await self._store.records(collection, source=source, where=where or {})

    async def search(
        self,
        query: str,
        *,
        collection: str | Sequence[str] | None = None,
        mode: Mode = "hybrid",
        limit: int = 10,
        min_relevance: float = 0.0,
        metric: Metric = "cosine",
        where: Mapping[str, object] | None = None,
    ) -> list[Hit]:
        """Return the records that fit `query` best, from these collections, or from all of them.

        `vector` orders by the metric, `keyword` by BM25, `hybrid` by reciprocal rank fusion of both. What has a
        relevance below `min_relevance` is left out. `where` gives metadata that a record must have: a value, or a list
        of values of which it must have one; a list in the metadata has each of its items.
        """
        _one_of("mode", mode, get_args(Mode))
        _one_of("metric", metric, get_args(Metric))
        query = query.encode("utf-8", "replace").decode()  # half a character, a lone surrogate, means nothing
        collections = [collection] if isinstance(collection, str) else collection
        limit = min(limit, _MOST)
        depth = max(limit, _DEPTH) if mode == "hybrid" else limit
        by_vector: list[Scored] = []
        by_keyword: list[Scored] = []
        if limit > 0 and (mode != "keyword" or not self._store.keywords):
            embedder = await self._opened()
            (vector,) = await embedded(embedder, [query])
            near = depth if self._store.keywords or mode == "vector" else max(depth, _CANDIDATES)
            by_vector = await self._store.nearest(
                collections, vector, model=embedder.name, metric=metric, limit=near, where=where or {}
            )
        if limit > 0 and mode != "vector":
            if self._store.keywords:
                by_keyword = await self._store.matching(collections, query, limit=depth, where=where or {})
            else:
                by_keyword = await run_in_thread(partial(_among, by_vector, query, limit=depth))
                by_vector = by_vector[:depth] if mode == "hybrid" else []
        hits = fuse(by_vector, by_keyword) if mode == "hybrid" else on_one_list(mode, by_vector or by_keyword)
        return [hit for hit in hits if hit.relevance >= min_relevance][:limit]

    async def remove(self, collection: str, ids: str | Iterable[str]) -> int:
        """Forget records by id, and return how many there were."""
        return await self._store.remove(collection, [ids] if isinstance(ids, str) else list(dict.fromkeys(ids)))

    async def sources(self, collection: str) -> dict[str, int]:
        """Return how many records were taken from each source; those of no source are under an empty name."""
        return await self._store.sources(collection)

    async def collections(self) -> list[str]:
        """Return the names of the collections that hold anything, sorted."""
        return await self._store.collections()

    async def count(self, collection: str | None = None) -> int:
        """Return how many records a collection has; without one, all of them together."""
        return await self._store.count(collection)

    async def reindex(self, progress: Progress = lambda done, of: None) -> int:
        """Embed every text anew with the embedder of this memory, and return how many there were.

        Until all are embedded, the old vectors stay; what was embedded before an interruption is not embedded again.
        """
        return await self._store.reindex(await self._opened(), progress)

    async def build_graphs(self, *, least: int = LARGE) -> Mapping[str, int]:
        """Index the collections of at least `least` texts by an HNSW graph, and return how many texts each has.

        A search then asks the graph, and scans what was saved after it was built: build it again when that is much.
        """
        return await self._store.build_graphs(least)

    async def _save(self, collection: str, records: Sequence[Record]) -> None:
        embedder = await self._opened()
        known = dict(await self._store.known(collection, records, model=embedder.name))
        missing = list(dict.fromkeys(each.text for each in records if each.text not in known))
        if missing:
            known.update(zip(missing, await embedded(embedder, missing), strict=True))
        await self._store.write(
            collection, records, _stacked([known[each.text] for each in records]), model=embedder.name
        )

    async def _opened(self) -> Embedder:
        if isinstance(self._embedder, str):
            spec = self._embedder

            def open_it() -> Embedder:
                from .embedders.opening import open_embedder

                return open_embedder(spec, self._settings)

            opened = await run_in_thread(open_it)
            self._embedder = opened
        return self._embedder


def _identified(record: Record) -> Record:
    """Return `record` with an id: its own, else one made from its text, source and chunk."""
    if record.id:
        return record
    said = f"{record.source}\0{'' if record.chunk is None else record.chunk}\0{record.text}"
    return dataclasses.replace(record, id=hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:24])


def _among(candidates: Sequence[Scored], query: str, *, limit: int) -> list[Scored]:
    """Return those of `candidates` that share words with `query`, best first, by BM25 among them."""
    import numpy as np

    from .database import Database

    numbered = [dataclasses.replace(each.record, id=str(number)) for number, each in enumerate(candidates)]
    database = Database(None)
    try:
        database.write("", numbered, np.zeros((len(numbered), 1), dtype=np.float32), model="")
        found = database.matching(None, query, limit, {})
    finally:
        database.close()
    return [
        each._replace(collection=had.collection, record=had.record)
        for each in found
        for had in [candidates[int(each.record.id)]]
    ]


def _stacked(vectors: Sequence[FloatMatrix]) -> FloatMatrix:
    import numpy as np

    return np.stack(vectors)


def _one_of(name: str, given: str, allowed: Sequence[str]) -> None:
    if given not in allowed:
        raise ValueError(f"'{given}' is not a {name}: it is one of {', '.join(allowed)}")
