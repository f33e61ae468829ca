"""Scanning: the vectors of a collection in memory, and the nearest of them to a query.

Every vector has length one, or zero: it is one matrix product, at the speed of memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .records import Metric

if TYPE_CHECKING:
    import numpy.typing as npt

    from .embedder import FloatMatrix

    Numbers = npt.NDArray[np.int64]

__all__ = ["Near", "Vectors", "is_distance", "relevance_of", "score_of"]

_SPARE = 64  # beyond what is asked for: those whose order float32 could mistake
_ROWS = 2048  # that are subtracted at once: what fits into the cache


class Near(NamedTuple):
    """A record, by number, and its score in the metric that was asked for."""

    number: int
    score: float


class Vectors:
    """Vectors by record number, in ascending order of number; room for more is kept behind them."""

    __slots__ = ("_matrix", "_numbers", "_size")

    def __init__(self, dimension: int) -> None:
        self._size = 0
        self._numbers: Numbers = np.empty(0, dtype=np.int64)
        self._matrix: FloatMatrix = np.empty((0, dimension), dtype=np.float32)

    def __len__(self) -> int:
        return self._size

    @property
    def numbers(self) -> Numbers:
        """The records' numbers, ascending."""
        return self._numbers[: self._size]

    @property
    def matrix(self) -> FloatMatrix:
        """Their vectors, row by row."""
        return self._matrix[: self._size]

    def put(self, numbers: Sequence[int], blobs: Sequence[bytes]) -> None:
        """Set the vectors of records, given in ascending order of number; new ones come after those that are there."""
        if not numbers:
            return
        rows = np.frombuffer(b"".join(blobs), dtype=np.float32).reshape(len(blobs), -1)
        given = np.asarray(numbers, dtype=np.int64)
        first_new = int(np.count_nonzero(given <= self._numbers[self._size - 1])) if self._size else 0
        if first_new:
            self._matrix[np.searchsorted(self.numbers, given[:first_new])] = rows[:first_new]
        self._append(given[first_new:], rows[first_new:])

    def keep(self, numbers: Sequence[int]) -> None:
        """Forget all but these."""
        kept = np.isin(self.numbers, np.asarray(numbers, dtype=np.int64), assume_unique=True)
        self._numbers, self._matrix = self.numbers[kept], self.matrix[kept]
        self._size = len(self._numbers)

    def nearest(
        self, query: FloatMatrix, *, metric: Metric, limit: int, allowed: Sequence[int] | None = None
    ) -> list[Near]:
        """Return the `limit` nearest records to `query`, best first, of equal ones the older first."""
        numbers, matrix = self.numbers, self.matrix
        if allowed is not None:
            kept = np.isin(numbers, np.asarray(allowed, dtype=np.int64))
            numbers, matrix = numbers[kept], matrix[kept]
        if not len(numbers):
            return []
        fast = -_manhattan(matrix, query) if metric == "manhattan" else matrix @ query
        chosen = _largest(fast, limit + _SPARE)
        exact = score_of(matrix[chosen], query, metric)
        order = np.lexsort((numbers[chosen], exact if is_distance(metric) else -exact))[:limit]
        return [Near(int(numbers[chosen[each]]), float(exact[each])) for each in order]

    def _append(self, numbers: Numbers, rows: FloatMatrix) -> None:
        size = self._size + len(numbers)
        if size > len(self._numbers):
            room = max(size, len(self._numbers) * 3 // 2) if self._size else size
            matrix = np.empty((room, self._matrix.shape[1]), dtype=np.float32)
            matrix[: self._size] = self.matrix
            longer = np.empty(room, dtype=np.int64)
            longer[: self._size] = self.numbers
            self._matrix, self._numbers = matrix, longer
        self._matrix[self._size : size] = rows
        self._numbers[self._size : size] = numbers
        self._size = size


def score_of(rows: FloatMatrix, query: FloatMatrix, metric: Metric) -> npt.NDArray[np.float64]:
    """Return the metric of each row against `query`, exact to double precision."""
    wide, asked = rows.astype(np.float64), query.astype(np.float64)
    match metric:
        case "dot":
            return np.asarray(wide @ asked)
        case "cosine":
            lengths = np.linalg.norm(wide, axis=1) * np.linalg.norm(asked)
            return np.asarray(np.divide(wide @ asked, lengths, out=np.zeros(len(wide)), where=lengths > 0))
        case "euclidean":
            return np.asarray(np.linalg.norm(wide - asked, axis=1))
        case "manhattan":
            return np.asarray(np.abs(wide - asked).sum(axis=1))


def relevance_of(score: float, metric: Metric) -> float:
    """Return a score as a relevance from 0 to 1: a similarity as it is, a distance d as 1 / (1 + d)."""
    return 1 / (1 + score) if is_distance(metric) else min(1.0, max(0.0, score))


def is_distance(metric: Metric) -> bool:
    """Say whether less of this metric is nearer."""
    return metric in ("euclidean", "manhattan")


def _manhattan(matrix: FloatMatrix, query: FloatMatrix) -> FloatMatrix:
    found = np.empty(len(matrix), dtype=np.float32)
    space = np.empty((min(_ROWS, len(matrix)), matrix.shape[1]), dtype=np.float32)
    for begin in range(0, len(matrix), _ROWS):
        rows = matrix[begin : begin + _ROWS]
        held = space[: len(rows)]
        np.abs(np.subtract(rows, query, out=held), out=held)
        held.sum(axis=1, out=found[begin : begin + len(rows)])
    return found


def _largest(scores: FloatMatrix, count: int) -> Numbers:
    """Return where the `count` largest scores are, in no order."""
    if count >= len(scores):
        return np.arange(len(scores))
    return np.argpartition(scores, len(scores) - count)[len(scores) - count :]
