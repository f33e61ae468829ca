"""Memory in engines that Semantic Kernel has connectors for: a real PostgreSQL with pgvector, Qdrant's local mode, and
Semantic Kernel's own store in memory. What holds for a file holds for them.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

import numpy as np
import pytest

from forethought.kernel import Record, SemanticMemory
from forethought.kernel.errors import EmbedderMismatchError, MemoryStoreError
from forethought.kernel.memory.embedder import Embedder
from forethought.kernel.memory.records import Metric
from forethought.kernel.testing import HashEmbedder

if TYPE_CHECKING:
    from tests.servers.postgres import Postgres

ANIMALS = [
    Record(id="fox", text="the quick brown fox", metadata={"legs": 4, "tags": ["wild"]}, source="a.txt", chunk=0),
    Record(
        id="dog", text="the lazy dog", metadata={"legs": 4, "tags": ["tame"]}, source="a.txt", chunk=1, start=3, end=9
    ),
    Record(id="hen", text="a hen is no fox", metadata={"legs": 2, "tags": ["tame"]}, source="b.txt"),
    Record(id="eel 日本 '; --", text="slow water", description="an eel, which has no legs", metadata={"legs": 0}),
]

Wrap = Callable[[Embedder], SemanticMemory]


@contextlib.asynccontextmanager
async def in_postgres(server: Postgres) -> AsyncGenerator[object, None]:
    from psycopg import AsyncConnection
    from psycopg_pool import AsyncConnectionPool
    from semantic_kernel.connectors.postgres import PostgresStore

    address = f"{server.url}?options=-c%20hnsw.iterative_scan%3Dstrict_order"  # else it gives 40 rows of an index
    pool: AsyncConnectionPool[AsyncConnection] = AsyncConnectionPool(address, open=False, min_size=1, max_size=2)
    async with pool:
        async with pool.connection() as connection:
            await connection.execute("DROP SCHEMA public CASCADE")
            await connection.execute("CREATE SCHEMA public")
            await connection.execute("CREATE EXTENSION vector")
        yield PostgresStore(connection_pool=pool)


@contextlib.asynccontextmanager
async def in_qdrant() -> AsyncGenerator[object, None]:
    from qdrant_client import AsyncQdrantClient
    from semantic_kernel.connectors.qdrant import QdrantStore

    client = AsyncQdrantClient(location=":memory:")
    try:
        yield QdrantStore(client=client)
    finally:
        await client.close()


@contextlib.asynccontextmanager
async def in_memory() -> AsyncGenerator[object, None]:
    from semantic_kernel.connectors.in_memory import InMemoryStore

    yield InMemoryStore()


@pytest.fixture(params=["postgres", "qdrant", "memory"])
async def wrap(request: pytest.FixtureRequest) -> AsyncIterator[Wrap]:
    opened: AbstractAsyncContextManager[object]
    match request.param:
        case "postgres":
            opened = in_postgres(request.getfixturevalue("postgres"))
        case "qdrant":
            opened = in_qdrant()
        case _:
            opened = in_memory()
    async with opened as existing:
        yield lambda embedder: SemanticMemory.wrap(existing, embedder=embedder)


@pytest.fixture
async def animals(wrap: Wrap) -> SemanticMemory:
    memory = wrap(HashEmbedder())
    assert await memory.save_many("animals", ANIMALS) == [each.id for each in ANIMALS]
    return memory


async def ids(memory: SemanticMemory, query: str, **options: object) -> list[str]:
    return [hit.record.id for hit in await memory.search(query, **options)]  # type: ignore[arg-type]


async def test_an_engine_with_nothing_of_ours_is_an_empty_memory(wrap: Wrap) -> None:
    memory = wrap(HashEmbedder())
    assert await memory.search("fox") == []
    assert await memory.get("animals", "fox") is None
    assert await memory.remove("animals", ["fox"]) == 0
    assert (await memory.collections(), await memory.count(), await memory.count("animals")) == ([], 0, 0)
    assert await memory.records("animals") == []
    assert await memory.sources("animals") == {}


async def test_what_is_saved_comes_back_as_it_was(animals: SemanticMemory) -> None:
    for each in ANIMALS:
        assert await animals.get("animals", each.id) == each
    assert [each.id for each in await animals.records("animals", source="a.txt")] == ["fox", "dog"]
    assert await animals.sources("animals") == {"": 1, "a.txt": 2, "b.txt": 1}
    assert (await animals.count("animals"), await animals.collections()) == (4, ["animals"])


async def test_a_record_is_replaced_and_removed_by_id(animals: SemanticMemory) -> None:
    await animals.save("animals", "a red fox", id="fox")
    assert await animals.get("animals", "fox") == Record(id="fox", text="a red fox")
    assert await animals.remove("animals", ["fox", "nothing", "fox"]) == 1
    assert await animals.remove("animals", ["fox"]) == 0
    assert await animals.count("animals") == 3
    await animals.remove("animals", [each.id for each in ANIMALS])
    assert await animals.collections() == []


async def test_it_finds_by_meaning_and_by_the_words_of_the_nearest(animals: SemanticMemory) -> None:
    first, second = await animals.search("quick fox", limit=2)
    assert (first.record, first.collection) == (ANIMALS[0], "animals")
    assert [each.list for each in first.found] == ["vector", "keyword"]
    assert first.found[0].score == pytest.approx(2 / (2 * np.sqrt(2)), abs=1e-5)
    assert second.record.id == "hen"
    assert await ids(animals, "eels", mode="keyword") == [ANIMALS[3].id]
    assert await ids(animals, "lazy dog", mode="vector", limit=1) == ["dog"]


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean", "manhattan"])
async def test_a_metric_is_that_of_a_file(animals: SemanticMemory, metric: Metric) -> None:
    async with SemanticMemory.open(":memory:", embedder=HashEmbedder()) as file:
        await file.save_many("animals", ANIMALS)
        asked = "quick the hen fox"
        one, other = [
            [(hit.record.id, hit.found[0].score) for hit in await memory.search(asked, mode="vector", metric=metric)]
            for memory in (file, animals)
        ]
        assert dict(one) == pytest.approx(dict(other), abs=1e-5)
        assert [score for _, score in one] == pytest.approx([score for _, score in other], abs=1e-5)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"legs": 4}, {"fox", "dog"}),
        ({"tags": ["tame", "x"]}, {"dog", "hen"}),
        ({"legs": "4"}, set[str]()),
        ({"tags": "tame", "legs": 2}, {"hen"}),
    ],
)
async def test_only_records_with_the_metadata_are_found(
    animals: SemanticMemory, where: dict[str, object], found: set[str]
) -> None:
    for mode in ("vector", "hybrid"):
        assert set(await ids(animals, "fox dog hen", mode=mode, where=where)) == found
    assert await ids(animals, "fox dog hen", limit=1, where={"legs": 2}) == ["hen"], "further than the first is looked"
    assert {each.id for each in await animals.records("animals", where=where)} == found


async def test_collections_are_searched_together_or_apart(animals: SemanticMemory) -> None:
    for name in ("Straße 1", "strasse-1", "x" * 200):
        await animals.save(name, "a fox of steel", id=name)
    assert await animals.collections() == sorted(["animals", "Straße 1", "strasse-1", "x" * 200])
    assert await animals.count() == 7
    assert set(await ids(animals, "fox of steel", mode="vector", limit=3)) == {"Straße 1", "strasse-1", "x" * 200}
    assert await ids(animals, "fox", collection=["strasse-1", "none"]) == ["strasse-1"]


async def test_more_records_than_one_page_are_all_there(wrap: Wrap) -> None:
    memory = wrap(HashEmbedder(16))
    many = [
        Record(id=f"{number:04}", text=f"word{number % 50} text{number}", metadata={"n": number})
        for number in range(1200)
    ]
    await memory.save_many("many", many)
    assert await memory.count("many") == 1200
    assert await memory.records("many") == many
    assert len(await memory.search("word7", mode="vector", limit=100)) == 100
    assert await ids(memory, "word7", mode="vector", where={"n": 1100}) == ["1100"]


async def test_a_text_that_is_there_is_not_embedded_again(wrap: Wrap) -> None:
    embedder = HashEmbedder()
    memory = wrap(embedder)
    await memory.save_many("animals", ANIMALS)
    await memory.save_many("animals", ANIMALS)
    assert embedder.texts == [each.text for each in ANIMALS]


@pytest.mark.parametrize("wrap", ["postgres", "qdrant"], indirect=True)
async def test_another_embedder_is_refused_until_everything_is_embedded_anew(
    wrap: Wrap, animals: SemanticMemory
) -> None:
    other = wrap(HashEmbedder(32))
    for call in (other.search("fox"), other.save("animals", "a cat")):
        with pytest.raises(EmbedderMismatchError, match="embedded by 'hash:64', not by 'hash:32'"):
            await call
    steps: list[tuple[int, int]] = []
    assert await other.reindex(lambda done, of: steps.append((done, of))) == 4
    assert (steps[0], steps[-1]) == ((0, 4), (4, 4))
    assert await ids(other, "lazy dog", mode="vector", limit=1) == ["dog"]
    assert await other.count() == 4
    with pytest.raises(EmbedderMismatchError):
        await animals.search("fox")


async def test_what_an_engine_says_is_an_error_of_ours() -> None:
    async with in_memory() as existing:
        memory = SemanticMemory.wrap(existing, embedder=HashEmbedder())
        with pytest.raises(MemoryStoreError, match="the metadata of '1' is not JSON"):
            await memory.save("x", "a", id="1", metadata={"bad": object()})
    with pytest.raises(TypeError, match=r"SemanticMemory\.wrap needs a semantic_kernel VectorStore, not a dict"):
        SemanticMemory.wrap({}, embedder=HashEmbedder())


async def test_a_server_that_is_gone_is_said(postgres: Postgres) -> None:
    from psycopg import AsyncConnection
    from psycopg_pool import AsyncConnectionPool
    from semantic_kernel.connectors.postgres import PostgresStore

    pool: AsyncConnectionPool[AsyncConnection] = AsyncConnectionPool(postgres.url, open=False, min_size=1)
    memory = SemanticMemory.wrap(PostgresStore(connection_pool=pool), embedder=HashEmbedder())
    with pytest.raises(MemoryStoreError, match=r"^memory of PostgresStore: the engine says '.*not open.*'"):
        await memory.save("x", "a")
