"""Rows: what the tables of a journal hold, found."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from .history import Decision, Entry, History, RunRow
from .store import Rows

__all__ = [
    "Row",
    "add_run",
    "decisions_of",
    "find",
    "history_of",
    "number_of",
    "remove_some",
    "runs_with",
    "said_of",
    "say",
]

_RUNS = "SELECT number, id, goal, status, started, ended FROM runs"
_DECISIONS = "SELECT at, kind, step, name, data FROM decisions WHERE run = ? ORDER BY number"
_BLOB = re.compile(r'"blob":"([0-9a-f]{64})"')

_BATCH = 500

Row = tuple[int, str, str, str, float, float | None]


def find(rows: Rows, run: str) -> Row | None:
    """Return the row of the run that is meant; an end of an id counts where only one run has it."""
    if run == "last":
        found: list[Row] = rows.execute(f"{_RUNS} ORDER BY number DESC LIMIT 1").fetchall()
    else:
        found = rows.execute(f"{_RUNS} WHERE id = ?", (run,)).fetchall()
        if not found and run:
            ending = f"{_RUNS} WHERE substr(id, length(id) - length(?) + 1) = ? LIMIT 2"
            found = rows.execute(ending, (run, run)).fetchall()
    return found[0] if len(found) == 1 else None


def add_run(rows: Rows, run: str, goal: str, at: float) -> int | None:
    """Add a run of this id, and return its number; None where there is one."""
    row = "INSERT INTO runs (id, goal, status, started) VALUES (?, ?, 'running', ?) ON CONFLICT DO NOTHING"
    return number_of(rows, run) if rows.execute(row, (run, goal, at)).rowcount else None


def runs_with(rows: Rows, statuses: Collection[str]) -> list[Row]:
    """Return the runs of these statuses, or all, the latest first."""
    only = f"WHERE status IN ({', '.join('?' * len(statuses))})" if statuses else ""
    return rows.execute(f"{_RUNS} {only} ORDER BY number DESC", [*statuses]).fetchall()


def remove_some(
    rows: Rows, before: float, last: int, statuses: Collection[str], owned: Callable[[Rows, list[int]], Collection[int]]
) -> tuple[int, int]:
    """Remove some of the runs that began before then, beginning after the run number `last`, but not those owned.

    Returns the number of the last one that was looked at, 0 where there are no more, and how many were removed, which
    are of these statuses, or of any. With the last of them go large values that no run has any more.
    """
    some = f"{_RUNS} WHERE started < ? AND number > ? ORDER BY number LIMIT {_BATCH}"
    found: list[Row] = rows.execute(some, (before, last)).fetchall()
    kept = owned(rows, [row[0] for row in found])
    gone = [row[0] for row in found if (not statuses or row[3] in statuses) and row[0] not in kept]
    for number in gone:
        rows.execute("DELETE FROM runs WHERE number = ?", (number,))
    if not found:
        rows.execute("DELETE FROM blobs WHERE digest NOT IN (SELECT digest FROM uses)")
    return found[-1][0] if found else 0, len(gone)


def history_of(rows: Rows, number: int, row: RunRow) -> History:
    """Return all that is known of a run."""
    entries = _entries_of(rows, number)
    return History(row, entries, decisions_of(rows, number), _blobs_of(rows, entries))


def number_of(rows: Rows, run: str) -> int | None:
    """Return the number of the run of this id."""
    row = rows.execute("SELECT number FROM runs WHERE id = ?", (run,)).fetchone()
    return None if row is None else int(row[0])


def _entries_of(rows: Rows, number: int) -> list[Entry]:
    """Return what a run did, in order."""
    found = rows.execute("SELECT at, kind, step, data FROM entries WHERE run = ? ORDER BY number", (number,))
    return [Entry(*each) for each in found]


def decisions_of(rows: Rows, number: int | None) -> list[Decision]:
    """Return what was said about a run, in order."""
    return [Decision(*each) for each in rows.execute(_DECISIONS, (number,))]


def said_of(rows: Rows, numbers: Collection[int]) -> dict[int, list[str]]:
    """Return what kinds of things were said about each of these runs, in order."""
    said: dict[int, list[str]] = {}
    asked, marks = [*numbers], "SELECT run, kind FROM decisions WHERE run IN ({}) ORDER BY number"
    for begin in range(0, len(asked), _BATCH):
        batch = asked[begin : begin + _BATCH]
        for run, kind in rows.execute(marks.format(", ".join("?" * len(batch))), batch):
            said.setdefault(run, []).append(kind)
    return said


def say(rows: Rows, number: int, said: Decision) -> None:
    """Keep something that was said about a run."""
    row = "INSERT INTO decisions (run, at, kind, step, name, data) VALUES (?, ?, ?, ?, ?, ?)"
    rows.execute(row, (number, *said))


def _blobs_of(rows: Rows, entries: list[Entry]) -> dict[str, str]:
    """Return the texts of the blobs that entries name, by digest."""
    digests = sorted({digest for entry in entries for digest in _BLOB.findall(entry.data)})
    found: dict[str, str] = {}
    for begin in range(0, len(digests), _BATCH):
        batch = [bytes.fromhex(digest) for digest in digests[begin : begin + _BATCH]]
        asked = f"SELECT digest, text FROM blobs WHERE digest IN ({', '.join('?' * len(batch))})"
        found |= {digest.hex(): text for digest, text in rows.execute(asked, batch)}
    return found  # what has none is a value of somebody that looks like one
