"""A journal in a file of SQLite: written under its lock, and runs are owned by locks of the system."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TypeVar

from . import owning
from .schema import explained, explanation, open_for_reading, open_for_writing
from .store import ENTRY, Operation, Rows, Synchronous

__all__ = ["SqliteStore"]

T = TypeVar("T")
_TWO_ENTRIES = f"{ENTRY}, (?, ?, ?, ?, ?, ?)"


class SqliteStore:
    """The file `path`; see Store."""

    def __init__(self, path: Path, synchronous: Synchronous) -> None:
        self._path = path
        self._synchronous: Synchronous = synchronous
        self._connection: sqlite3.Connection | None = None
        self._version: object = None

    @property
    def owner(self) -> str:
        with explained(self._path):
            self._open()  # its folder is there
            return owning.own_name(self._path)

    def read(self, work: Callable[[Rows | None], T]) -> T:
        with explained(self._path):
            connection = self._connection or open_for_reading(self._path)
            if connection is None:
                return work(None)
            connection.execute("BEGIN")
            try:
                return work(connection)
            finally:
                connection.execute("ROLLBACK")
                if connection is not self._connection:
                    connection.close()

    def transact(self, work: Callable[[Rows], T], *, alone: bool = False) -> T:
        del alone  # whoever writes is
        with explained(self._path):
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                given = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return given

    def write(self, operations: Sequence[Operation]) -> Collection[int]:
        _, statement, values = operations[0]
        count = len(operations)
        if count == 2 and statement is operations[1][1] is ENTRY:  # the end of a step, and the next start
            statement, values, count = _TWO_ENTRIES, values + operations[1][2], 1
        if count == 1:
            try:
                (self._connection or self._open()).execute(statement, values)
            except sqlite3.Error as error:
                raise explanation(error, self._path) from error
        else:
            return self.transact(lambda rows: self.carry_out(rows, operations))
        return ()

    def carry_out(self, rows: Rows, operations: Sequence[Operation]) -> Collection[int]:
        for _, statement, values in operations:
            rows.execute(statement, values)
        return ()

    def changed(self) -> bool:
        with explained(self._path):
            before, self._version = self._version, self._open().execute("PRAGMA data_version").fetchone()
        return before != self._version

    def own(self, rows: Rows, run: int) -> bool:
        del rows
        return owning.own(self._path, run)

    def release(self, run: int) -> None:
        owning.release(self._path, run)

    def owned(self, rows: Rows, runs: Collection[int]) -> Collection[int]:
        del rows
        return [each for each in runs if owning.owned(self._path, each)]

    def alive(self, owner: str) -> bool:
        return self._path.exists() and owning.alive(self._path, owner)

    def compact(self) -> None:
        with explained(self._path):
            self._open().execute("VACUUM")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = open_for_writing(self._path, self._synchronous)
        return self._connection
