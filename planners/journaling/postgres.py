"""A journal in a database of PostgreSQL: many machines share it, and a server that is gone for a moment is waited for.

A transaction whose answer was lost is asked for by its number, and an entry is compared with what is there, so that
nothing is written twice.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import time
import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import conninfo, errors
from psycopg.pq import TransactionStatus

from forethought.kernel.errors import JournalError

from .keeping import dumps
from .leasing import LIVES, Lease, alive, own, owned
from .store import ENTRY, Cursor, Operation, Rows, Synchronous, half_a_character
from .tables import SCHEMA, bring_up, has_tables

if TYPE_CHECKING:
    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["PostgresStore"]

T = TypeVar("T")

_OLDEST = 130000
_PAUSE = 0.2  # seconds between two tries to reach a server that is gone
_OPTIONS: Mapping[str, object] = {
    "client_encoding": "UTF8",
    "application_name": "forethought",
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds: a network that swallows everything is a connection that is lost
}
_FEW = 2  # the end of a step, and the next start
_COLUMNS = ("run", "number", "at", "kind", "step", "data")
_MANY = """
WITH given AS (
    SELECT * FROM json_to_recordset(?)
    AS _ (run bigint, number integer, at double precision, kind text, step text, data text)
), mine AS (
    SELECT run FROM leases WHERE run IN (SELECT run FROM given) AND owner = ? ORDER BY run FOR SHARE
)
INSERT INTO entries (run, number, at, kind, step, data)
SELECT given.* FROM given JOIN mine USING (run)
ON CONFLICT DO NOTHING
"""
_LEAVE = "DELETE FROM leases WHERE owner = ? AND run = ANY(?)"
_MINE = "SELECT run FROM leases WHERE run = ANY(?) AND owner = ?"
_THERE = "SELECT run, number, at, kind, step, data FROM entries WHERE run = ANY(?) AND number = ANY(?)"
_DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
_ALONE = "LOCK TABLE runs, leases, blobs IN SHARE ROW EXCLUSIVE MODE"
_GONE = ("08", "57P", "25P03", "25006")  # no connection, the server ends or starts, it ended ours, it is a copy by now
_PATIENT = (errors.SerializationFailure, errors.DeadlockDetected)
_translations: dict[str, bytes] = {}


class _Tables:
    """The tables over one connection; see Rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[object] = (), /) -> Cursor:
        found = _translations.get(statement)
        if found is None:
            found = _translations[statement] = statement.replace("?", "%s").encode()
        return self._connection.execute(found, values)

    def close(self) -> None:
        self._connection.close()


@functools.cache
def _few(count: int) -> str:
    """Return the statement for some entries of one run; it is planned in half of the time of the one for any."""
    rows = ["(?::integer, ?::double precision, ?, ?, ?)"] + ["(?, ?, ?, ?, ?)"] * (count - 1)
    return (
        f"INSERT INTO entries SELECT run, given.* FROM leases, (VALUES {', '.join(rows)}) AS given "
        "WHERE run = ? AND owner = ? FOR SHARE OF leases ON CONFLICT DO NOTHING"
    )


