"""A vector store of Semantic Kernel (PostgreSQL, Qdrant, Redis, Chroma, ...) as a store of semantic memory.

Each of our collections is one of the engine's, of vectors of one model; one more says which there are. What Semantic
Kernel's interface lacks (listing, counting) is a search for more than there is.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections import Counter
from collections.abc import AsyncIterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

import numpy as np
from semantic_kernel.data.vector import (
    DistanceFunction,
    VectorStore,
    VectorStoreCollectionDefinition,
    VectorStoreField,
)

from forethought.kernel.calling import reason_of
from forethought.kernel.errors import EmbedderMismatchError, ForethoughtError, MemoryStoreError
from forethought.kernel.memory.embedder import Embedder, embedded
from forethought.kernel.memory.labels import fits
from forethought.kernel.memory.records import Metric, Record
from forethought.kernel.memory.rows import record_of, row_of
from forethought.kernel.memory.scanning import is_distance, relevance_of, score_of
from forethought.kernel.memory.store import Progress, Scored

if TYPE_CHECKING:
    from forethought.kernel.memory.embedder import FloatMatrix

__all__ = ["EngineStore", "open_store"]

_PREFIX = "forethought_"
_CATALOGUE = f"{_PREFIX}collections"
_ONE = np.ones(1, dtype=np.float32)  # the vector of what is not searched by one
_FIRST = 1000  # records that a listing asks for; four times as many where that was not all
_MORE = 4
_BATCH = 256


class _Entry(NamedTuple):
    """One of our collections: its name, the engine's name for it, and whose vectors it has."""

    name: str
    stored: str
    model: str
    dimension: int


class _Result(Protocol):
    record: Mapping[str, object]


class _Results(Protocol):
    results: AsyncIterable[_Result]


class _Collection(Protocol):
    """What we use of a collection; Semantic Kernel's own types are those of its records."""

    async def ensure_collection_exists(self) -> None: ...
    async def ensure_collection_deleted(self) -> None: ...
    async def collection_exists(self) -> bool: ...
    async def upsert(self, records: list[dict[str, object]], /) -> object: ...
    async def get(self, *, keys: list[str], include_vectors: bool) -> list[dict[str, object]] | None: ...
    async def delete(self, keys: list[str], /) -> None: ...
    async def search(self, *, vector: list[float], top: int, include_vectors: bool) -> _Results: ...


class _Engine(Protocol):
    def get_collection(
        self, *, record_type: type, definition: VectorStoreCollectionDefinition, collection_name: str
    ) -> _Collection: ...


def open_store(existing: object) -> EngineStore:
    """Return the store for `existing`; raises TypeError where it is no vector store."""
    if not isinstance(existing, VectorStore):
        raise TypeError(f"SemanticMemory.wrap needs a semantic_kernel VectorStore, not a {type(existing).__name__}")
    return EngineStore(existing)


