"""Rows: what the tables of a journal hold, found."""

from __future__ import annotations

import re
import sqlite3

from .history import Decision, Entry

__all__ = ["DECISIONS", "RUNS", "Row", "blobs_of", "decisions_of", "entries_of", "find", "number_of", "say"]

RUNS = "SELECT number, id, goal, status, started, ended FROM runs"
DECISIONS = "SELECT at, kind, step, name, data FROM decisions WHERE run = ? ORDER BY number"
_BLOB = re.compile(r'"blob":"([0-9a-f]{64})"')

Row = tuple[int, str, str, str, float, float | None]


def find(connection: sqlite3.Connection, run: str) -> Row | None:
    """Return the row of the run that is meant; an end of an id counts where only one run has it."""
    if run == "last":
        found: list[Row] = connection.execute(f"{RUNS} ORDER BY number DESC LIMIT 1").fetchall()
    else:
        found = connection.execute(f"{RUNS} WHERE id = ?", (run,)).fetchall()
        if not found and run:
            ending = f"{RUNS} WHERE substr(id, -length(?1)) = ?1 LIMIT 2"
            found = connection.execute(ending, (run,)).fetchall()
    return found[0] if len(found) == 1 else None


def number_of(connection: sqlite3.Connection, run: str) -> int | None:
    """Return the number of the run of this id."""
    row = connection.execute("SELECT number FROM runs WHERE id = ?", (run,)).fetchone()
    return None if row is None else int(row[0])


def entries_of(connection: sqlite3.Connection, number: int) -> list[Entry]:
    """Return what a run did, in order."""
    rows = connection.execute("SELECT at, kind, step, data FROM entries WHERE run = ? ORDER BY number", (number,))
    return [Entry(*each) for each in rows]


def decisions_of(connection: sqlite3.Connection, number: int | None) -> list[Decision]:
    """Return what was said about a run, in order."""
    return [Decision(*each) for each in connection.execute(DECISIONS, (number,))]


def say(connection: sqlite3.Connection, number: int, said: Decision) -> None:
    """Keep something that was said about a run."""
    row = "INSERT INTO decisions (run, at, kind, step, name, data) VALUES (?, ?, ?, ?, ?, ?)"
    connection.execute(row, (number, *said))


def blobs_of(connection: sqlite3.Connection, entries: list[Entry]) -> dict[str, str]:
    """Return the texts of the blobs that entries name, by digest."""
    digests = {digest for entry in entries for digest in _BLOB.findall(entry.data)}
    found: dict[str, str] = {}
    for digest in digests:
        row = connection.execute("SELECT text FROM blobs WHERE digest = ?", (bytes.fromhex(digest),)).fetchone()
        if row is not None:  # else a value of somebody looks like one
            found[digest] = str(row[0])
    return found
