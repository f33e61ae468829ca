"""Graph: an HNSW index (usearch) of a large collection, in a file beside the memory and mapped from there.

It is what a scan would be too slow for. It knows the vectors as they were when it was built: what was written since is
scanned, what was removed is not found, and what it finds is measured by the vectors themselves.
"""

from __future__ import annotations

import importlib.util
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

import numpy as np

from .records import Metric
from .rows import meta
from .scanning import Near, Vectors

if TYPE_CHECKING:
    from .embedder import FloatMatrix

__all__ = ["Graph", "build_graph", "graph_key", "is_installed", "open_graph"]

_WIDE, _SPARE = 4, 64  # how many more are asked for than wanted: the graph is not exact, and some may be gone
_FEW = 20_000  # records that a filter lets through: they are read and scanned
_MOST = 20_000  # records that the graph is ever asked for
_SOME = 4096


class _Matches(Protocol):
    keys: Sequence[int]


class _Index(Protocol):
    def add(self, keys: object, vectors: object, /) -> object: ...
    def search(self, vectors: object, count: int, /) -> _Matches: ...
    def save(self, path: str, /) -> object: ...
    def __len__(self) -> int: ...


class _Restoring(Protocol):
    def restore(self, path_or_buffer: str, *, view: bool) -> _Index | None: ...


class Built(NamedTuple):
    """What the memory knows of a graph: its file, up to which write it goes, and of which vectors."""

    file: str
    changed: int
    era: int


class Graph:
    """The graph of one collection."""

    __slots__ = ("_index", "built")

    def __init__(self, built: Built, index: _Index) -> None:
        self.built = built
        self._index = index

    def nearest(
        self,
        connection: sqlite3.Connection,
        query: FloatMatrix,
        *,
        metric: Metric,
        limit: int,
        allowed: Sequence[int] | None = None,
    ) -> list[Near]:
        """Return the nearest records that have not been written since, best first; almost always those of a scan."""
        if allowed is not None and len(allowed) <= _FEW:
            numbers = list(allowed)
        else:
            share = len(self._index) / max(1, len(allowed)) if allowed is not None else 1
            count = min(_MOST, len(self._index), int((limit * _WIDE + _SPARE) * share))
            numbers = [int(key) for key in self._index.search(query, count).keys]
        rows = connection.execute(
            "SELECT record, vector FROM vectors WHERE record IN (SELECT value FROM json_each(?)) AND changed <= ? "
            "ORDER BY record",
            (json.dumps(numbers), self.built.changed),
        ).fetchall()
        vectors = Vectors(len(query))
        vectors.put([record for record, _ in rows], [vector for _, vector in rows])
        return vectors.nearest(query, metric=metric, limit=limit, allowed=allowed)


def is_installed() -> bool:
    """Say whether usearch is there; imports nothing."""
    try:
        return importlib.util.find_spec("usearch") is not None
    except ValueError:  # it is marked as missing
        return False


def graph_key(collection: int) -> str:
    """Return what the memory says of itself about a collection's graph."""
    return f"graph {collection}"


def open_graph(connection: sqlite3.Connection, path: Path | None, collection: int, era: int) -> Graph | None:
    """Return the graph of a collection, None where there is none, or none of these vectors, or it cannot be read."""
    said = meta(connection, graph_key(collection))
    if path is None or not isinstance(said, str) or not is_installed():
        return None
    built = Built(*json.loads(said))
    file = path.with_name(built.file)
    if built.era != era or not file.is_file():
        return None
    from usearch.index import Index

    try:
        index = cast("_Restoring", Index).restore(str(file), view=True)
    except (RuntimeError, ValueError, OSError):  # whatever is the matter with it, a scan finds the same
        return None
    return Graph(built, index) if index else None


def build_graph(connection: sqlite3.Connection, path: Path, collection: int, dimension: int, era: int) -> Built:
    """Write the graph of a collection as it is now into a file of its own."""
    from usearch.index import Index

    (changed,) = connection.execute("SELECT changed FROM collections WHERE number = ?", (collection,)).fetchone()
    index = cast("_Index", Index(ndim=dimension, metric="ip", dtype="f16"))
    rows = connection.execute("SELECT record, vector FROM vectors WHERE collection = ?", (collection,))
    while some := rows.fetchmany(_SOME):
        numbers = np.array([record for record, _ in some], dtype=np.uint64)
        index.add(
            numbers, np.frombuffer(b"".join(vector for _, vector in some), dtype=np.float32).reshape(len(some), -1)
        )
    built = Built(f"{path.name}-graph-{collection}-{era}-{changed}", changed, era)
    part = path.with_name(f"{built.file}.part")
    index.save(str(part))
    part.replace(path.with_name(built.file))
    return built
