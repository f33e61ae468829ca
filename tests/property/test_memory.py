"""Memory against a plain dict, for any texts, ids, metadata and order of calls; and metrics against brute force."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine, Mapping
from typing import TypeVar, get_args

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from forethought.kernel import Record, SemanticMemory
from forethought.kernel.memory.embedder import FloatMatrix
from forethought.kernel.memory.fusion import K, fuse
from forethought.kernel.memory.records import Metric
from forethought.kernel.memory.scanning import Vectors
from forethought.kernel.memory.store import Scored
from forethought.kernel.memory.words import divided, phrases
from forethought.kernel.testing import HashEmbedder

T = TypeVar("T")

ids = st.sampled_from(["a", "b", "ä", "'; --", "日本", ""]).filter(bool) | st.text(min_size=1, max_size=3).filter(
    lambda text: text.isprintable()
)
collections = st.sampled_from(["one", "two"])
texts = st.text(st.sampled_from("ab c\n日本語é🙂\0'\"*"), max_size=12)
scalars = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, 2.0]) | st.sampled_from(["x", "y", "1"])
)
metadata = st.dictionaries(st.sampled_from(["k", "l"]), scalars | st.lists(scalars, max_size=3), max_size=2)
filters = st.dictionaries(st.sampled_from(["k", "l", "m"]), scalars | st.lists(scalars, max_size=2), max_size=2)
records = st.builds(
    Record,
    id=ids,
    text=texts,
    metadata=metadata,
    source=st.sampled_from(["", "s"]),
    chunk=st.none() | st.integers(0, 3),
)


def alike(one: object, other: object) -> bool:
    """Say whether two JSON values are the same: True is not 1, and 1 is 1.0."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def fits(held: Mapping[str, object], where: Mapping[str, object]) -> bool:
    """Say what the documentation says of a filter, as plainly as can be."""

    def listed(value: object) -> list[object]:
        return list(value) if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]

    return all(
        key in held and any(alike(one, other) for one in listed(held[key]) for other in listed(wanted))
        for key, wanted in where.items()
    )


