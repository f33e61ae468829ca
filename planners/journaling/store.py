"""Store: where a journal is kept. What a file of SQLite and a database of PostgreSQL do differently is behind it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Literal, Protocol, TypeVar

from forethought.kernel.errors import JournalError

__all__ = ["ENTRY", "Cursor", "Operation", "Rows", "Store", "Synchronous", "half_a_character"]

Synchronous = Literal["normal", "full"]
T = TypeVar("T")

ENTRY = "INSERT INTO entries (run, number, at, kind, step, data) VALUES (?, ?, ?, ?, ?, ?)"


class Cursor(Protocol):
    """What a statement gave."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Rows(Protocol):
    """Tables: statements are of the SQL that both kinds of store know, with `?` for each value."""

    def execute(self, statement: str, values: Sequence[object] = (), /) -> Cursor: ...


Operation = tuple[int, str, tuple[object, ...]]
"""The number of a run, and a statement with its values that is to be carried out for it after all before it."""


class Store(Protocol):
    """The tables of a journal, and who owns which run. One call at a time; all raise JournalError.

    `owner` is the name of this process among those that own runs.
    """

    @property
    def owner(self) -> str: ...

    def read(self, work: Callable[[Rows | None], T]) -> T:
        """Return what `work` makes of one state of the tables, whoever writes meanwhile; it is given None for none."""
        ...

    def transact(self, work: Callable[[Rows], T], *, alone: bool = False) -> T:
        """Return what `work` gives, and keep all that it writes or nothing; it can be called several times for that.

        With `alone`, no run is begun or taken by another process meanwhile.
        """
        ...

    def write(self, operations: Sequence[Operation]) -> Collection[int]:
        """Carry out all operations or none, but none of a run that is not owned any more; return those runs."""
        ...

    def carry_out(self, rows: Rows, operations: Sequence[Operation]) -> Collection[int]:
        """Do the same within a transaction."""
        ...

    def changed(self) -> bool:
        """Say whether another process can have written since the last call."""
        ...

    def own(self, rows: Rows, run: int) -> bool:
        """Take a run for this process within a transaction, and say whether that was possible."""
        ...

    def release(self, run: int) -> None:
        """Give back a run, whether it is owned or not."""
        ...

    def owned(self, rows: Rows, runs: Collection[int]) -> Collection[int]:
        """Return those of these runs that any process owns that lives, this one or another."""
        ...

    def alive(self, owner: str) -> bool:
        """Say whether the process of this name lives."""
        ...

    def compact(self) -> None:
        """Give back the space of what was removed."""
        ...

    def close(self) -> None:
        """Let go of everything; the next call takes it up again."""
        ...


def half_a_character(error: UnicodeEncodeError, place: str) -> JournalError:
    """Return what is wrong with a text that no store can hold, nor be asked for."""
    return JournalError(place, f"{error.object!a} is no text: it has half of a character, or a byte that is none")
