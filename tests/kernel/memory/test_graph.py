"""A large collection is searched by a graph: what it finds is what a scan finds, whatever was written since."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from forethought.kernel import Record, SemanticMemory
from forethought.kernel.errors import MemoryStoreError
from forethought.kernel.memory import graph, nearness
from forethought.kernel.memory.embedder import FloatMatrix
from forethought.kernel.testing import HashEmbedder

pytest.importorskip("usearch", reason="the extra hnsw is not installed")

COUNT = 2000


class Scattered:
    """An embedder whose texts are numbers, and whose vectors lie anywhere."""

    name, dimension = "scattered", 24

    def __init__(self, seed: int = 0) -> None:
        self._vectors = np.random.default_rng(seed).standard_normal((10 * COUNT, self.dimension)).astype(np.float32)

    async def embed(self, texts: Sequence[str], /) -> FloatMatrix:
        return self._vectors[[int(text) for text in texts]]


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A memory of 2,000 vectors, and a small collection beside it."""
    file = tmp_path / "memory.db"
    async with SemanticMemory.open(file, embedder=Scattered()) as memory:
        many = [Record(id=str(n), text=str(n), metadata={"n": n, "even": n % 2 == 0}) for n in range(COUNT)]
        await memory.save_many("many", many)
        await memory.save_many("few", [Record(id=str(n), text=str(n)) for n in range(10)])
    return file


async def found(memory: SemanticMemory, query: int, **options: object) -> list[str]:
    hits = await memory.search(str(query), collection="many", mode="vector", **options)  # type: ignore[arg-type]
    return [hit.record.id for hit in hits]


def graphs(path: Path) -> list[str]:
    """Return the files beside the memory that are graphs."""
    return [each.name for each in path.parent.iterdir() if "graph" in each.name]


async def test_only_large_collections_get_one(path: Path) -> None:
    async with SemanticMemory.open(path, embedder=Scattered()) as memory:
        assert await memory.build_graphs() == {}
        assert await memory.build_graphs(least=COUNT) == {"many": COUNT}
        assert len(graphs(path)) == 1


async def test_it_finds_nearly_all_that_a_scan_finds_with_the_same_scores(path: Path) -> None:
    async with SemanticMemory.open(path, embedder=Scattered()) as scanned:
        queries = range(COUNT, COUNT + 50)
        exact = [await found(scanned, query) for query in queries]
        scores = [hit.found[0].score for hit in await scanned.search(str(COUNT), collection="many", mode="vector")]
        await scanned.build_graphs(least=COUNT)
    async with SemanticMemory.open(path, embedder=Scattered()) as memory:
        fast = [await found(memory, query) for query in queries]
        assert sum(len({*one} & {*other}) for one, other in zip(exact, fast, strict=True)) >= 0.97 * 10 * len(queries)
        hits = await memory.search(str(COUNT), collection="many", mode="vector")
        assert [hit.found[0].score for hit in hits] == pytest.approx(scores, abs=1e-5)
        for query in range(0, COUNT, 100):
            assert (await found(memory, query, limit=1)) == [str(query)]


async def test_what_was_written_since_is_found_and_what_is_gone_is_not(path: Path) -> None:
    async with (
        SemanticMemory.open(path, embedder=Scattered()) as writer,
        SemanticMemory.open(path, embedder=Scattered()) as reader,
    ):
        assert await found(reader, 7, limit=1) == ["7"], "by a scan, before there is a graph"
        await writer.build_graphs(least=COUNT)
        assert await found(reader, 7, limit=1) == ["7"]
        await writer.save("many", str(COUNT + 1), id="new")
        await writer.save("many", str(COUNT + 2), id="7")
        await writer.remove("many", ["8"])
        for memory in (writer, reader):
            assert await found(memory, COUNT + 1, limit=1) == ["new"]
            assert await found(memory, COUNT + 2, limit=1) == ["7"]
            assert "7" not in await found(memory, 7, limit=5)
            assert "8" not in await found(memory, 8, limit=5)
        await writer.build_graphs(least=COUNT)
        assert len(graphs(path)) == 1, "the old one is gone"
        assert await found(reader, COUNT + 2, limit=1) == ["7"]


@pytest.mark.parametrize("where", [{"n": 1999}, {"even": True}, {"n": list(range(50))}])
async def test_filters_hold(path: Path, where: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    async with SemanticMemory.open(path, embedder=Scattered()) as memory:
        exact = await found(memory, COUNT + 5, where=where)
        await memory.build_graphs(least=COUNT)
        assert await found(memory, COUNT + 5, where=where) == exact
        monkeypatch.setattr(graph, "_FEW", 0)  # and where the graph itself is asked
        assert len({*await found(memory, COUNT + 5, where=where)} & {*exact}) >= 0.9 * len(exact)


async def test_a_graph_of_other_vectors_or_a_damaged_one_is_not_used(path: Path) -> None:
    async with SemanticMemory.open(path, embedder=Scattered()) as memory:
        await memory.build_graphs(least=COUNT)
    (name,) = graphs(path)
    path.with_name(name).write_bytes(b"nonsense" * 100)
    async with SemanticMemory.open(path, embedder=Scattered()) as memory:
        assert await found(memory, 7, limit=1) == ["7"]
        await memory.build_graphs(least=COUNT)
    other = Scattered(seed=1)
    async with SemanticMemory.open(path, embedder=other) as memory:
        await memory.reindex()
        assert await found(memory, 7, limit=1) == ["7"]


async def test_without_usearch_it_is_said_how_to_get_it_and_a_scan_finds_all(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with SemanticMemory.open(path, embedder=Scattered()) as memory:
        await memory.build_graphs(least=COUNT)
        monkeypatch.setitem(sys.modules, "usearch", None)
        with pytest.raises(MemoryStoreError, match=r"usearch is not installed \(pip install 'forethought\[hnsw\]'\)"):
            await memory.build_graphs(least=COUNT)
    async with SemanticMemory.open(path, embedder=Scattered()) as memory:
        assert await found(memory, 7, limit=1) == ["7"]


async def test_a_large_collection_that_is_scanned_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(nearness, "LARGE", 20)
    caplog.set_level(logging.WARNING, "forethought")
    async with SemanticMemory.open(":memory:", embedder=HashEmbedder()) as memory:
        assert await memory.build_graphs(least=0) == {}, "a memory of this process is never that large"
        for number in range(25):
            await memory.save("x", f"text {number}")
            await memory.search("text", mode="vector")
    assert [each.getMessage() for each in caplog.records] == [
        "a collection of this process has 20 texts, which a graph searches faster than a scan: "
        "pip install 'forethought[hnsw]', then SemanticMemory.build_graphs()"
    ]
