"""Fusion: two ranked lists become one.

Reciprocal rank fusion: a record's score is the sum of 1 / (60 + rank) over the lists it is on (Cormack, Clarke and
Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", SIGIR 2009). Ranks, not
scores, are added: a cosine and a BM25 score have no common measure. But a rank among texts that share no more with the
query than "the" and "how" says little, so a rank by keyword is weighed by the square of the hit's relevance, which is
the share of the query's words that it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from .records import Found, Hit
from .store import Scored

__all__ = ["K", "fuse", "on_one_list"]

K = 60  # the constant of the paper

_Key = tuple[str, str]


def on_one_list(name: Literal["vector", "keyword"], scored: Sequence[Scored]) -> list[Hit]:
    """Return the hits of one list, in its order."""
    return [
        Hit(
            record=each.record,
            collection=each.collection,
            relevance=each.relevance,
            found=(Found(list=name, rank=rank, score=each.score),),
        )
        for rank, each in enumerate(scored, 1)
    ]


def fuse(by_vector: Sequence[Scored], by_keyword: Sequence[Scored]) -> list[Hit]:
    """Return the hits of both lists, ordered by reciprocal rank fusion; of equal ones, that nearer in meaning first.

    The relevance of a hit is the greater one of what its lists say: whoever is sure of it.
    """
    hits: dict[_Key, Hit] = {}
    for hit in (*on_one_list("vector", by_vector), *on_one_list("keyword", by_keyword)):
        key = (hit.collection, hit.record.id)
        other = hits.get(key)
        hits[key] = hit if other is None else _merged(other, hit)
    weights = {(each.collection, each.record.id): each.relevance**2 for each in by_keyword}
    return sorted(hits.values(), key=lambda hit: -_score(hit, weights.get((hit.collection, hit.record.id), 0)))


def _score(hit: Hit, weight: float) -> float:
    return sum((1 if each.list == "vector" else weight) / (K + each.rank) for each in hit.found)


def _merged(one: Hit, other: Hit) -> Hit:
    relevance = max(one.relevance, other.relevance)
    return Hit(record=one.record, collection=one.collection, relevance=relevance, found=one.found + other.found)
