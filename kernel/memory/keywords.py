"""Keywords: which records share words with a query, by BM25 (FTS5's)."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from .words import phrases

__all__ = ["Match", "matches"]


class Match(NamedTuple):
    """A record, by number, its BM25 score (more is better), and its relevance from 0 to 1."""

    number: int
    score: float
    relevance: float


def matches(
    connection: sqlite3.Connection,
    query: str,
    *,
    collections: Sequence[int] | None,
    limit: int,
    condition: str,
    values: Sequence[str],
) -> list[Match]:
    """Return the best matches, of all collections where none are named; `condition` is more SQL, with its `values`.

    Words that are in more than half of all records tell nothing, and are left out beside others. A match is relevant by
    the weight of the words it shares: 1 where a text of usual length has each of them.
    """
    (total,) = connection.execute("SELECT count(*) FROM records").fetchone()
    weights = {each: _weight(connection, each, total) for each in map(_quoted, phrases(query))}
    telling = {each: weight for each, weight in weights.items() if weight > 0} or dict.fromkeys(weights, _LEAST)
    if not telling or collections == []:
        return []
    asked = f"text : ({' OR '.join(telling)})"
    others = "SELECT 1 FROM collections WHERE number NOT IN ({})"
    if collections is not None and connection.execute(others.format(", ".join(map(str, collections)))).fetchone():
        asked = f"collection : ({' OR '.join(f'c{each}' for each in collections)}) AND {asked}"
    rows = connection.execute(
        f"SELECT rowid, rank FROM words WHERE words MATCH ?{condition} ORDER BY rank, rowid LIMIT ?",
        (asked, *values, limit),
    )
    most = sum(telling.values())
    return [Match(number, -rank, min(1.0, -rank / most)) for number, rank in rows]


_LEAST = 1e-6  # FTS5's own weight of a word that is in every other record or more


def _quoted(phrase: str) -> str:
    escaped = phrase.replace('"', '""')
    return f'"{escaped}"'


def _weight(connection: sqlite3.Connection, phrase: str, total: int) -> float:
    """Return the inverse document frequency of a phrase, 0 or less where it is everywhere; nowhere is the most."""
    half = total // 2 + 1
    (there,) = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)", (f"text : {phrase}", half)
    ).fetchone()
    return math.log((total - there + 0.5) / (there + 0.5))
