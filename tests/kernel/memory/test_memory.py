"""What is saved is found: by meaning, by keyword, by both; by id, by collection, by metadata."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forethought.kernel import Record, SemanticMemory
from forethought.kernel.errors import EmbedderError, EmbedderMismatchError, MemoryStoreError
from forethought.kernel.memory.embedder import FloatMatrix
from forethought.kernel.memory.records import Metric, Mode
from forethought.kernel.testing import HashEmbedder

ANIMALS = [
    Record(
        id="fox", text="the quick brown fox", metadata={"legs": 4, "tags": ["wild", "quick"]}, source="a.txt", chunk=0
    ),
    Record(id="dog", text="the lazy dog", metadata={"legs": 4, "tags": ["tame"]}, source="a.txt", chunk=1),
    Record(id="hen", text="a hen is no fox", metadata={"legs": 2, "tags": ["tame"]}, source="b.txt"),
    Record(id="eel", text="slow water", description="an eel, which has no legs", metadata={"legs": 0}),
]


@pytest.fixture(params=["file", "process"])
async def memory(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SemanticMemory]:
    path = tmp_path / "memory.db" if request.param == "file" else ":memory:"
    async with SemanticMemory.open(path, embedder=HashEmbedder()) as opened:
        yield opened


@pytest.fixture
async def animals(memory: SemanticMemory) -> SemanticMemory:
    await memory.save_many("animals", ANIMALS)
    return memory


async def ids(memory: SemanticMemory, query: str, **options: object) -> list[str]:
    return [hit.record.id for hit in await memory.search(query, **options)]  # type: ignore[arg-type]


async def test_an_empty_memory_has_nothing_and_makes_no_file(tmp_path: Path) -> None:
    async with SemanticMemory.open(tmp_path / "memory.db", embedder=HashEmbedder()) as memory:
        assert await memory.search("fox") == []
        assert await memory.get("animals", "fox") is None
        assert await memory.remove("animals", ["fox"]) == 0
        assert (await memory.collections(), await memory.count(), await memory.count("animals")) == ([], 0, 0)
        assert await memory.records("animals") == []
    assert not (tmp_path / "memory.db").exists()


async def test_what_is_saved_comes_back_as_it_was(memory: SemanticMemory) -> None:
    record = Record(
        id="1",
        text="Grüße, 世界\0 and \N{PILE OF POO}",
        description="a greeting",
        metadata={"deep": {"list": [1, None, 2.5, True]}, "text": "é"},
        source="letter.txt",
        chunk=3,
        start=10,
        end=40,
    )
    assert await memory.save_many("letters", [record]) == ["1"]
    assert await memory.get("letters", "1") == record
    assert await memory.get("letters", "2") is None
    assert await memory.get("others", "1") is None


async def test_a_record_is_replaced_by_id_within_its_collection(animals: SemanticMemory) -> None:
    await animals.save("animals", "a red fox", id="fox")
    await animals.save("machines", "a fox of steel", id="fox")
    assert await animals.count("animals") == 4
    assert await animals.get("animals", "fox") == Record(id="fox", text="a red fox")
    assert await ids(animals, "quick", mode="keyword") == []
    assert await ids(animals, "red fox", mode="vector", collection="animals", limit=1) == ["fox"]


async def test_a_text_without_an_id_has_one_copy_for_each_source_and_chunk(memory: SemanticMemory) -> None:
    first = await memory.save("notes", "remember the milk")
    assert await memory.save("notes", "remember the milk") == first
    others = [
        await memory.save("notes", "remember the milk", source="list.txt"),
        await memory.save("notes", "remember the milk", source="list.txt", chunk=1),
    ]
    assert len({first, *others}) == 3
    assert await memory.count("notes") == 3


async def test_of_records_with_one_id_the_last_counts(memory: SemanticMemory) -> None:
    given = [Record(id="1", text="old"), Record(id="2", text="other"), Record(id="1", text="new")]
    assert await memory.save_many("notes", given) == ["1", "2", "1"]
    assert await memory.records("notes") == [Record(id="1", text="new"), Record(id="2", text="other")]


async def test_a_text_that_is_there_is_not_embedded_again() -> None:
    embedder = HashEmbedder()
    async with SemanticMemory.open(":memory:", embedder=embedder) as memory:
        await memory.save_many("animals", ANIMALS)
        await memory.save_many("animals", [replace(each, metadata={"new": True}) for each in ANIMALS])
        await memory.save_many("copies", [*ANIMALS, Record(text="twice"), Record(id="same", text="twice")])
        assert embedder.texts == [*(each.text for each in ANIMALS), "twice"]
        assert await memory.count() == 10


async def test_saving_the_same_again_writes_nothing(tmp_path: Path) -> None:
    async with SemanticMemory.open(tmp_path / "memory.db", embedder=HashEmbedder()) as memory:
        await memory.save_many("animals", ANIMALS)
        size = (tmp_path / "memory.db-wal").stat().st_size
        await memory.save_many("animals", ANIMALS)
        assert (tmp_path / "memory.db-wal").stat().st_size == size


async def test_every_hit_says_which_list_found_it(animals: SemanticMemory) -> None:
    first, second = await animals.search("quick brown", limit=2)
    assert first.record == ANIMALS[0]
    assert first.collection == "animals"
    vector, keyword = first.found
    assert (vector.list, vector.rank, keyword.list, keyword.rank) == ("vector", 1, "keyword", 1)
    assert vector.score == pytest.approx(2 / (2 * np.sqrt(2)), abs=1e-6)
    assert [each.list for each in second.found] == ["vector"]


@pytest.mark.parametrize("mode", ["vector", "keyword"])
async def test_one_list_alone_is_in_its_order(animals: SemanticMemory, mode: Mode) -> None:
    hits = await animals.search("quick fox", mode=mode)
    assert [hit.record.id for hit in hits][:2] == ["fox", "hen"]
    assert [hit.found[0].rank for hit in hits] == list(range(1, len(hits) + 1))
    assert all(hit.found[0].list == mode for hit in hits)
    assert [hit.found[0].score for hit in hits] == sorted((hit.found[0].score for hit in hits), reverse=True)


@pytest.mark.parametrize(
    ("metric", "score", "relevance"),
    [
        ("cosine", 0.5, 0.5),
        ("dot", 0.5, 0.5),
        ("euclidean", 1.0, 0.5),
        ("manhattan", 1.0, 0.5),
    ],
)
async def test_a_metric_is_the_score_and_the_relevance_goes_from_0_to_1(
    metric: Metric, score: float, relevance: float
) -> None:
    half, rest = 0.5, np.sqrt(0.75)
    sparse: dict[str, Sequence[float]] = {
        "query": (1, 0, 0),
        "near": (half, rest, 0),
        "side": (0, 0, 1),
        "self": (1, 0, 0),
        "far": (-1, 0, 0),
    }
    if metric == "manhattan":
        sparse["near"] = (1, 0, 0)
    async with SemanticMemory.open(":memory:", embedder=Fixed(sparse)) as memory:
        for name in ("near", "side", "self", "far"):
            await memory.save("points", name, id=name)
        hits = await memory.search("query", mode="vector", metric=metric)
        by_id = {hit.record.id: hit for hit in hits}
        assert hits[0].relevance == 1
        assert hits[-1].record.id == "far"
        if metric == "manhattan":
            assert by_id["far"].found[0].score == pytest.approx(2)
            assert by_id["far"].relevance == pytest.approx(1 / 3)
        else:
            assert by_id["near"].found[0].score == pytest.approx(score)
            assert by_id["near"].relevance == pytest.approx(relevance)


async def test_what_is_less_relevant_than_asked_is_left_out(animals: SemanticMemory) -> None:
    everything = await animals.search("quick fox", mode="hybrid")
    least = sorted(hit.relevance for hit in everything)[-2]
    kept = await animals.search("quick fox", min_relevance=least)
    assert [hit.record.id for hit in kept] == ["fox", "hen"]
    assert await animals.search("quick fox", min_relevance=1.1) == []


async def test_limit_is_the_most(animals: SemanticMemory) -> None:
    assert len(await animals.search("fox", limit=1)) == 1
    assert await animals.search("fox", limit=0) == []
    assert len(await animals.search("fox", limit=1000, mode="vector")) == 4


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({}, {"fox", "dog", "hen", "eel"}),
        ({"legs": 4}, {"fox", "dog"}),
        ({"legs": 4.0}, {"fox", "dog"}),
        ({"legs": "4"}, set[str]()),
        ({"legs": [0, 2]}, {"hen", "eel"}),
        ({"legs": []}, set[str]()),
        ({"tags": "tame"}, {"dog", "hen"}),
        ({"tags": ["wild", "nothing"]}, {"fox"}),
        ({"tags": "tame", "legs": 4}, {"dog"}),
        ({"LEGS": 4}, set[str]()),
    ],
)
@pytest.mark.parametrize("mode", ["vector", "keyword", "hybrid"])
async def test_only_records_with_the_metadata_are_found(
    animals: SemanticMemory, where: dict[str, object], found: set[str], mode: Mode
) -> None:
    assert set(await ids(animals, "fox dog hen eel water", mode=mode, where=where)) == found
    assert {each.id for each in await animals.records("animals", where=where)} == found


async def test_true_is_not_one(memory: SemanticMemory) -> None:
    await memory.save_many(
        "x", [Record(id="true", text="t", metadata={"a": True}), Record(id="1", text="t", metadata={"a": 1})]
    )
    assert await ids(memory, "t", where={"a": True}) == ["true"]
    assert await ids(memory, "t", where={"a": 1}) == ["1"]


async def test_a_filter_that_nothing_can_fit_is_refused(animals: SemanticMemory) -> None:
    with pytest.raises(TypeError, match="'tags' cannot be filtered by a dict: give a text, a number, a list"):
        await animals.search("fox", where={"tags": {"a": 1}})


async def test_records_come_by_source_and_chunk(animals: SemanticMemory) -> None:
    assert [each.id for each in await animals.records("animals")] == ["eel", "fox", "dog", "hen"]
    assert [each.id for each in await animals.records("animals", source="a.txt")] == ["fox", "dog"]
    assert await animals.sources("animals") == {"": 1, "a.txt": 2, "b.txt": 1}
    assert await animals.records("animals", source="c.txt") == []


async def test_collections_are_searched_together_or_apart(animals: SemanticMemory) -> None:
    await animals.save("machines", "a fox of steel", id="robot")
    assert await animals.collections() == ["animals", "machines"]
    assert (await animals.count(), await animals.count("machines")) == (5, 1)
    for mode in ("vector", "keyword", "hybrid"):
        assert set(await ids(animals, "fox", mode=mode)) >= {"fox", "hen", "robot"}
        assert await ids(animals, "fox", mode=mode, collection="machines") == ["robot"]
        assert await ids(animals, "fox", mode=mode, collection=["machines", "none"]) == ["robot"]
        assert await ids(animals, "fox", mode=mode, collection="none") == []
        assert await ids(animals, "fox", mode=mode, collection=[]) == []


async def test_what_is_removed_is_found_no_more(animals: SemanticMemory) -> None:
    assert await ids(animals, "fox", mode="vector", limit=2) == ["fox", "hen"]
    assert await animals.remove("animals", ["fox", "fox", "nothing"]) == 1
    assert await animals.remove("animals", "fox") == 0
    assert await animals.get("animals", "fox") is None
    assert "fox" not in await ids(animals, "fox")
    await animals.remove("animals", [each.id for each in ANIMALS])
    assert await animals.collections() == []


async def test_what_a_description_says_is_found_by_keyword(animals: SemanticMemory) -> None:
    assert await ids(animals, "eels", mode="keyword") == ["eel"]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("我们明天早上去咖啡馆喝咖啡", "咖啡"),
        ("我们明天早上去咖啡馆喝咖啡", "喝"),
        ("东京塔很高", "东京塔有多高"),
        ("東京タワーは高いです", "タワー"),
        ("ﾀﾜｰは高いです", "タワー"),
        ("나는 서울에서 커피를 마신다", "커피"),
        ("قرأتُ الكِتابَ أمس", "كتاب"),
        ("قرأ كتابا", "قرأ الكتاب"),
        ("ذهب إلى المدرسة", "المدرسه"),
        ("हिन्दी में लिखा", "हिन्दी"),
        ("ฉันดื่มกาแฟทุกเช้า", "กาแฟ"),
        ("Die Straße ist naß", "strasse STRAßE"),
        ("Café crème", "cafe"),
        ("Cafe\u0301 crème", "café"),
        ("call send_email now", "send_email"),
        ("call send_email now", "emails"),
        ("C++ and C#", "c"),
    ],
)
async def test_words_of_any_script_are_found(memory: SemanticMemory, text: str, query: str) -> None:
    await memory.save("texts", text, id="it")
    await memory.save("texts", "nothing of it 无关 その他 شيء آخر", id="other")
    assert await ids(memory, query, mode="keyword") == ["it"]


@pytest.mark.parametrize(
    "query", ["", " ", '"', "a OR b", "NEAR(", "col:x", "*", "x AND", "-", "\0", "''; DROP", "^a", "{a b}"]
)
async def test_a_query_is_words_and_never_a_language(animals: SemanticMemory, query: str) -> None:
    for mode in ("keyword", "vector", "hybrid"):
        await animals.search(query, mode=mode)
    assert await animals.count() == 4


async def test_a_mode_and_a_metric_that_are_not_there(memory: SemanticMemory) -> None:
    with pytest.raises(ValueError, match="'semantic' is not a mode: it is one of hybrid, vector, keyword"):
        await memory.search("x", mode="semantic")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'l2' is not a metric: it is one of cosine, euclidean, manhattan, dot"):
        await memory.search("x", metric="l2")  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [object(), {1, 2}, float("nan"), b"bytes"])
async def test_metadata_that_is_no_json_is_refused_before_anything_is_written(
    memory: SemanticMemory, bad: object
) -> None:
    with pytest.raises(MemoryStoreError, match="the metadata of '2' is not JSON"):
        await memory.save_many("x", [Record(id="1", text="a"), Record(id="2", text="b", metadata={"bad": bad})])
    assert await memory.count() == 0


async def test_half_a_character_is_refused(memory: SemanticMemory) -> None:
    with pytest.raises(MemoryStoreError, match=r"'1' has half a character in it \(a lone surrogate\)"):
        await memory.save("x", "a\ud800", id="1")


# Embedders


class Fixed:
    """An embedder that makes the vectors it was given, whatever they are."""

    def __init__(self, vectors: dict[str, Sequence[float]], dimension: int = 3) -> None:
        self.name = "fixed"
        self.dimension = dimension
        self._vectors = vectors

    async def embed(self, texts: Sequence[str], /) -> FloatMatrix:
        return np.array([self._vectors[text] for text in texts], dtype=np.float32)


async def test_vectors_are_kept_at_length_one() -> None:
    async with SemanticMemory.open(
        ":memory:", embedder=Fixed({"a": (3, 0, 0), "b": (0, 0.1, 0), "": (0, 0, 0)})
    ) as memory:
        for each in ("a", "b", ""):
            await memory.save("x", each, id=each or "none")
        hits = await memory.search("b", mode="vector", metric="dot")
        assert [(hit.record.id, hit.found[0].score) for hit in hits] == [("b", 1), ("a", 0), ("none", 0)]


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ({"a": (1, 2)}, r"embedder fixed: it made vectors of shape \(1, 2\), not \(1, 3\)"),
        ({"a": (1, 2, float("nan"))}, "embedder fixed: it made a vector with a number that is not finite"),
    ],
)
async def test_an_embedder_that_makes_no_vectors_is_told(vectors: dict[str, Sequence[float]], message: str) -> None:
    async with SemanticMemory.open(":memory:", embedder=Fixed(vectors)) as memory:
        with pytest.raises(EmbedderError, match=message):
            await memory.save("x", "a")
        assert await memory.count() == 0


async def test_vectors_of_another_embedder_are_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with SemanticMemory.open(path, embedder=HashEmbedder()) as memory:
        await memory.save_many("animals", ANIMALS)
    async with SemanticMemory.open(path, embedder=HashEmbedder(32)) as other:
        with pytest.raises(EmbedderMismatchError) as caught:
            await other.search("fox")
        assert str(caught.value) == (
            f"memory '{path}': its texts were embedded by 'hash:64', not by 'hash:32' (`forethought memory reindex` "
            "embeds them anew with 'hash:32'; or keep 'hash:64': FORETHOUGHT_MEMORY_EMBEDDER, or `embedder` in "
            "[memory] of forethought.toml)"
        )
        with pytest.raises(EmbedderMismatchError):
            await other.save("animals", "a cat")
        assert await ids(other, "fox", mode="keyword") == ["fox", "hen"], "keywords need no embedder"
        assert await other.count() == 4


async def test_reindex_embeds_everything_anew_and_other_readers_see_it(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with (
        SemanticMemory.open(path, embedder=HashEmbedder()) as old,
        SemanticMemory.open(path, embedder=HashEmbedder(32)) as new,
        SemanticMemory.open(path, embedder=HashEmbedder(32)) as reader,
    ):
        await old.save_many("animals", ANIMALS)
        await old.save("machines", ANIMALS[0].text)
        assert await ids(old, "lazy dog", limit=1) == ["dog"]
        steps: list[tuple[int, int]] = []
        assert await new.reindex(lambda done, of: steps.append((done, of))) == 5
        assert steps == [(0, 4), (4, 4)]
        for each in (new, reader):
            assert await ids(each, "lazy dog", mode="vector", limit=1) == ["dog"]
        with pytest.raises(EmbedderMismatchError):
            await old.search("fox")


async def test_a_reindex_that_was_interrupted_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    many = [Record(id=f"{number:03}", text=f"word{number}") for number in range(300)]
    async with SemanticMemory.open(path, embedder=HashEmbedder()) as old:
        await old.save_many("x", many)
    embedder = Failing(after=256)
    async with SemanticMemory.open(path, embedder=embedder) as new:
        with pytest.raises(EmbedderError, match="the server is gone"):
            await new.reindex()
        async with SemanticMemory.open(path, embedder=HashEmbedder()) as old:
            assert await ids(old, "word7", mode="vector", limit=1) == ["007"], "the old vectors are still there"
            await old.save("x", "word300", id="300")
        embedder.left = 1000
        assert await new.reindex() == 301
        assert len(embedder.inner.texts) == 301
        assert await ids(new, "word300", mode="vector", limit=1) == ["300"]


async def test_what_is_saved_while_everything_is_embedded_anew_is_embedded_too(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with (
        SemanticMemory.open(path, embedder=HashEmbedder()) as old,
        SemanticMemory.open(path, embedder=Interrupted(lambda: old.save("x", "saved meanwhile", id="new"))) as new,
    ):
        await old.save_many("animals", ANIMALS)
        assert await new.reindex() == 5
        assert await ids(new, "saved meanwhile", mode="vector", limit=1) == ["new"]


class Interrupted(HashEmbedder):
    """An embedder during whose first call something else is done."""

    def __init__(self, other: Callable[[], Awaitable[object]]) -> None:
        super().__init__(32)
        self._other: Callable[[], Awaitable[object]] | None = other

    async def embed(self, texts: Sequence[str], /) -> FloatMatrix:
        other, self._other = self._other, None
        if other:
            await other()
        return await super().embed(texts)


class Failing:
    """An embedder that fails after so many texts."""

    def __init__(self, after: int) -> None:
        self.inner = HashEmbedder(2048)
        self.name, self.dimension = "failing", 2048
        self.left = after

    async def embed(self, texts: Sequence[str], /) -> FloatMatrix:
        self.left -= len(texts)
        if self.left < 0:
            raise EmbedderError(self.name, "the server is gone")
        return await self.inner.embed(texts)


async def test_an_empty_file_takes_any_embedder(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with SemanticMemory.open(path, embedder=HashEmbedder()) as memory:
        await memory.save("x", "a", id="1")
        await memory.remove("x", "1")
    async with SemanticMemory.open(path, embedder=HashEmbedder(32)) as memory:
        await memory.save("x", "a", id="1")
        assert await ids(memory, "a", mode="vector") == ["1"]


async def test_two_memories_of_one_file_see_each_others_writes(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with (
        SemanticMemory.open(path, embedder=HashEmbedder()) as one,
        SemanticMemory.open(path, embedder=HashEmbedder()) as two,
    ):
        assert await ids(two, "fox") == []
        await one.save_many("animals", ANIMALS)
        assert await ids(two, "fox", mode="vector", limit=2) == ["fox", "hen"]
        await one.save("animals", "a quick fox", id="red")
        await one.save("animals", "a cat", id="fox")
        assert await ids(two, "quick fox", mode="vector", limit=1) == ["red"]
        await two.remove("animals", ["red"])
        assert await ids(one, "fox", mode="vector", limit=1) == ["hen"]
        assert await ids(one, "cat", mode="vector", limit=1) == ["fox"]
