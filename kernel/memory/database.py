"""The database: a memory in one SQLite file, many readers beside one writer, from several threads and processes."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import weakref
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from forethought.kernel.errors import EmbedderMismatchError, MemoryStoreError

from .graph import build_graph, graph_key, is_installed
from .keywords import matches
from .nearness import Nearness
from .records import Metric, Record
from .rows import (
    COLUMNS,
    digest_of,
    fetch,
    filtered,
    meta,
    next_change,
    number_of,
    numbers_of,
    put,
    record_of,
    row_of,
    rows_by_id,
    set_meta,
)
from .scanning import is_distance, relevance_of
from .schema import explained, open_for_reading, open_for_writing, place_of
from .store import Scored

if TYPE_CHECKING:
    from .embedder import FloatMatrix

__all__ = ["Database"]


class Database:
    """The records of a file, written and searched. Calls may come from any thread; each waits for its like only."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._place = place_of(path)
        self._connections: dict[str, sqlite3.Connection] = {}
        self._writes = threading.RLock()
        self._reads = threading.RLock() if path else self._writes  # in this process there is one connection for both
        self._near = Nearness(path)
        weakref.finalize(self, _close, self._connections)

    def close(self) -> None:
        """Close the file; the next call opens it again. A memory of this process is gone then."""
        with self._writes, self._reads:
            _close(self._connections)
            self._near.clear()

    # Writing

    def write(self, collection: str, records: Sequence[Record], vectors: FloatMatrix, model: str) -> None:
        """Insert or replace `records`; see Store."""
        rows = [row_of(each, self._place) for each in records]
        with self._transaction() as connection:
            self._claim(connection, model, vectors.shape[1])
            there = rows_by_id(connection, number_of(connection, collection), [each.id for each in records])
            new = [
                (record, row, vector)
                for record, row, vector in zip(records, rows, vectors, strict=True)
                if there.get(record.id) != row
            ]
            if not new:
                return
            connection.execute("INSERT INTO collections (name) VALUES (?) ON CONFLICT DO NOTHING", (collection,))
            number = cast("int", number_of(connection, collection))
            change = next_change(connection, number)
            for record, row, vector in new:
                put(connection, record, row, vector.tobytes(), collection=number, change=change)

    def remove(self, collection: str, ids: Sequence[str]) -> int:
        """Delete records by id and return how many were there."""
        with self._reading() as connection:
            if not rows_by_id(connection, number_of(connection, collection), ids):
                return 0
        with self._transaction() as connection:
            number = number_of(connection, collection)
            removed = connection.execute(
                "DELETE FROM records WHERE collection = ? AND id IN (SELECT value FROM json_each(?))",
                (number, json.dumps(ids)),
            ).rowcount
            connection.execute(
                "UPDATE collections SET removed = ? WHERE number = ?", (next_change(connection, number), number)
            )
            return removed

    # Embedding anew

    def begin_reindex(self, model: str) -> tuple[int, int]:
        """Keep the vectors that an interrupted reindex made with `model`, no others; say of how many texts they are."""
        with self._transaction() as connection:
            if meta(connection, "reindexing") != model:
                connection.execute("DELETE FROM reindexed")
                set_meta(connection, "reindexing", model)
            (done,) = connection.execute("SELECT count(*) FROM reindexed").fetchone()
            (total,) = connection.execute("SELECT count(DISTINCT digest) FROM records").fetchone()
            return done, total

    def stale(self, after: bytes, limit: int) -> list[tuple[bytes, str]]:
        """Return digests and texts that have no new vector, in order of digest, at most `limit` after `after`."""
        with self._reading() as connection:
            return connection.execute(
                "SELECT digest, min(text) FROM records "
                "WHERE digest > ? AND digest NOT IN (SELECT digest FROM reindexed) "
                "GROUP BY digest ORDER BY digest LIMIT ?",
                (after, limit),
            ).fetchall()

    def stage(self, digests: Sequence[bytes], vectors: FloatMatrix) -> None:
        """Keep new vectors beside the old ones."""
        with self._transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO reindexed VALUES (?, ?)",
                ((digest, vector.tobytes()) for digest, vector in zip(digests, vectors, strict=True)),
            )

    def swap(self, model: str, dimension: int) -> int | None:
        """Put all new vectors in place of the old ones, at once, and return how many; None where some are lacking."""
        with self._transaction() as connection:
            if connection.execute(
                "SELECT 1 FROM records WHERE digest NOT IN (SELECT digest FROM reindexed) LIMIT 1"
            ).fetchone():
                return None
            changed = connection.execute(
                "UPDATE vectors SET vector = (SELECT n.vector FROM records r JOIN reindexed n USING (digest) "
                "WHERE r.number = vectors.record)"
            ).rowcount
            connection.execute("DELETE FROM reindexed")
            for key, value in (("model", model), ("dimension", dimension), ("reindexing", None)):
                set_meta(connection, key, value)
            set_meta(connection, "era", cast("int", meta(connection, "era") or 0) + 1)
            return changed

    def build_graphs(self, least: int) -> dict[str, int]:
        """Build the graphs of collections that have at least so many vectors; see Store."""
        if self._path is None:
            return {}
        if not is_installed():
            raise MemoryStoreError(self._place, "usearch is not installed", "pip install 'forethought[hnsw]'")
        built: dict[str, int] = {}
        with explained(self._path):
            connection = open_for_reading(self._path)  # of its own: others search meanwhile
            with contextlib.closing(connection or open_for_writing(None)) as reading:
                counted = (
                    "SELECT c.number, c.name, count(*) FROM vectors v JOIN collections c ON c.number = v.collection"
                )
                for number, name, size in reading.execute(f"{counted} GROUP BY c.number").fetchall():
                    if size >= least:
                        self._build_graph(reading, number)
                        built[name] = size
        return built

    def _build_graph(self, reading: sqlite3.Connection, number: int) -> None:
        reading.execute("BEGIN")
        try:
            dimension, era = cast("int", meta(reading, "dimension")), cast("int", meta(reading, "era") or 0)
            path = cast("Path", self._path)
            new = build_graph(reading, path, number, dimension, era)
        finally:
            reading.execute("ROLLBACK")
        with self._transaction() as connection:
            old = meta(connection, graph_key(number))
            set_meta(connection, graph_key(number), json.dumps(new))
        if isinstance(old, str) and json.loads(old)[0] != new.file:
            with contextlib.suppress(OSError):  # of a system that keeps what somebody has mapped
                path.with_name(str(json.loads(old)[0])).unlink()

    # Reading

    def known(self, texts: Sequence[str], model: str) -> dict[str, FloatMatrix]:
        """Return the vectors of those texts that are there, in whatever collection."""
        with self._reading() as connection:
            self._check(connection, model)
            found: dict[str, FloatMatrix] = {}
            for text in texts:
                row = connection.execute(
                    "SELECT v.vector FROM records r JOIN vectors v ON v.record = r.number WHERE r.digest = ? LIMIT 1",
                    (digest_of(text),),
                ).fetchone()
                if row:
                    found[text] = np.frombuffer(row[0], dtype=np.float32)
            return found

    def get(self, collection: str, ids: Sequence[str]) -> list[Record]:
        """Return those records that are there, in the order of `ids`."""
        with self._reading() as connection:
            rows = rows_by_id(connection, number_of(connection, collection), ids)
            return [record_of(rows[each]) for each in ids if each in rows]

    def records(self, collection: str, source: str | None, where: Mapping[str, object]) -> list[Record]:
        """Return all records, or those of a source and with this metadata."""
        with self._reading() as connection:
            values: list[object] = [number_of(connection, collection)]
            clause = ""
            if source is not None:
                clause = " AND r.source = ?"
                values.append(source)
            labelled, wanted = filtered(where, "r.number")
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM records r WHERE r.collection = ?{clause}{labelled} "
                "ORDER BY r.source, r.chunk, r.id",
                (*values, *wanted),
            )
            return [record_of(row) for row in rows]

    def sources(self, collection: str) -> dict[str, int]:
        """Return how many records each source has."""
        with self._reading() as connection:
            counted = "SELECT source, count(*) FROM records WHERE collection = ? GROUP BY source ORDER BY source"
            return dict(connection.execute(counted, (number_of(connection, collection),)))

    def collections(self) -> list[str]:
        """Return the names of the collections that hold anything."""
        with self._reading() as connection:
            holds = "EXISTS (SELECT 1 FROM records WHERE collection = c.number)"
            return [
                name for (name,) in connection.execute(f"SELECT name FROM collections c WHERE {holds} ORDER BY name")
            ]

    def count(self, collection: str | None) -> int:
        """Return how many records there are, in one collection or in all."""
        with self._reading() as connection:
            if collection is None:
                return int(connection.execute("SELECT count(*) FROM records").fetchone()[0])
            number = number_of(connection, collection)
            return int(connection.execute("SELECT count(*) FROM records WHERE collection = ?", (number,)).fetchone()[0])

    def nearest(
        self,
        collections: Sequence[str] | None,
        vector: FloatMatrix,
        *,
        model: str,
        metric: Metric,
        limit: int,
        where: Mapping[str, object],
    ) -> list[Scored]:
        """Return the nearest records, best first."""
        with self._reading() as connection:
            self._check(connection, model, len(vector))
            labelled, wanted = filtered(where, "number")
            sign = 1 if is_distance(metric) else -1
            found: list[tuple[float, int]] = []
            for number in numbers_of(connection, collections):
                allowed = None
                if labelled:
                    asked = f"SELECT number FROM records WHERE collection = ?{labelled}"
                    allowed = [each for (each,) in connection.execute(asked, (number, *wanted))]
                near = self._near.nearest(connection, number, vector, metric=metric, limit=limit, allowed=allowed)
                found.extend((sign * each.score, each.number) for each in near)
            best = sorted(found)[:limit]
            scores = {number: sign * score for score, number in best}
            return [
                Scored(name, record, scores[number], relevance_of(scores[number], metric))
                for number, name, record in fetch(connection, [number for _, number in best])
            ]

    def matching(
        self, collections: Sequence[str] | None, query: str, limit: int, where: Mapping[str, object]
    ) -> list[Scored]:
        """Return the records that share words with `query`, best first."""
        with self._reading() as connection:
            among = None if collections is None else numbers_of(connection, collections)
            labelled, wanted = filtered(where, "rowid")
            found = matches(connection, query, collections=among, limit=limit, condition=labelled, values=wanted)
            scores = {each.number: each for each in found}
            return [
                Scored(name, record, scores[number].score, scores[number].relevance)
                for number, name, record in fetch(connection, list(scores))
            ]

    # The connections

    @contextlib.contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        """Write: all of it or nothing, and for good when this ends."""
        with self._writes, explained(self._path):
            connection = self._connections.get("write")
            if connection is None:
                connection = self._connections["write"] = open_for_writing(self._path)
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _reading(self) -> Generator[sqlite3.Connection]:
        """Read one state of the file, whoever writes meanwhile."""
        with self._reads, explained(self._path):
            connection = self._connections.get("read" if self._path else "write")
            if connection is None:
                connection = self._open_for_reading()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")
                if connection not in self._connections.values():
                    connection.close()

    def _open_for_reading(self) -> sqlite3.Connection:
        opened = open_for_reading(self._path) if self._path else None
        if self._path and opened is None:
            return open_for_writing(None)  # nothing was saved yet: an empty memory reads the same
        kind = "read" if self._path else "write"
        connection = self._connections[kind] = opened or open_for_writing(None)
        return connection

    # The embedder

    def _check(self, connection: sqlite3.Connection, model: str, dimension: int | None = None) -> None:
        """Raise EmbedderMismatchError where there are vectors, and they are of another model or dimension."""
        stored, length = meta(connection, "model"), meta(connection, "dimension")
        if stored == model and dimension in (None, length):
            return
        if connection.execute("SELECT 1 FROM vectors LIMIT 1").fetchone():
            same = stored == model
            raise EmbedderMismatchError(
                self._place,
                f"{stored} ({length} dimensions)" if same else str(stored),
                f"{model} ({dimension} dimensions)" if same else model,
            )

    def _claim(self, connection: sqlite3.Connection, model: str, dimension: int) -> None:
        self._check(connection, model, dimension)
        if (meta(connection, "model"), meta(connection, "dimension")) != (model, dimension):
            set_meta(connection, "model", model)
            set_meta(connection, "dimension", dimension)
            set_meta(connection, "era", cast("int", meta(connection, "era") or 0) + 1)


def _close(connections: dict[str, sqlite3.Connection]) -> None:
    while connections:
        connections.popitem()[1].close()
