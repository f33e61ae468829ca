"""memory_search.py ENGINE COUNT FOLDER: add COUNT texts of 256 numbers each, search them cold and warm; print JSON.

`add` is texts a second, `cold` and `warm` are milliseconds: cold from a closed file to the first answer, in a process
of its own, imports not counted; warm the median of up to 100 searches for the ten nearest. No text is embedded.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

DIMENSION, LIMIT, BATCH = 256, 10, 1000
MOST, SECONDS = 100, 4.0  # searches, and how long they may take


def data(count: int) -> tuple[list[str], np.ndarray, np.ndarray, list[str]]:
    """Texts of twenty words, as common as words are; vectors, queries as vectors, queries as words."""
    generator = np.random.default_rng(1)
    share = 1 / np.arange(1, 20_001)
    drawn = generator.choice(20_000, size=(count + MOST, 20), p=share / share.sum())
    texts = [" ".join(f"w{word}" for word in words) for words in drawn[:count]]
    questions = [" ".join(f"w{word}" for word in words[:5]) for words in drawn[count:]]
    vectors = generator.standard_normal((count + MOST, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return texts, vectors[:count], vectors[count:], questions


class Numpy:
    """A bare scan: one product, the largest of it in order."""

    def __init__(self, folder: str) -> None:
        self.file = str(Path(folder, "vectors.npy"))

    def add(self, texts: list[str], vectors: np.ndarray) -> None:
        np.save(self.file, vectors)

    def open(self) -> None:
        self.vectors = np.load(self.file)

    def search(self, vector: np.ndarray, question: str) -> int:
        scores = self.vectors @ vector
        best = np.argpartition(scores, -LIMIT)[-LIMIT:]
        return int(best[np.argsort(-scores[best])][0])


class Usearch:
    """HNSW, as it is set up by default."""

    def __init__(self, folder: str) -> None:
        self.file = str(Path(folder, "index.usearch"))

    def add(self, texts: list[str], vectors: np.ndarray) -> None:
        from usearch.index import Index

        index = Index(ndim=DIMENSION, metric="ip", dtype="f32")
        index.add(np.arange(len(vectors)), vectors)
        index.save(self.file)

    def open(self) -> None:
        from usearch.index import Index

        self.index = Index.restore(self.file)

    def search(self, vector: np.ndarray, question: str) -> int:
        return int(self.index.search(vector, LIMIT).keys[0])


class Faiss:
    """An exact flat index."""

    def __init__(self, folder: str) -> None:
        self.file = str(Path(folder, "index.faiss"))

    def add(self, texts: list[str], vectors: np.ndarray) -> None:
        import faiss

        index = faiss.IndexFlatIP(DIMENSION)
        for begin in range(0, len(vectors), BATCH):
            index.add(vectors[begin : begin + BATCH])
        faiss.write_index(index, self.file)

    def open(self) -> None:
        import faiss

        self.index = faiss.read_index(self.file)

    def search(self, vector: np.ndarray, question: str) -> int:
        return int(self.index.search(vector[None], LIMIT)[1][0][0])


class SqliteVec:
    """sqlite-vec, with an SQLite that loads extensions."""

    def __init__(self, folder: str) -> None:
        self.file = str(Path(folder, "vec.db"))

    def connect(self) -> None:
        import apsw
        import sqlite_vec

        self.connection = apsw.Connection(self.file)
        self.connection.enable_load_extension(True)
        self.connection.load_extension(sqlite_vec.loadable_path())

    def add(self, texts: list[str], vectors: np.ndarray) -> None:
        self.connect()
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute(
            f"CREATE VIRTUAL TABLE texts USING vec0(vector float[{DIMENSION}] distance_metric=cosine, +text text)"
        )
        for begin in range(0, len(texts), BATCH):
            with self.connection:
                self.connection.executemany(
                    "INSERT INTO texts (rowid, vector, text) VALUES (?, ?, ?)",
                    ((n, vectors[n].tobytes(), texts[n]) for n in range(begin, min(begin + BATCH, len(texts)))),
                )
        self.connection.close()

    def open(self) -> None:
        self.connect()

    def search(self, vector: np.ndarray, question: str) -> int:
        asked = "SELECT rowid, text FROM texts WHERE vector MATCH ? AND k = ? ORDER BY distance"
        return next(iter(self.connection.execute(asked, (vector.tobytes(), LIMIT)).fetchall()))[0]


class SemanticKernel:
    """Semantic Kernel's collection in memory; it ends with the process."""

    def __init__(self, folder: str) -> None:
        self.loop = asyncio.new_event_loop()

    def add(self, texts: list[str], vectors: np.ndarray) -> None:
        from semantic_kernel.connectors.in_memory import InMemoryCollection
        from semantic_kernel.data.vector import VectorStoreCollectionDefinition, VectorStoreField

        fields = [
            VectorStoreField("key", name="key", type="int"),
            VectorStoreField("data", name="text", type="str"),
            VectorStoreField("vector", name="vector", type="float", dimensions=DIMENSION),
        ]
        definition = VectorStoreCollectionDefinition(fields=fields)
        self.collection = InMemoryCollection(record_type=dict, definition=definition, collection_name="texts")
        self.loop.run_until_complete(self.collection.ensure_collection_exists())
        for begin in range(0, len(texts), BATCH):
            rows = [
                {"key": n, "text": texts[n], "vector": vectors[n].tolist()}
                for n in range(begin, min(begin + BATCH, len(texts)))
            ]
            self.loop.run_until_complete(self.collection.upsert(rows))

    async def _search(self, vector: list[float]) -> int:
        found = await self.collection.search(vector=vector, top=LIMIT)
        return next(iter([each.record["key"] async for each in found.results]))

    def search(self, vector: np.ndarray, question: str) -> int:
        return self.loop.run_until_complete(self._search(vector.tolist()))


