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

from forethought.kernel.errors import EmbedderMismatchError

from .keywords import matches
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
from .scanning import Vectors, is_distance, relevance_of
from .schema import explained, open_for_reading, open_for_writing, place_of
from .store import Scored

if TYPE_CHECKING:
    from .embedder import FloatMatrix

__all__ = ["Database"]

_SOME = 4096  # vectors that are read at once


class Database:
    """The records of a file, written and searched. Calls may come from any thread; each waits for its like only."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._place = place_of(path)
        self._connections: dict[str, sqlite3.Connection] = {}
        self._writes = threading.RLock()
        self._reads = threading.RLock() if path else self._writes  # in this process there is one connection for both
        self._vectors: dict[int, tuple[int, Vectors]] = {}  # by collection: up to which change, and the vectors
        self._era = 0
        weakref.finalize(self, _close, self._connections)

    def close(self) -> None:
        """Close the file; the next call opens it again. A memory of this process is gone then."""
        with self._writes, self._reads:
            _close(self._connections)
            self._vectors.clear()

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

    def stale(self, limit: int) -> tuple[list[tuple[bytes, str]], int, int]:
        """Return digests and texts without a new vector, at most `limit`; how many there are; how many texts in all."""
        with self._reading() as connection:
            lacking = "FROM records WHERE digest NOT IN (SELECT digest FROM reindexed)"
            texts = connection.execute(
                f"SELECT digest, min(text) {lacking} GROUP BY digest LIMIT ?", (limit,)
            ).fetchall()
            (left,) = connection.execute(f"SELECT count(DISTINCT digest) {lacking}").fetchone()
            (total,) = connection.execute("SELECT count(DISTINCT digest) FROM records").fetchone()
            return texts, left, total

    def begin_reindex(self, model: str) -> None:
        """Keep the vectors that an interrupted reindex made with `model`, and no others."""
        with self._transaction() as connection:
            if meta(connection, "reindexing") != model:
                connection.execute("DELETE FROM reindexed")
                set_meta(connection, "reindexing", model)

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
                vectors = self._refreshed(connection, number, len(vector))
                allowed = None
                if labelled:
                    asked = f"SELECT number FROM records WHERE collection = ?{labelled}"
                    allowed = [each for (each,) in connection.execute(asked, (number, *wanted))]
                near = vectors.nearest(vector, metric=metric, limit=limit, allowed=allowed)
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

    def _refreshed(self, connection: sqlite3.Connection, number: int, dimension: int) -> Vectors:
        """Return the vectors of a collection as they are now: only what changed since the last time is read."""
        era = cast("int", meta(connection, "era") or 0)
        if era != self._era:
            self._vectors.clear()
            self._era = era
        changed, removed = connection.execute(
            "SELECT changed, removed FROM collections WHERE number = ?", (number,)
        ).fetchone()
        seen, vectors = self._vectors.get(number) or (-1, Vectors(dimension))
        if seen < removed and len(vectors):
            vectors.keep(
                [each for (each,) in connection.execute("SELECT number FROM records WHERE collection = ?", (number,))]
            )
        if seen < changed:
            rows = _changed_vectors(connection, number, seen)
            while some := rows.fetchmany(_SOME):
                if any(len(vector) != 4 * dimension for _, vector in some):
                    raise sqlite3.DatabaseError("a vector has not the length of the others")
                vectors.put([record for record, _ in some], [vector for _, vector in some])
            self._vectors[number] = (changed, vectors)
        return vectors

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


def _changed_vectors(connection: sqlite3.Connection, collection: int, seen: int) -> sqlite3.Cursor:
    """Return the vectors that were written after the change `seen`, by number of their record.

    All of a large collection are read in the order of the file, which an index would not do.
    """
    (own,) = connection.execute("SELECT count(*) FROM vectors WHERE collection = ?", (collection,)).fetchone()
    (total,) = connection.execute("SELECT count(*) FROM vectors").fetchone()
    how = "NOT INDEXED" if seen < 0 and 4 * own >= total else ""
    return connection.execute(
        f"SELECT record, vector FROM vectors {how} WHERE collection = ? AND changed > ? ORDER BY record",
        (collection, seen),
    )


def _close(connections: dict[str, sqlite3.Connection]) -> None:
    while connections:
        connections.popitem()[1].close()