class PostgresStore:
    """The database at `address`, called `shown` in what people read; see Store."""

    def __init__(self, address: str, shown: str, synchronous: Synchronous, *, lease: float, patience: float) -> None:
        self._place = f"'{shown}'"
        self._connect = functools.partial(_connect, _options(address, self._place), synchronous, lease)
        self._patience = patience
        self._connections: list[Connection] = []  # one at most
        self._reached = False
        self._left: set[int] = set()
        self._ready = False
        connect = self._connect
        self._lease = Lease(lambda: _Tables(connect()), lease)
        weakref.finalize(self, _let_go, self._lease, self._connections, os.getpid())

    @property
    def owner(self) -> str:
        def keep(connection: Connection) -> str:
            self._make_ready(connection)
            self._lease.keep()
            return self._lease.owner

        return self._patiently(keep)

    def read(self, work: Callable[[Rows | None], T]) -> T:
        def read(connection: Connection) -> T:
            self._ready = self._ready or has_tables(connection, self._place)
            if not self._ready:
                return work(None)
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            try:
                return work(_Tables(connection))
            finally:
                _roll_back(connection)

        return self._patiently(read)

    def transact(self, work: Callable[[Rows], T], *, alone: bool = False) -> T:
        committing: list[tuple[str, T]] = []  # the number of the transaction, and what was done in it

        def transact(connection: Connection) -> T:
            self._make_ready(connection)
            if committing:  # and then the connection was lost
                number, given = committing[0]
                (status,) = connection.execute("SELECT pg_xact_status(%s::text::xid8)", (number,)).fetchone() or ("",)
                if status == "committed":
                    return given
                if status == "in progress":  # the server does not know yet
                    raise errors.SerializationFailure
                committing.clear()
            try:
                number = _begin(connection)
                if alone:
                    connection.execute(_ALONE)
                given = work(_Tables(connection))
                committing.append((number, given))
                connection.execute("COMMIT")
            finally:
                _roll_back(connection)
            return given

        return self._patiently(transact)

    def write(self, operations: Sequence[Operation]) -> Collection[int]:
        if all(statement is ENTRY for _, statement, _ in operations):
            return self._patiently(lambda connection: self._add(_Tables(connection), operations))
        return self.transact(lambda rows: self.carry_out(rows, operations))

    def carry_out(self, rows: Rows, operations: Sequence[Operation]) -> Collection[int]:
        lost = self._add(rows, [each for each in operations if each[1] is ENTRY])
        for run, statement, values in operations:
            if statement is not ENTRY and run not in lost:
                rows.execute(statement, values)
        return lost

    def _add(self, rows: Rows, entries: Sequence[Operation]) -> Collection[int]:
        """Add entries of runs that are owned, in one statement; return the other runs."""
        if not entries:
            return ()
        owner, runs = self._lease.owner, [run for run, _, _ in entries]
        if len(entries) <= _FEW and len({*runs}) == 1:
            columns = itertools.chain.from_iterable(entry[1:] for _, _, entry in entries)
            added = rows.execute(_few(len(entries)), (*columns, runs[0], owner))
        else:
            added = rows.execute(
                _MANY, (dumps([dict(zip(_COLUMNS, entry, strict=True)) for _, _, entry in entries]), owner)
            )
        if added.rowcount == len(entries):
            return ()
        mine: set[int] = {run for (run,) in rows.execute(_MINE, (runs, owner))}
        there = {each[:2]: each for each in rows.execute(_THERE, (runs, [entry[1] for _, _, entry in entries]))}
        return {run for run, _, entry in entries if run not in mine or there.get(entry[:2]) != entry}

    def changed(self) -> bool:
        return True

    def own(self, rows: Rows, run: int) -> bool:
        self._lease.keep()
        return own(rows, run, self._lease.owner)

    def release(self, run: int) -> None:
        self._left.add(run)
        for connection in self._connections:
            with contextlib.suppress(psycopg.Error):  # else with the next connection
                self._leave(connection)

    def owned(self, rows: Rows, runs: Collection[int]) -> Collection[int]:
        return owned(rows, runs)

    def alive(self, owner: str) -> bool:
        return self.read(lambda rows: rows is not None and alive(rows, owner))

    def compact(self) -> None:
        def forget(rows: Rows) -> None:
            rows.execute(f"DELETE FROM owners WHERE NOT {LIVES} AND name NOT IN (SELECT owner FROM leases)")

        self.transact(forget)  # the space is given back by the server itself

    def close(self) -> None:
        _let_go(self._lease, self._connections, os.getpid())

    # The connection

    def _patiently(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` gives; where the server is gone, wait for it, and call it again with a new connection."""
        until: float | None = None
        while True:
            try:
                return work(self._open())
            except UnicodeEncodeError as error:
                raise half_a_character(error, self._place) from error
            except psycopg.Error as error:
                if _is_gone(error):
                    _close(self._connections)
                elif not isinstance(error, _PATIENT):
                    raise self._explained(error) from error
                until = until or time.monotonic() + self._patience
                if not self._reached or time.monotonic() > until:
                    explained = self._explained(error)
                    self._reached = False  # nobody waits a second time
                    raise explained from error
            time.sleep(_PAUSE)

    def _open(self) -> Connection:
        if not self._connections:
            self._connections.append(self._connect())
            self._reached = True
        if self._left:
            self._leave(self._connections[0])
        return self._connections[0]

    def _leave(self, connection: Connection) -> None:
        """Give back what was left."""
        _Tables(connection).execute(_LEAVE, (self._lease.owner, [*self._left]))
        self._left.clear()

    def _make_ready(self, connection: Connection) -> None:
        """Make the tables where they are not there."""
        if not self._ready:
            bring_up(connection, self._place)
            self._ready = True

    def _explained(self, error: psycopg.Error) -> JournalError:
        """Return what PostgreSQL says in a user's words; it never says a password."""
        if _is_gone(error):
            if self._reached:
                reason = f"the server has been gone for {self._patience:g} seconds"
                return JournalError(self._place, reason, "what it has is kept; resume the run once it is back")
            hint = "see whether it runs, and has this name and user; a password may be in PGPASSWORD or ~/.pgpass"
            return JournalError(self._place, f"it cannot be reached: {_said(error)}", hint)
        match error:
            case errors.DiskFull():
                return JournalError(
                    self._place, "there is no space left", "what it has is kept; free some space, then resume the run"
                )
            case errors.LockNotAvailable():
                return JournalError(self._place, "another process has been writing for a minute", "try again later")
            case errors.InsufficientPrivilege():
                hint = f"its user must be one who may make a schema '{SCHEMA}', or to whom that belongs"
                return JournalError(self._place, f"PostgreSQL says '{_said(error)}'", hint)
            case _:
                return JournalError(self._place, f"PostgreSQL says '{_said(error)}'")


def _options(address: str, place: str) -> Mapping[str, object]:
    """Return how to connect; raises JournalError, which does not say what is wrong: it could be in the password."""
    hint = "such as postgresql://user@host/database; in a password, write special characters as %XX"
    try:
        options = conninfo.conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        raise JournalError(place, "it is no address of a database", hint) from None
    if not all(port.isdigit() for port in str(options.get("port", 5432)).split(",") if port):
        raise JournalError(place, "it is no address of a database", hint)
    return {**_OPTIONS, **options}


def _connect(options: Mapping[str, Any], synchronous: Synchronous, lease: float) -> Connection:
    """Return a connection on which nothing is waited for without end."""
    connection = psycopg.connect(**options, autocommit=True)
    try:
        if connection.info.server_version < _OLDEST:
            raise errors.FeatureNotSupported("it is older than version 13, the first that will do")
        connection.execute(f"SET search_path = {SCHEMA}".encode())
        connection.execute("SET lock_timeout = '60s'")
        connection.execute(
            "SELECT set_config('idle_in_transaction_session_timeout', %s, false)", (f"{max(lease, 5):.0f}s",)
        )
        connection.execute(_DURABLE if synchronous == "full" else "SET synchronous_commit = off")
    except BaseException:
        connection.close()
        raise
    return connection


def _begin(connection: Connection) -> str:
    """Begin a transaction, and return its number."""
    cursor = connection.execute("BEGIN; SELECT pg_current_xact_id()::text")
    cursor.nextset()
    (number,) = cursor.fetchone() or ("",)
    return str(number)


def _roll_back(connection: Connection) -> None:
    """End a transaction that is open still."""
    if connection.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
        connection.execute("ROLLBACK")


def _let_go(lease: Lease, connections: list[Connection], process: int) -> None:
    if process == os.getpid():  # else it was forked, and they are those of another process
        lease.give_back()
        _close(connections)


def _close(connections: list[Connection]) -> None:
    while connections:
        connections.pop().close()


def _is_gone(error: psycopg.Error) -> bool:
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError)
    return error.sqlstate.startswith(_GONE)


def _said(error: psycopg.Error) -> str:
    first = (error.diag.message_primary or str(error)).strip().partition("\n")[0]
    return first.removeprefix("connection failed: ").rstrip(".:") or type(error).__name__