class EngineStore:
    """Records in an engine that Semantic Kernel has a connector for; see Store. It finds by meaning only."""

    keywords = False

    def __init__(self, engine: VectorStore) -> None:
        self._engine = engine
        self._collections: dict[str, _Collection] = {}  # of some engines, a collection is where its records are
        self._place = f"of {type(engine).__name__}"

    async def known(self, collection: str, records: Sequence[Record], *, model: str) -> Mapping[str, FloatMatrix]:
        entry = await self._entry(collection, model)
        rows = await self._get(entry, [each.id for each in records], vectors=True)
        return {_record(row).text: _vector(row) for row in rows}

    async def write(self, collection: str, records: Sequence[Record], vectors: FloatMatrix, *, model: str) -> None:
        rows = [_row(record, vector, self._place) for record, vector in zip(records, vectors, strict=True)]
        entry = await self._entry(collection, model) or _entry(collection, model, vectors.shape[1])
        await self._put(entry, rows)
        await self._list(entry)

    async def get(self, collection: str, ids: Sequence[str]) -> list[Record]:
        rows = await self._get(await self._entry(collection), ids)
        found = {record.id: record for record in map(_record, rows)}
        return [found[each] for each in ids if each in found]

    async def records(
        self, collection: str, *, source: str | None = None, where: Mapping[str, object] | None = None
    ) -> list[Record]:
        records = map(_record, await self._all(await self._entry(collection)))
        fitting = [each for each in records if source in (None, each.source) and fits(each.metadata, where or {})]
        return sorted(fitting, key=lambda each: (each.source, -1 if each.chunk is None else each.chunk, each.id))

    async def remove(self, collection: str, ids: Sequence[str]) -> int:
        entry = await self._entry(collection)
        keys = [str(row["key"]) for row in await self._get(entry, ids)]
        if entry and keys:
            with _explained(self._place):
                await self._collection(entry.stored, entry.dimension).delete(keys)
        return len(keys)

    async def sources(self, collection: str) -> dict[str, int]:
        return dict(Counter(each.source for each in await self.records(collection)))

    async def collections(self) -> list[str]:
        return sorted([each.name for each in await self._entries() if await self._all(each, first=1)])

    async def count(self, collection: str | None) -> int:
        entries = [await self._entry(collection)] if collection is not None else await self._entries()
        return sum([len(await self._all(each)) for each in entries])

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
        """See Store. Engines compare by the dot product: `manhattan`, which may differ, orders those nearest by it."""
        found: list[Scored] = []
        for entry in (
            await self._entries() if collections is None else [await self._entry(each) for each in collections]
        ):
            if entry is None:
                continue
            self._check(entry, model, len(vector))
            top = limit * _MORE if metric == "manhattan" else limit
            while True:
                rows = await self._near(entry, vector, top)
                records = [_record(row) for row in rows]
                kept = [index for index, record in enumerate(records) if fits(record.metadata, where)]
                if len(kept) >= limit or len(rows) < top:
                    break
                top *= _MORE
            if kept:
                scores = score_of(np.stack([_vector(rows[index]) for index in kept]), vector, metric).tolist()
                found += [
                    Scored(entry.name, records[index], score, relevance_of(score, metric))
                    for index, score in zip(kept, scores, strict=True)
                ]
        sign = 1 if is_distance(metric) else -1
        return sorted(found, key=lambda each: (sign * each.score, each.record.id))[:limit]

    async def matching(
        self, collections: Sequence[str] | None, query: str, *, limit: int, where: Mapping[str, object]
    ) -> list[Scored]:
        """Nothing: SemanticMemory looks for keywords among the nearest."""
        del collections, query, limit, where
        return []

    async def reindex(self, embedder: Embedder, progress: Progress) -> int:
        done, entries = 0, await self._entries()
        held = [(entry, [_record(row) for row in await self._all(entry)]) for entry in entries]
        total = sum(len(records) for _, records in held)
        progress(0, total)
        for old, records in held:
            new: _Entry | None = None
            for begin in range(0, len(records), _BATCH):
                batch = records[begin : begin + _BATCH]
                vectors = await embedded(embedder, [each.text for each in batch])
                new = _entry(old.name, embedder.name, embedder.dimension)
                await self._put(new, [_row(*each, self._place) for each in zip(batch, vectors, strict=True)])
                done += len(batch)
                progress(done, total)
            if new:
                await self._list(new)
            if new is None or new.stored != old.stored:
                with _explained(self._place):
                    await self._collection(old.stored, old.dimension).ensure_collection_deleted()
        return done

    async def build_graphs(self, least: int) -> Mapping[str, int]:
        """Nothing: the engine has an index of its own."""
        del least
        return {}

    async def close(self) -> None:
        """The engine belongs to whoever made it: nothing is closed."""

    # The engine

    def _collection(self, stored: str, dimension: int) -> _Collection:
        if stored not in self._collections:
            self._collections[stored] = self._made(stored, dimension)
        return self._collections[stored]

    def _made(self, stored: str, dimension: int) -> _Collection:
        definition = VectorStoreCollectionDefinition(
            fields=[
                VectorStoreField("key", name="key", type="str"),
                VectorStoreField("data", name="record", type="str"),
                VectorStoreField(
                    "vector",
                    name="vector",
                    type="float",
                    dimensions=dimension,
                    distance_function=DistanceFunction.DOT_PROD,  # what every engine has; the vectors have length one
                ),
            ]
        )
        engine = cast("_Engine", self._engine)
        return engine.get_collection(record_type=dict, definition=definition, collection_name=stored)

    async def _put(self, entry: _Entry, rows: list[dict[str, object]]) -> None:
        with _explained(self._place):
            collection = self._collection(entry.stored, entry.dimension)
            if not await collection.collection_exists():  # some engines do not ask themselves
                try:
                    await collection.ensure_collection_exists()
                except Exception:  # engines raise errors of many kinds where another process was faster
                    if not await collection.collection_exists():
                        raise
            await collection.upsert(rows)

    async def _get(self, entry: _Entry | None, ids: Sequence[str], *, vectors: bool = False) -> list[dict[str, object]]:
        if entry is None or not ids:
            return []
        with _explained(self._place):
            collection = self._collection(entry.stored, entry.dimension)
            return await collection.get(keys=[_key(each) for each in ids], include_vectors=vectors) or []

    async def _near(self, entry: _Entry, vector: FloatMatrix, top: int) -> list[Mapping[str, object]]:
        with _explained(self._place):
            collection = self._collection(entry.stored, entry.dimension)
            found = await collection.search(vector=vector.tolist(), top=top, include_vectors=True)
            return [each.record async for each in found.results]

    async def _all(self, entry: _Entry | None, first: int = _FIRST) -> list[Mapping[str, object]]:
        """Return every record, or `first` ones where that is one: those nearest to any vector, without a limit."""
        if entry is None:
            return []
        probe = np.ones(entry.dimension, dtype=np.float32) / np.sqrt(entry.dimension, dtype=np.float32)
        top = first
        while True:
            rows = await self._near(entry, probe, top)
            if first == 1 or len(rows) < top:
                return rows
            top *= _MORE

    # The catalogue

    async def _entry(self, collection: str | None, model: str | None = None) -> _Entry | None:
        if collection is None or not await self._has_catalogue():
            return None
        catalogue = _Entry("", _CATALOGUE, "", 1)
        for row in await self._get(catalogue, [collection]):
            entry = _Entry(*json.loads(str(row["record"])))
            if model is not None:
                self._check(entry, model)
            return entry
        return None

    async def _entries(self) -> list[_Entry]:
        if not await self._has_catalogue():
            return []
        return [_Entry(*json.loads(str(row["record"]))) for row in await self._all(_Entry("", _CATALOGUE, "", 1))]

    async def _list(self, entry: _Entry) -> None:
        if await self._entry(entry.name) == entry:
            return
        row: dict[str, object] = {"key": _key(entry.name), "record": json.dumps(entry), "vector": _ONE.tolist()}
        await self._put(_Entry("", _CATALOGUE, "", 1), [row])

    async def _has_catalogue(self) -> bool:
        with _explained(self._place):
            return await self._collection(_CATALOGUE, 1).collection_exists()

    def _check(self, entry: _Entry, model: str, dimension: int | None = None) -> None:
        if entry.model != model:
            raise EmbedderMismatchError(self._place, entry.model, model)
        if dimension not in (None, entry.dimension):
            stored = f"{entry.model} ({entry.dimension} dimensions)"
            raise EmbedderMismatchError(self._place, stored, f"{model} ({dimension} dimensions)")


class _explained:  # noqa: N801 - reads as the function it stands for, and costs no generator
    """Raise what an engine says as MemoryStoreError."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, ForethoughtError):
            raise MemoryStoreError(self._place, f"the engine says '{reason_of(error)}'") from error


def _entry(collection: str, model: str, dimension: int) -> _Entry:
    """Return the entry of a new collection; engines differ in what a name may be, so it is plain and short."""
    slug = re.sub(r"[^a-z0-9]+", "_", collection.lower())[:24].strip("_")
    digest = hashlib.sha256(json.dumps([collection, model, dimension]).encode()).hexdigest()[:12]
    return _Entry(collection, f"{_PREFIX}{slug}_{digest}", model, dimension)


def _key(id_: str) -> str:
    """Return a key that every engine takes: some want a UUID."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, id_))


def _row(record: Record, vector: FloatMatrix, place: str) -> dict[str, object]:
    return {"key": _key(record.id), "record": json.dumps(row_of(record, place)), "vector": vector.tolist()}


def _record(row: Mapping[str, object]) -> Record:
    return record_of(tuple(json.loads(str(row["record"]))))


def _vector(row: Mapping[str, object]) -> FloatMatrix:
    return np.asarray(row["vector"], dtype=np.float32)
