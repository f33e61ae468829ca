"""Journal: what runs did, and what people said about them, in one file of SQLite that is only ever added to.

A step is in the journal before its function is called. What a step gave is there before anything that waits for it
starts. So a step that has started and has no end may or may not have happened: that is a fact, and the only doubt.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, NamedTuple

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import JournalError
from forethought.kernel.redacting import Redaction
from forethought.kernel.values import jsonable
from forethought.planners.running.events import (
    Event,
    RunFinished,
    RunStarted,
    StepCancelled,
    StepFailed,
    StepFinished,
    StepRetried,
    StepStarted,
    StepWaiting,
)
from forethought.planners.running.recording import StopAskedError
from forethought.planners.running.result import StepRecord
from forethought.planners.scheduling.schedule import Schedule

from .history import Decision, DecisionKind, History, Past, RunRow
from .keeping import dumps
from .owning import own, owned, release
from .rows import RUNS, Row, blobs_of, decisions_of, entries_of, find, number_of, say
from .schema import Synchronous, explained, explanation, open_for_reading, open_for_writing
from .writing import ENTRY, Writing

__all__ = ["Claim", "Journal"]

_LOOK = 0.05
"""Seconds between two looks at whether somebody has cancelled a run; there is none but when a step starts."""
_TWO_ENTRIES = f"{ENTRY}, (?, ?, ?, ?, ?, ?)"


class Claim(NamedTuple):
    """A run that is owned: what is known of it; and, to be filled in, the records that come from the journal itself."""

    history: History
    known: dict[str, StepRecord]


class Journal:
    """The journal in the file `path`: give it to `run(..., journal=...)`, for one run or for many at a time.

    With `synchronous="normal"`, what is written outlives the process, whatever ends it; a loss of power can take what
    was written last. With `"full"`, each write waits for the disk, and nothing is lost. `redact` are regular
    expressions of further secrets.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        synchronous: Synchronous = "normal",
        redact: Iterable[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = Path(path)
        self._place = f"'{self.path}'"
        self._synchronous: Synchronous = synchronous
        self._redact = tuple(redact)
        Redaction(self._redact)
        self._clock = clock
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.RLock()
        self._runs: dict[str, Writing] = {}
        self._pending: list[tuple[str, tuple[object, ...]]] = []
        self._flushing = False
        self._version: object = None
        self._looked = 0.0

    def __repr__(self) -> str:
        return f"Journal('{self.path}')"

    def now(self) -> float:
        """Return what its clock says: seconds since the epoch."""
        return self._clock()

    def close(self) -> None:
        """Write what is left and close the file; the next call opens it again."""
        with self._lock:
            self._flush()
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # Writing

    def __call__(self, event: Event, /) -> None:
        """Keep an event; raises JournalError where that is not possible."""
        with self._lock:
            match event:
                case StepStarted():
                    self._step_started(self._runs[event.run], event)
                case StepFinished():
                    self._runs[event.run].step_finished(event)
                    self._flush_soon()
                case RunStarted():
                    self._run_started(event)
                case RunFinished():
                    self._run_finished(event)
                case StepFailed() | StepRetried() | StepCancelled() | StepWaiting():
                    self._runs[event.run].step_not_done(event)
                    self._flush_soon()

    def hold(self, run: str, schedule: Schedule, given: ContextVariables) -> None:
        """Keep a run that waits for an approval before it starts: `resume` lets it run once somebody agreed to it."""
        with self._lock:
            self._run_started(RunStarted(run, self._clock(), len(schedule.steps), (), schedule, given), held=True)
            self._leave(run)

    def _run_started(self, event: RunStarted, *, held: bool = False) -> None:
        schedule, given = event.schedule, event.given
        assert schedule is not None
        assert given is not None
        waiting = len(self._pending)
        try:
            with self._transaction() as connection:  # a run is there with what it started with, or not at all
                if event.run not in self._runs:
                    self._runs[event.run] = self._writing(self._new_run(connection, event, schedule.bound.plan.goal), 1)
                if event.follows and (before := find(connection, event.follows)):
                    if owned(self.path, before[0]):
                        raise self._runs_already(before[1])
                    say(connection, before[0], Decision(event.at, "continued", None, "", dumps({"as": event.run})))
                writing = self._runs[event.run]
                writing.said = len(decisions_of(connection, writing.number))
                writing.run_started(event, schedule, given, held=held)
                self._write(connection)
        except BaseException:
            del self._pending[waiting:]
            self._leave(event.run)
            raise
        self._pending.clear()

    def _new_run(self, connection: sqlite3.Connection, event: RunStarted, goal: str) -> int:
        if connection.execute("SELECT 1 FROM runs WHERE id = ?", (event.run,)).fetchone():
            hint = f"forethought resume {event.run}, or in Python resume('{event.run}', ...)"
            raise JournalError(self._place, f"it has a run '{event.run}' already", hint)
        row = "INSERT INTO runs (id, goal, status, started) VALUES (?, ?, 'running', ?)"
        number = connection.execute(row, (event.run, goal, event.at)).lastrowid
        assert number is not None
        own(self.path, number)
        return number

    def _writing(self, number: int, following: int) -> Writing:
        def put(statement: str, values: tuple[object, ...]) -> None:
            self._pending.append((statement, values))

        return Writing(number, following, Redaction(self._redact), put)

    def _step_started(self, writing: Writing, event: StepStarted) -> None:
        if self._cancelled(event, writing):
            raise StopAskedError
        before = len(self._pending)
        if not writing.step_started(event):
            self._flush_soon()
            return
        try:
            self._flush()
        except BaseException:
            del self._pending[before:]  # it will not start
            raise

    def _cancelled(self, event: StepStarted, writing: Writing) -> bool:
        """Say whether somebody has cancelled the run since it began; nothing is read while nobody else writes."""
        if abs(event.at - self._looked) < _LOOK:
            return False
        self._looked = event.at
        with explained(self.path):
            (version,) = self._open().execute("PRAGMA data_version").fetchone()
        if version == self._version:
            return False
        self._version = version
        return any(each.kind == "cancelled" for each in self.decisions(event.run)[writing.said :])

    def _run_finished(self, event: RunFinished) -> None:
        try:
            self._runs[event.run].run_finished(event)
            self._flush()
        finally:
            self._leave(event.run)

    def _flush_soon(self) -> None:
        """Write at the end of this turn of the event loop, unless something is about to start before."""
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush_quietly)

    def _flush_quietly(self) -> None:
        self._flushing = False
        with self._lock, suppress(JournalError):  # it is tried again before anything starts
            self._flush()

    def _flush(self) -> None:
        pending = self._pending
        if not pending:
            return
        statement, values = pending[0]
        if len(pending) == 2 and statement == pending[1][0] == ENTRY:  # the end of a step, and the next start
            statement, values = _TWO_ENTRIES, values + pending[1][1]
        if len(pending) == 1 or statement is _TWO_ENTRIES:
            try:
                self._open().execute(statement, values)
            except sqlite3.Error as error:
                raise explanation(error, self.path) from error
        else:
            with self._transaction() as connection:
                self._write(connection)
        pending.clear()

    def _write(self, connection: sqlite3.Connection) -> None:
        for statement, values in self._pending:
            connection.execute(statement, values)

    def _leave(self, run: str) -> None:
        writing = self._runs.pop(run, None)
        if writing is not None:
            release(self.path, writing.number)

    def settle(self, run: str, kind: DecisionKind, *, step: str | None = None, name: str = "", **said: object) -> None:
        """Keep what somebody called `name` said about a run, or about one of its steps.

        A run that is abandoned never goes on; raises JournalError where one is that runs.
        """
        with self._transaction() as connection:
            row = find(connection, run)
            if row is None:
                raise self._no_run(run)
            if kind == "abandoned":
                if owned(self.path, row[0]):
                    raise self._runs_already(row[1])
                connection.execute("UPDATE runs SET status = 'abandoned' WHERE number = ?", (row[0],))
            say(connection, row[0], Decision(self._clock(), kind, step, name, dumps(said)))

    def settle_step(
        self, run: str, past: Past, kind: Literal["done", "redo"], *, name: str = "", output: object = None
    ) -> None:
        """Keep what somebody said of a step in doubt: it was done and gave `output`, or it is to be done.

        It counts for the step as `past` has it, and for nothing that it does later.
        """
        said = {"attempts": past.attempts} | ({"output": jsonable(output)} if kind == "done" else {})
        self.settle(run, kind, step=past.id, name=name, **said)

    def approve(
        self, run: str, *, step: str | None = None, deny: bool = False, name: str = "", expires: float | None = None
    ) -> tuple[str, ...]:
        """Agree to what a run waits for, or deny it: to one step, or to all that wait, or to the plan before it starts.

        Bound to the hash of what waits: it counts for nothing else, and until `expires`, in seconds since the epoch.
        Returns the ids of the steps, none for a plan. Raises JournalError where nothing of it waits.
        """
        history = self.history(run)
        waits = {past.id: past.hash for past in history.steps.values() if past.state == "waiting"}
        if step is not None:
            waits = {step: waits[step]} if step in waits else {}
        hashes: dict[str | None, str] = {None: history.agreed} if history.held and step is None else {}
        hashes.update(waits)
        if not hashes:
            what = f"step '{step}' of '{history.id}'" if step else f"'{history.id}'"
            raise JournalError(
                self._place, f"{what} does not wait for an approval", "forethought runs show tells what does"
            )
        for each, hash_ in hashes.items():
            kind: DecisionKind = "denied" if deny else "approved"
            self.settle(history.id, kind, step=each, name=name, hash=hash_, expires=expires)
        return tuple(waits)

    def decisions(self, run: str) -> list[Decision]:
        """Return what was said about a run, in order."""
        with self._reading() as connection:
            return decisions_of(connection, number_of(connection, run)) if connection else []

    def collect(self, before: float, *, unfinished: bool = False) -> int:
        """Remove the runs that began before then and have come to an end, and return how many there were.

        With `unfinished`, those that wait, are in doubt or were broken off as well; never one that is running.
        """
        with self._transaction() as connection:
            rows = connection.execute(f"{RUNS} WHERE started < ?", (before,)).fetchall()
            ended = ("succeeded", "failed", "cancelled", "abandoned")
            gone = [row[0] for row in rows if (unfinished or row[3] in ended) and not owned(self.path, row[0])]
            connection.executemany("DELETE FROM runs WHERE number = ?", [(number,) for number in gone])
            connection.execute("DELETE FROM blobs WHERE digest NOT IN (SELECT digest FROM uses)")
        if gone:
            with self._lock, explained(self.path):
                self._open().execute("VACUUM")
        return len(gone)

    # Reading

    def runs(self) -> list[RunRow]:
        """Return all runs, the latest first."""
        with self._reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(f"{RUNS} ORDER BY number DESC")
            return [self._row(row) for row in rows]

    def history(self, run: str) -> History:
        """Return what is known of a run; `run` is its id, the end of it, or `last`. Raises JournalError."""
        with self._reading() as connection:
            row = None if connection is None else find(connection, run)
            if connection is None or row is None:
                raise self._no_run(run)
            entries = entries_of(connection, row[0])
            said = decisions_of(connection, row[0])
            return History(self._row(row), entries, said, blobs_of(connection, entries))

    @contextmanager
    def claim(self, run: str) -> Generator[Claim]:
        """Own a run, so that no other process goes on with it, and return what is known of it.

        A run of its id that starts meanwhile goes on where it ended. Raises JournalError where another process, or this
        one, runs it.
        """
        with self._transaction() as connection:
            row = find(connection, run)
            if row is None:
                raise self._no_run(run)
            number, id_ = row[:2]
            if not own(self.path, number):
                raise self._runs_already(id_)
        writing: Writing | None = None
        try:
            history = self.history(id_)
            writing = self._runs[id_] = self._writing(number, len(history.entries) + 1)
            yield Claim(history, writing.known)
        finally:
            if writing is None or self._runs.get(id_) is writing:  # it has not run, or not to its end
                self._runs.pop(id_, None)
                release(self.path, number)

    def _runs_already(self, run: str) -> JournalError:
        return JournalError(self._place, f"somebody runs '{run}' at this moment", "wait until it ends")

    def _no_run(self, run: str) -> JournalError:
        return JournalError(self._place, f"it has no run '{run}'", "forethought runs list tells which it has")

    def _row(self, row: Row) -> RunRow:
        number, id_, goal, status, started, ended = row
        if status == "running" and not owned(self.path, number):
            status = "interrupted"
        return RunRow(id_, goal, status, started, ended)

    # The connection

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = open_for_writing(self.path, self._synchronous)
        return self._connection

    @contextmanager
    def _reading(self) -> Generator[sqlite3.Connection | None]:
        """Read one state of the file, whoever writes meanwhile; None where there is none yet."""
        with self._lock, explained(self.path):
            self._flush()
            connection = self._connection or open_for_reading(self.path)
            if connection is None:
                yield None
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")
                if connection is not self._connection:
                    connection.close()

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        """Write: all of it or nothing."""
        with self._lock, explained(self.path):
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
