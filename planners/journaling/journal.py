"""Journal: what runs did, and what people said about them, in one file of SQLite that is only ever added to.

A step is in the journal before its function is called. What a step gave is there before anything that waits for it
starts. So a step that has started and has no end may or may not have happened: that is a fact, and the only doubt.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import JournalError
from forethought.planners.language.nodes import static_id
from forethought.planners.running.approval import fingerprint
from forethought.planners.running.events import (
    Event,
    RunFinished,
    RunStarted,
    StepCancelled,
    StepFailed,
    StepFinished,
    StepRetried,
    StepStarted,
)
from forethought.planners.running.result import StepRecord
from forethought.planners.scheduling.schedule import Schedule

from .history import Decision, DecisionKind, Entry, History, RunRow
from .keeping import Keeping, dumps
from .owning import own, owned, release
from .redacting import Redaction, is_secret_name
from .schema import Synchronous, explained, open_for_reading, open_for_writing

__all__ = ["Claim", "Journal"]

_BLOCKS = frozenset({"if", "foreach", "while"})
_BLOB = re.compile(r'"blob":"([0-9a-f]{64})"')
_ENTRY = "INSERT INTO entries (run, number, at, kind, step, data) VALUES (?, ?, ?, ?, ?, ?)"


class Claim(NamedTuple):
    """A run that is owned: what is known of it; and, to be filled in, the records that come from the journal itself."""

    history: History
    known: dict[str, StepRecord]


class _Writing:
    """A run that is being written."""

    __slots__ = ("blocks", "known", "next", "number", "redaction")

    def __init__(self, number: int, following: int, redaction: Redaction) -> None:
        self.number = number
        self.next = following
        self.redaction = redaction
        self.blocks: frozenset[str] = frozenset()
        self.known: dict[str, StepRecord] = {}


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
        self._synchronous: Synchronous = synchronous
        self._redact = tuple(redact)
        Redaction(self._redact)
        self._clock = clock
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.RLock()
        self._runs: dict[str, _Writing] = {}
        self._pending: list[tuple[str, tuple[object, ...]]] = []
        self._flushing = False

    def __repr__(self) -> str:
        return f"Journal('{self.path}')"

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
                    self._step_finished(self._runs[event.run], event)
                case RunStarted():
                    self._run_started(event)
                case RunFinished():
                    self._run_finished(event)
                case StepFailed():
                    self._end(
                        event, "step_failed", {"error": event.error} | ({"stopped": True} if event.stopped else {})
                    )
                case StepRetried():
                    self._end(event, "step_retried", {"error": event.error, "wait": event.wait})
                case StepCancelled():
                    self._end(event, "step_cancelled", {})

    def _run_started(self, event: RunStarted) -> None:
        schedule, given = event.schedule, event.given
        assert schedule is not None
        assert given is not None
        writing = self._runs.get(event.run)
        if writing is None:
            writing = self._runs[event.run] = self._new_run(event, schedule)
        try:
            self._start(writing, event, schedule, given)
            self._flush()
        except BaseException:
            self._pending.clear()
            self._leave(event.run)
            raise

    def _new_run(self, event: RunStarted, schedule: Schedule) -> _Writing:
        goal = schedule.bound.plan.goal
        with self._transaction() as connection:
            if connection.execute("SELECT 1 FROM runs WHERE id = ?", (event.run,)).fetchone():
                hint = f"forethought resume {event.run}, or in Python resume('{event.run}', ...)"
                raise JournalError(f"'{self.path}'", f"it has a run '{event.run}' already", hint)
            row = "INSERT INTO runs (id, goal, status, started) VALUES (?, ?, 'running', ?)"
            number = connection.execute(row, (event.run, goal, event.at)).lastrowid
            assert number is not None
            own(self.path, number)
        return _Writing(number, 1, Redaction(self._redact))

    def _start(self, writing: _Writing, event: RunStarted, schedule: Schedule, given: ContextVariables) -> None:
        writing.blocks = frozenset(each.id for each in schedule.blocks)
        secret = _secret_inputs(schedule, given)
        for name in secret:
            writing.redaction.learn(given[name])
        keeping = self._keeping(writing)
        for record in event.finished:
            if writing.known.get(record.id) is not record:
                self._append(writing, event.at, "step_taken", record.id, _record_as_json(record, keeping))
        data = {
            "plan": keeping.keep(schedule.bound.plan.to_xml()),
            "functions": {each.signature.full_name: each.signature.digest() for each in schedule.steps},
            "agreed": fingerprint(schedule, given),
            "given": {
                name: {**keeping.keep(given[name], secret=name in secret), "origin": given.variable(name).origin.kind}
                for name in given
            },
            "finished": [record.id for record in event.finished],
        }
        self._append(writing, event.at, "run_started", None, data)
        self._pending.append(("UPDATE runs SET status = 'running', ended = NULL WHERE number = ?", (writing.number,)))

    def _step_started(self, writing: _Writing, event: StepStarted) -> None:
        keeping = self._keeping(writing)
        arguments = {name: keeping.keep(value, secret=is_secret_name(name)) for name, value in event.arguments.items()}
        data: dict[str, object] = {"function": event.function, "arguments": arguments}
        if event.attempt != 1:
            data["attempt"] = event.attempt
        before = len(self._pending)
        self._append(writing, event.at, "step_started", event.step, data)
        if event.function in _BLOCKS and static_id(event.step) in writing.blocks:
            self._flush_soon()
            return
        try:
            self._flush()
        except BaseException:
            del self._pending[before:]  # it will not start
            raise

    def _step_finished(self, writing: _Writing, event: StepFinished) -> None:
        data: dict[str, object] = {"output": self._keeping(writing).keep(event.output)}
        usage = event.usage
        if usage.calls:
            data["usage"] = [usage.prompt_tokens, usage.completion_tokens, usage.calls]
        if event.note:
            data["note"] = event.note
        self._append(writing, event.at, "step_finished", event.step, data)
        self._flush_soon()

    def _end(self, event: StepFailed | StepRetried | StepCancelled, kind: str, data: dict[str, object]) -> None:
        writing = self._runs[event.run]
        if "error" in data:
            data["error"] = self._keeping(writing).keep(data["error"])["value"]
        self._append(writing, event.at, kind, event.step, {"function": event.function, **data})
        self._flush_soon()

    def _run_finished(self, event: RunFinished) -> None:
        writing = self._runs[event.run]
        error = event.result.error if event.result else None
        data = {"status": event.status, "error": self._keeping(writing).keep(error).get("value")}
        self._append(writing, event.at, "run_finished", None, data)
        row = "UPDATE runs SET status = ?, ended = ? WHERE number = ?"
        self._pending.append((row, (event.status, event.at, writing.number)))
        try:
            self._flush()
        finally:
            self._leave(event.run)

    def _keeping(self, writing: _Writing) -> Keeping:
        def blob(digest: bytes, text: str) -> None:
            self._pending.append(("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (digest, text)))
            self._pending.append(("INSERT OR IGNORE INTO uses VALUES (?, ?)", (writing.number, digest)))

        return Keeping(blob, writing.redaction.hide)

    def _append(self, writing: _Writing, at: float, kind: str, step: str | None, data: Mapping[str, object]) -> None:
        self._pending.append((_ENTRY, (writing.number, writing.next, at, kind, step, dumps(data))))
        writing.next += 1

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
        if len(pending) == 1:
            with explained(self.path):
                self._open().execute(*pending[0])
        else:
            with self._transaction() as connection:
                for statement, values in pending:
                    connection.execute(statement, values)
        pending.clear()

    def _leave(self, run: str) -> None:
        writing = self._runs.pop(run, None)
        if writing is not None:
            release(self.path, writing.number)

    def settle(self, run: str, kind: DecisionKind, *, step: str | None = None, name: str = "", **said: object) -> None:
        """Keep what somebody said about a run, or about one of its steps."""
        with self._transaction() as connection:
            row = _find(connection, run)
            if row is None:
                raise self._no_run(run)
            values = (row[0], self._clock(), kind, step, name, dumps(said))
            connection.execute(
                "INSERT INTO decisions (run, at, kind, step, name, data) VALUES (?, ?, ?, ?, ?, ?)", values
            )

    # Reading

    def runs(self) -> list[RunRow]:
        """Return all runs, the latest first."""
        with self._reading() as connection:
            if connection is None:
                return []
            rows = connection.execute("SELECT number, id, goal, status, started, ended FROM runs ORDER BY number DESC")
            return [self._row(row) for row in rows]

    def history(self, run: str) -> History:
        """Return what is known of a run; `run` is its id, the end of it, or `last`. Raises JournalError."""
        with self._reading() as connection:
            row = None if connection is None else _find(connection, run)
            if connection is None or row is None:
                raise self._no_run(run)
            number = row[0]
            entries = connection.execute(
                "SELECT at, kind, step, data FROM entries WHERE run = ? ORDER BY number", (number,)
            )
            said = connection.execute(
                "SELECT at, kind, step, name, data FROM decisions WHERE run = ? ORDER BY number", (number,)
            )
            found = [Entry(*each) for each in entries], [Decision(*each) for each in said]
            digests = {digest for entry in found[0] for digest in _BLOB.findall(entry.data)}
            blobs = {each: _blob(connection, each) for each in digests}
            return History(self._row(row), *found, blobs)

    @contextmanager
    def claim(self, run: str) -> Generator[Claim]:
        """Own a run, so that no other process goes on with it, and return what is known of it.

        A run of its id that starts meanwhile goes on where it ended. Raises JournalError where another process, or this
        one, runs it.
        """
        with self._transaction() as connection:
            row = _find(connection, run)
            if row is None:
                raise self._no_run(run)
            number, id_ = row[:2]
            if not own(self.path, number):
                hint = "wait until it ends, or cancel it"
                raise JournalError(f"'{self.path}'", f"another process runs '{id_}' at this moment", hint)
        writing: _Writing | None = None
        try:
            history = self.history(id_)
            writing = self._runs[id_] = _Writing(number, len(history.entries) + 1, Redaction(self._redact))
            yield Claim(history, writing.known)
        finally:
            if writing is None or self._runs.get(id_) is writing:  # it has not run, or not to its end
                self._runs.pop(id_, None)
                release(self.path, number)

    def _no_run(self, run: str) -> JournalError:
        return JournalError(f"'{self.path}'", f"it has no run '{run}'", "forethought runs list tells which it has")

    def _row(self, row: _Row) -> RunRow:
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


_Row = tuple[int, str, str, str, float, float | None]


def _find(connection: sqlite3.Connection, run: str) -> _Row | None:
    """Return the row of the run that is meant; an end of an id counts where only one run has it."""
    columns = "SELECT number, id, goal, status, started, ended FROM runs"
    if run == "last":
        found: list[_Row] = connection.execute(f"{columns} ORDER BY number DESC LIMIT 1").fetchall()
    else:
        found = connection.execute(f"{columns} WHERE id = ?", (run,)).fetchall()
        if not found and run:
            ending = f"{columns} WHERE substr(id, -length(?1)) = ?1 LIMIT 2"
            found = connection.execute(ending, (run,)).fetchall()
    return found[0] if len(found) == 1 else None


def _blob(connection: sqlite3.Connection, digest: str) -> str:
    row = connection.execute("SELECT text FROM blobs WHERE digest = ?", (bytes.fromhex(digest),)).fetchone()
    if row is None:
        raise sqlite3.DatabaseError(f"the blob {digest} is missing")
    return str(row[0])


def _secret_inputs(schedule: Schedule, given: ContextVariables) -> frozenset[str]:
    """Return the variables at the start that are secrets: by their names."""
    return frozenset(name for name in given if is_secret_name(name))


def _record_as_json(record: StepRecord, keeping: Keeping) -> dict[str, object]:
    """Return a record that was taken over as it is kept."""
    usage = record.usage
    return {
        "function": record.function,
        "started": record.started,
        "ended": record.ended,
        "attempts": record.attempts,
        "arguments": {name: keeping.keep(value) for name, value in record.arguments.items()},
        "output": keeping.keep(record.output),
        "usage": [usage.prompt_tokens, usage.completion_tokens, usage.calls],
        "note": record.note,
    }