class Ours:
    """SemanticMemory, through its front: an event loop, a worker thread, records that come back whole."""

    name, dimension, mode = "given", DIMENSION, "vector"

    def __init__(self, folder: str) -> None:
        self.file = str(Path(folder, "memory.db"))
        self.loop = asyncio.new_event_loop()
        self.given: dict[str, np.ndarray] = {}

    async def embed(self, texts: list[str], /) -> np.ndarray:
        return np.stack([self.given[text] for text in texts])

    def open(self) -> None:
        from forethought.kernel import SemanticMemory

        self.memory = SemanticMemory.open(self.file, embedder=self)

    def add(self, texts: list[str], vectors: np.ndarray) -> None:
        from forethought.kernel import Record

        self.open()
        self.given = dict(zip(texts, vectors, strict=True))
        records = [Record(id=str(number), text=text) for number, text in enumerate(texts)]
        self.loop.run_until_complete(self.memory.save_many("texts", records))
        self.loop.run_until_complete(self.memory.close())

    def search(self, vector: np.ndarray, question: str) -> int:
        self.given = {question: vector}
        hits = self.loop.run_until_complete(self.memory.search(question, mode=self.mode, limit=LIMIT))
        return int(hits[0].record.id)


class OursHybrid(Ours):
    """The same by meaning and by keyword."""

    mode = "hybrid"


ENGINES = {
    "numpy": Numpy,
    "usearch": Usearch,
    "faiss": Faiss,
    "sqlite-vec": SqliteVec,
    "semantic-kernel": SemanticKernel,
    "ours": Ours,
    "ours, hybrid": OursHybrid,
}
IMPORTS = {
    "usearch": "usearch.index",
    "faiss": "faiss",
    "sqlite-vec": "apsw",
    "ours": "forethought.kernel.memory.database",
    "ours, hybrid": "forethought.kernel.memory.database",
}


def main() -> None:
    name, count, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    texts, vectors, queries, questions = data(count)
    engine = ENGINES[name](folder)
    if name in IMPORTS:
        __import__(IMPORTS[name])
    if sys.argv[4:] == ["cold"]:
        started = time.perf_counter()
        engine.open()
        engine.search(queries[0], questions[0])
        print((time.perf_counter() - started) * 1000)
        return
    started = time.perf_counter()
    engine.add(texts, vectors)
    found: dict[str, float] = {"add": count / (time.perf_counter() - started)}
    if hasattr(engine, "open"):
        done = subprocess.run(
            [sys.executable, __file__, name, str(count), folder, "cold"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        found["cold"] = float(done.stdout)
        engine.open()
    engine.search(queries[0], questions[0])
    times: list[float] = []
    while len(times) < MOST and sum(times) < SECONDS:
        turn = len(times)
        started = time.perf_counter()
        engine.search(queries[turn], questions[turn])
        times.append(time.perf_counter() - started)
    found["warm"] = statistics.median(times) * 1000
    print(json.dumps(found))


if __name__ == "__main__":
    main()
