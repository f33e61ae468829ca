"""Nearness: the vectors of a file, kept in memory from search to search and refreshed by what was written since."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from .graph import Graph, graph_key, open_graph
from .records import Metric
from .rows import meta
from .scanning import Near, Vectors, is_distance
from .store import LARGE

if TYPE_CHECKING:
    from .embedder import FloatMatrix

__all__ = ["Nearness"]

_logger = logging.getLogger(__name__)
_SOME = 4096  # vectors that are read at once


class _Held(NamedTuple):
    """The vectors of a collection that were written after `base` (of all, -1), up to the write `seen`."""

    base: int
    seen: int
    vectors: Vectors


class Nearness:
    """Finds the nearest records of one collection; what it keeps is only ever a copy of the file."""

    __slots__ = ("_era", "_graphs", "_held", "_path", "_told")

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._era = 0
        self._held: dict[int, _Held] = {}
        self._graphs: dict[int, Graph] = {}
        self._told: set[int] = set()

    def clear(self) -> None:
        """Forget everything that was read."""
        self._held.clear()
        self._graphs.clear()

    def nearest(
        self,
        connection: sqlite3.Connection,
        collection: int,
        query: FloatMatrix,
        *,
        metric: Metric,
        limit: int,
        allowed: Sequence[int] | None = None,
    ) -> list[Near]:
        """Return the nearest records of a collection as it is now, best first."""
        era = cast("int", meta(connection, "era") or 0)
        if era != self._era:
            self.clear()
            self._era = era
        graph = self._graph(connection, collection, era)
        vectors = self._refreshed(connection, collection, len(query), graph.built.changed if graph else -1)
        found = vectors.nearest(query, metric=metric, limit=limit, allowed=allowed)
        if graph is None:
            return found
        found += graph.nearest(connection, query, metric=metric, limit=limit, allowed=allowed)
        sign = 1 if is_distance(metric) else -1
        return sorted(found, key=lambda each: (sign * each.score, each.number))[:limit]

    def _graph(self, connection: sqlite3.Connection, collection: int, era: int) -> Graph | None:
        """Return the graph of a collection: the one that is open, else the one beside the file, where there is one."""
        known = self._graphs.get(collection)
        said = meta(connection, graph_key(collection))
        if said is None or (known and isinstance(said, str) and known.built.file in said):
            return known if said else None
        opened = open_graph(connection, self._path, collection, era)
        if opened:
            self._graphs[collection] = opened
        return opened

    def _refreshed(self, connection: sqlite3.Connection, collection: int, dimension: int, base: int) -> Vectors:
        """Return the vectors that were written after `base`: only what changed since the last time is read."""
        changed, removed = connection.execute(
            "SELECT changed, removed FROM collections WHERE number = ?", (collection,)
        ).fetchone()
        held = self._held.get(collection)
        if held is None or held.base != base:
            held = _Held(base, base, Vectors(dimension))
        vectors = held.vectors
        if held.seen < removed and len(vectors):
            there = connection.execute("SELECT number FROM records WHERE collection = ?", (collection,))
            vectors.keep([number for (number,) in there])
        if held.seen < changed:
            rows = _written_since(connection, collection, held.seen)
            while some := rows.fetchmany(_SOME):
                if any(len(vector) != 4 * dimension for _, vector in some):
                    raise sqlite3.DatabaseError("a vector has not the length of the others")
                vectors.put([record for record, _ in some], [vector for _, vector in some])
            self._held[collection] = _Held(base, changed, vectors)
            self._advise(collection, len(vectors))
        return vectors

    def _advise(self, collection: int, size: int) -> None:
        if size >= LARGE and collection not in self._told:
            self._told.add(collection)
            _logger.warning(
                "a collection of %s has %d texts, which a graph searches faster than a scan: "
                "pip install 'forethought[hnsw]', then SemanticMemory.build_graphs()",
                self._path or "this process",
                size,
            )


def _written_since(connection: sqlite3.Connection, collection: int, seen: int) -> sqlite3.Cursor:
    """Return the vectors that were written after the write `seen`, by number of their record.

    All of a large collection are read in the order of the file, which an index would not do.
    """
    (own,) = connection.execute("SELECT count(*) FROM vectors WHERE collection = ?", (collection,)).fetchone()
    (total,) = connection.execute("SELECT count(*) FROM vectors").fetchone()
    how = "NOT INDEXED" if seen < 0 and 4 * own >= total else ""
    return connection.execute(
        f"SELECT record, vector FROM vectors {how} WHERE collection = ? AND changed > ? ORDER BY record",
        (collection, seen),
    )