class MemoryAgainstDict(RuleBasedStateMachine):
    """Whatever is called in whatever order, memory holds what a dict would hold, and two openings of it agree."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.model: dict[str, dict[str, Record]] = {"one": {}, "two": {}}
        self.memory = SemanticMemory.open(":memory:", embedder=HashEmbedder(8))

    def teardown(self) -> None:
        self.run(self.memory.close())
        self.loop.close()

    def run(self, call: Coroutine[object, object, T]) -> T:
        return self.loop.run_until_complete(call)

    @rule(collection=collections, batch=st.lists(records, max_size=5))
    def save(self, collection: str, batch: list[Record]) -> None:
        assert self.run(self.memory.save_many(collection, batch)) == [each.id for each in batch]
        self.model[collection].update({each.id: each for each in batch})

    @rule(collection=collections, removed=st.lists(ids, max_size=4))
    def remove(self, collection: str, removed: list[str]) -> None:
        there = {each for each in removed if self.model[collection].pop(each, None)}
        assert self.run(self.memory.remove(collection, removed)) == len(there)

    @rule(collection=collections, id_=ids)
    def get(self, collection: str, id_: str) -> None:
        assert self.run(self.memory.get(collection, id_)) == self.model[collection].get(id_)

    @rule(collection=collections, where=filters)
    def filter(self, collection: str, where: dict[str, object]) -> None:
        fitting = {each.id for each in self.model[collection].values() if fits(each.metadata, where)}
        assert {each.id for each in self.run(self.memory.records(collection, where=where))} == fitting
        hits = self.run(self.memory.search("a", collection=collection, mode="vector", where=where, limit=1000))
        assert {hit.record.id for hit in hits} == fitting
        words = self.run(self.memory.search("a b c", collection=collection, mode="keyword", where=where, limit=1000))
        assert {hit.record.id for hit in words} <= fitting

    @rule(collection=collections, word=st.sampled_from(["a", "b", "日", "本語"]))
    def keyword(self, collection: str, word: str) -> None:
        spaced = " ".join(word) if word == "本語" else word
        held = self.model[collection].values()
        having = {each.id for each in held if f" {spaced} " in f" {' '.join(_tokens(each.text))} "}
        hits = self.run(self.memory.search(word, collection=collection, mode="keyword", limit=1000))
        assert {hit.record.id for hit in hits} == having
        assert all(0 <= hit.relevance <= 1 for hit in hits)

    @rule(query=st.text() | texts)
    def any_query(self, query: str) -> None:
        for hit in self.run(self.memory.search(query)):
            assert 0 <= hit.relevance <= 1
            assert hit.record == self.model[hit.collection][hit.record.id]

    @precondition(lambda self: any(self.model.values()))
    @rule(query=texts, limit=st.integers(1, 4))
    def nearest(self, query: str, limit: int) -> None:
        held = [each for collection in self.model.values() for each in collection.values()]
        hits = self.run(self.memory.search(query, mode="vector", limit=limit))
        embed = HashEmbedder(8).embed
        vectors, (asked,) = self.run(embed([each.text for each in held])), self.run(embed([query]))
        best = sorted((vectors @ asked).tolist(), reverse=True)[:limit]
        assert np.allclose([hit.found[0].score for hit in hits], best, atol=1e-5)

    @invariant()
    def holds_the_same(self) -> None:
        for name, held in self.model.items():
            assert self.run(self.memory.count(name)) == len(held)
            assert {each.id: each for each in self.run(self.memory.records(name))} == held
        assert self.run(self.memory.collections()) == [name for name, held in self.model.items() if held]


def _tokens(text: str) -> list[str]:
    spaced = "".join(
        f" {each} " if each in "日本語" else each if each.isalnum() or each == "é" else " " for each in text
    )
    return spaced.replace("é", "e").split()


MemoryAgainstDict.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestMemoryAgainstDict = MemoryAgainstDict.TestCase


def unit(matrix: FloatMatrix) -> FloatMatrix:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    made = np.zeros_like(matrix)
    np.divide(matrix, lengths, out=made, where=lengths > 1e-3)
    return made


matrices = st.integers(1, 6).flatmap(
    lambda width: arrays(np.float32, st.tuples(st.integers(2, 40), st.just(width)), elements=st.floats(-1, 1, width=32))
)


@given(matrices, st.integers(1, 10), st.sampled_from(get_args(Metric)))
def test_metrics_agree_with_brute_force(matrix: FloatMatrix, limit: int, metric: Metric) -> None:
    rows = unit(matrix)
    query, rows = rows[0], rows[1:]
    vectors = Vectors(rows.shape[1])
    vectors.put(list(range(len(rows))), [row.tobytes() for row in rows])
    wide, asked = rows.astype(np.float64), query.astype(np.float64)
    expected = {
        "dot": [sum(a * b for a, b in zip(row, asked, strict=True)) for row in wide],
        "cosine": [_cosine(row.tolist(), asked.tolist()) for row in wide],
        "euclidean": [sum((a - b) ** 2 for a, b in zip(row, asked, strict=True)) ** 0.5 for row in wide],
        "manhattan": [sum(abs(a - b) for a, b in zip(row, asked, strict=True)) for row in wide],
    }[metric]
    near = vectors.nearest(query, metric=metric, limit=limit)
    for each in near:
        assert abs(each.score - expected[each.number]) < 1e-5
    best = sorted(expected, reverse=metric in ("dot", "cosine"))[:limit]
    assert np.allclose([each.score for each in near], best, atol=1e-5)


def _cosine(one: list[float], other: list[float]) -> float:
    lengths = sum(a * a for a in one) ** 0.5 * sum(b * b for b in other) ** 0.5
    return sum(a * b for a, b in zip(one, other, strict=True)) / lengths if lengths else 0.0


@given(st.data())
def test_vectors_that_are_put_and_kept_are_those_of_a_dict(data: st.DataObject) -> None:
    vectors, model, fresh = Vectors(1), dict[int, float](), itertools.count(1)
    for _ in range(data.draw(st.integers(1, 8))):
        if data.draw(st.booleans()):
            changed = set(data.draw(st.lists(st.sampled_from(sorted(model)), max_size=4))) if model else set[int]()
            numbers = sorted(changed | set(itertools.islice(fresh, data.draw(st.integers(0, 5)))))
            given_ = {number: data.draw(st.floats(-1, 1, width=32)) for number in numbers}
            vectors.put(numbers, [np.float32(value).tobytes() for value in given_.values()])
            model.update(given_)
        else:
            kept = {number for number in model if data.draw(st.booleans())}
            vectors.keep(sorted(kept))
            model = {number: value for number, value in model.items() if number in kept}
        assert dict(zip(vectors.numbers.tolist(), vectors.matrix[:, 0].tolist(), strict=True)) == model
        assert vectors.numbers.tolist() == sorted(model)


@given(
    st.permutations(range(6)),
    st.permutations(range(6)),
    st.integers(0, 6),
    st.integers(0, 6),
    st.sampled_from([0.1, 0.5, 1]),
)
def test_fusion_is_the_sum_of_reciprocal_ranks_those_by_keyword_weighed(
    one: list[int], other: list[int], first: int, second: int, relevance: float
) -> None:
    def listed(order: list[int]) -> list[Scored]:
        return [Scored("c", Record(id=str(each), text=""), 1.0, relevance) for each in order]

    def share(order: list[int], each: int) -> float:
        weight = 1 if order is by_vector else relevance**2
        return weight / (K + order.index(each) + 1) if each in order else 0.0

    by_vector, by_keyword = one[:first], other[:second]
    hits = fuse(listed(by_vector), listed(by_keyword))
    assert sorted(hit.record.id for hit in hits) == sorted({str(each) for each in by_vector + by_keyword})
    scores = [share(by_vector, int(hit.record.id)) + share(by_keyword, int(hit.record.id)) for hit in hits]
    assert scores == sorted(scores, reverse=True)


@given(st.text())
def test_any_text_can_be_divided_and_asked(text: str) -> None:
    assert divided(divided(text)).split() == divided(text).split()
    for phrase in phrases(text):
        assert phrase
        assert phrase == phrase.strip()
