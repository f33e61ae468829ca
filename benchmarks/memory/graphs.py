"""Measure the HNSW graph of a memory against its scan: a search of each, and how many of the ten nearest it finds.

    python -m benchmarks.memory.graphs [SIZE ...]

The vectors lie around 500 centres, 256 numbers each; no text is embedded. Figures are medians of thirty warm searches.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from forethought.kernel.memory.embedder import FloatMatrix
from forethought.kernel.memory.memory import SemanticMemory
from forethought.kernel.memory.records import Record

__all__ = ["main"]

AT_ONCE = 10_000
QUERIES = [f"query {10**7 + number}" for number in range(30)]


class Scattered:
    """An embedder that makes a vector of the number at the end of a text."""

    name = "scattered:256"
    dimension = 256

    def __init__(self) -> None:
        self._centres = np.random.default_rng(1).normal(size=(500, self.dimension))

    async def embed(self, texts: Sequence[str], /) -> FloatMatrix:
        """Return a vector of unit length for each text."""
        numbers = [int(each.split()[-1]) for each in texts]
        noise = [np.random.default_rng(number).normal(size=self.dimension) for number in numbers]
        vectors = self._centres[[number % 500 for number in numbers]] + 0.7 * np.array(noise)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / lengths, dtype=np.float32)


async def _searched(memory: SemanticMemory) -> tuple[float, list[set[str]]]:
    """Return how many milliseconds a search takes, and what each finds."""
    took: list[float] = []
    found: list[set[str]] = []
    for query in [QUERIES[0], *QUERIES]:
        start = time.perf_counter()
        hits = await memory.search(query, collection="c", mode="vector", limit=10)
        took.append(time.perf_counter() - start)
        found.append({hit.record.id for hit in hits})
    return statistics.median(took[1:]) * 1000, found[1:]


async def measure(size: int) -> None:
    """Print the row of one size."""
    with tempfile.TemporaryDirectory() as folder:
        async with SemanticMemory.open(Path(folder) / "memory.db", embedder=Scattered()) as memory:
            start = time.perf_counter()
            for first in range(0, size, AT_ONCE):
                numbers = range(first, min(size, first + AT_ONCE))
                await memory.save_many("c", [Record(id=str(number), text=f"text {number}") for number in numbers])
            added = size / (time.perf_counter() - start)
            scan, exact = await _searched(memory)
            start = time.perf_counter()
            await memory.build_graphs(least=1)
            built = time.perf_counter() - start
            graph, near = await _searched(memory)
    recall = sum(len(one & other) for one, other in zip(exact, near, strict=True)) / sum(map(len, exact))
    print(f"| {size:,} | {scan:.1f} ms | {graph:.1f} ms | {recall:.3f} | {built:.0f} s | {added:,.0f}/s |", flush=True)


def main() -> None:
    """Measure each of the sizes."""
    print(f"| texts | scan | graph | of the ten nearest | built in | added |\n|{'---|' * 6}")
    for size in map(int, sys.argv[1:] or ["100000", "200000", "400000"]):
        asyncio.run(measure(size))


if __name__ == "__main__":
    main()
