"""Records: what memory keeps, and what a search finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

__all__ = ["Found", "Hit", "Metric", "Mode", "Record"]

Mode = Literal["hybrid", "vector", "keyword"]
Metric = Literal["cosine", "euclidean", "manhattan", "dot"]

_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A text that is kept, and where it came from.

    The text is what is embedded; keywords are looked up in the description, too. Without an `id` it gets one made from
    its text, source and chunk. `metadata` is a JSON object. `source` names what the text was taken from, `chunk` is
    its number there, `start` and `end` are its place in characters.
    """

    id: str = ""
    text: str
    description: str = ""
    metadata: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    source: str = ""
    chunk: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One list that a hit was on: its rank there, from 1, and its score.

    The score of a vector list is its metric (a similarity, or a distance), that of a keyword list BM25.
    """

    list: Literal["vector", "keyword"]
    rank: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A record that a search found; `relevance` is from 0 to 1, `found` says which lists it was on.

    `collection` is where it is kept.
    """

    record: Record
    collection: str
    relevance: float
    found: tuple[Found, ...]
