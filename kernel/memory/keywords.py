"""Keywords: which records share words with a query, by BM25 (FTS5's)."""

from __future__ import annotations

import contextlib
import itertools
import math
import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .words import TOKENIZER, phrases

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

    A match is relevant by the share of the query that it has, each word weighed by how rare it is. Words are looked for
    from the rarest on, as long as no more than 20,000 matches have to be weighed: in a large memory, words that many
    records have cost the most and tell the least.
    """
    (total,) = connection.execute("SELECT count(*) FROM records").fetchone()
    counts = {each: _count(connection, each) for each in phrases(query)}
    there = sorted((each for each in counts if counts[each]), key=counts.__getitem__)
    if not there or collections == []:
        return []
    work = list(itertools.accumulate(counts[each] for each in there))
    asked = [each for each, weighed in zip(there, work, strict=True) if weighed <= max(_MOST, work[0])]
    rows = connection.execute(
        f"SELECT rowid, rank FROM words WHERE words MATCH ?{condition} ORDER BY rank, rowid LIMIT ?",
        (_asked(asked, _of(connection, collections)), *values, limit),
    ).fetchall()
    weights = {each: math.log(1 + (total - count + 0.5) / (count + 0.5)) for each, count in counts.items()}
    shares = _shares(connection, [number for number, _ in rows], {each: weights[each] for each in there})
    whole = sum(weights.values())
    return [Match(number, -rank, min(1.0, shares[number] / whole)) for number, rank in rows]


_MOST = 20_000  # matches that are weighed


def _asked(several: Sequence[str], collections: Sequence[int] | None = None) -> str:
    """Return the FTS5 query for any of several phrases."""
    escaped = (each.replace('"', '""') for each in several)
    asked = "text : ({})".format(" OR ".join(f'"{each}"' for each in escaped))
    if collections is None:
        return asked
    return f"collection : ({' OR '.join(f'c{each}' for each in collections)}) AND {asked}"


def _of(connection: sqlite3.Connection, collections: Sequence[int] | None) -> Sequence[int] | None:
    """Return the collections to ask for, None where that is all there are."""
    if collections is None:
        return None
    listed = ", ".join(map(str, collections))
    others = connection.execute(f"SELECT 1 FROM collections WHERE number NOT IN ({listed}) LIMIT 1").fetchone()
    return collections if others else None


def _count(connection: sqlite3.Connection, phrase: str) -> int:
    """Return how many records have a phrase; beyond what would be weighed they are not counted."""
    counted = "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)"
    return int(connection.execute(counted, (_asked([phrase]), _MOST + 1)).fetchone()[0])


def _shares(connection: sqlite3.Connection, numbers: Sequence[int], weights: Mapping[str, float]) -> dict[int, float]:
    """Return the summed weight of the phrases that each of these records has.

    They are put into an index of their own: to ask the large one for a few records takes far longer.
    """
    shares = dict.fromkeys(numbers, 0.0)
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as few:
        few.execute(f"CREATE VIRTUAL TABLE words USING fts5 (text, content = '', tokenize = \"{TOKENIZER}\")")
        few.execute("BEGIN")
        for number in numbers:
            row = connection.execute("SELECT text FROM searched WHERE number = ?", (number,)).fetchone()
            few.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (number, row and row[0]))
        for phrase, weight in weights.items():
            for (number,) in few.execute("SELECT rowid FROM words WHERE words MATCH ?", (_asked([phrase]),)):
                shares[number] += weight
    return shares
