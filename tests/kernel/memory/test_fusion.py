"""Reciprocal rank fusion, by the numbers of the paper."""

from __future__ import annotations

from forethought.kernel import Hit, Record
from forethought.kernel.memory.fusion import fuse, on_one_list
from forethought.kernel.memory.records import Found
from forethought.kernel.memory.store import Scored


def scored(name: str, relevance: float, score: float = 1.0, collection: str = "c") -> Scored:
    return Scored(collection, Record(id=name, text=name), score, relevance)


def test_what_is_on_both_lists_comes_first_and_says_so() -> None:
    hits = fuse([scored("a", 0.9), scored("b", 0.5, 0.5)], [scored("b", 0.7, 3.0), scored("c", 0.2)])
    assert [hit.record.id for hit in hits] == ["b", "a", "c"]
    assert hits[0] == Hit(
        record=Record(id="b", text="b"),
        collection="c",
        relevance=0.7,
        found=(Found(list="vector", rank=2, score=0.5), Found(list="keyword", rank=1, score=3.0)),
    )


def test_of_equal_ones_the_nearer_in_meaning_comes_first() -> None:
    assert [hit.record.id for hit in fuse([scored("a", 0.1)], [scored("b", 1.0)])] == ["a", "b"]


def test_one_id_in_two_collections_is_two_records() -> None:
    hits = fuse([scored("a", 1, collection="x")], [scored("a", 1, collection="y")])
    assert [(hit.collection, len(hit.found)) for hit in hits] == [("x", 1), ("y", 1)]


def test_one_list_alone_keeps_its_order() -> None:
    hits = on_one_list("keyword", [scored("a", 0.1), scored("b", 0.9)])
    assert [(hit.record.id, hit.found[0].rank) for hit in hits] == [("a", 1), ("b", 2)]
    assert fuse([], []) == []
