"""Journal: what runs did, and what people said about them: only ever added to, in a file or in a database of many.

A step is in the journal before its function is called. What a step gave is there before anything that waits for it
starts. So a step that has started and has no end may or may not have happened: that is a fact, and the only doubt.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

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
from .pending import Pending
from .rows import Row, add_run, decisions_of, find, history_of, number_of, remove_some, runs_with, said_of, say
from .store import Rows, Synchronous
from .stores import open_store
from .writing import Started, Writing

__all__ = ["Claim", "Journal"]

_LOOK = 0.05
"""Seconds between two looks at whether somebody has cancelled a run; there is none but when a step starts."""
T = TypeVar("T")


class Claim(NamedTuple):
    """A run that is owned: what is known of it; and, to be filled in, the records that come from the journal itself."""

    history: History
    known: dict[str, StepRecord]


class Journal:
    """The journal in the file `path`, or in a database of PostgreSQL, such as `postgresql://ada@db.example.org/work`.

    Give it to `run(..., journal=...)`, for one run or for many at a time. With `synchronous="normal"`, the default for
    a file, what is written outlives the process, whatever ends it; a loss of power can take what was written last. With
    `"full"`, the default for a database, each write waits for the disk, and nothing is lost. `redact` are regular
    expressions of further secrets.

    In a database, a process that was not heard of for `lease` seconds has lost its runs to whoever wants them, and a
    server that is gone is waited for `patience` seconds. `path` is an address without its password.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        synchronous: Synchronous | None = None,
        redact: Iterable[str] = (),
        clock: Callable[[], float] = time.time,
        lease: float = 15.0,
        patience: float = 30.0,
    ) -> None:
        self.path, self._store = open_store(path, synchronous, lease=lease, patience=patience)
        self._place = f"'{self.path}'"
        self._redact = tuple(redact)
        Redaction(self._redact)
        self._clock = clock
        self._lock = threading.RLock()
        self._runs: dict[str, Writing] = {}
        self._pending = Pending(self._store, self._lock)
        self._looked = 0.0

    def __repr__(self) -> str:
        return f"Journal('{self.path}')"

    @property
    def owner(self) -> str:
        """The name of this process among those that own runs."""
        with self._lock:
            return self._store.owner

    def alive(self, owner: str) -> bool:
        """Say whether the process of this name lives: on one machine, the system says so; else it was heard of."""
        with self._lock:
            return self._store.alive(owner)

    def now(self) -> float:
        """Return what its clock says: seconds since the epoch."""
        return self._clock()

    def close(self) -> None:
        """Write what is left and close the file or connection; the next call opens it again."""
        with self._lock:
            try:
                self._pending.flush()
            finally:
                self._store.close()

    # Writing

    def __call__(self, event: Event, /) -> None:
        """Keep an event; raises JournalError where that is not possible."""
        with self._lock:
            match event:
                case StepStarted():
                    self._step_started(self._runs[event.run], event)
                case StepFinished():
                    self._runs[event.run].step_finished(event)
                    self._pending.flush_soon()
                case RunStarted():
                    self._run_started(event)
                case RunFinished():
                    self._run_finished(event)
                case StepFailed() | StepRetried() | StepCancelled() | StepWaiting():
                    self._runs[event.run].step_not_done(event)
                    self._pending.flush_soon()

    def hold(self, run: str, schedule: Schedule, given: ContextVariables, said: Sequence[Decision] = ()) -> None:
        """Keep a run that waits for an approval before it starts: `resume` lets it run once somebody agreed to it."""
        self._keep_for_later("held", run, schedule, given, said)

    def queue(self, run: str, schedule: Schedule, given: ContextVariables, said: Sequence[Decision] = ()) -> None:
        """Keep a run that waits for a process to run it, and what is `said` of it: whichever does so calls `resume`."""
        self._keep_for_later("queued", run, schedule, given, said)

    def _keep_for_later(
        self, how: Started, run: str, schedule: Schedule, given: ContextVariables, said: Sequence[Decision]
    ) -> None:
        with self._lock:
            self._run_started(RunStarted(run, self._clock(), len(schedule.steps), (), schedule, given), how, said)
            self._leave(run)

    def _run_started(self, event: RunStarted, how: Started = "started", said: Sequence[Decision] = ()) -> None:
        schedule, given = event.schedule, event.given
        assert schedule is not None
        assert given is not None
        claimed = self._runs.get(event.run)
        following = claimed.following if claimed else 1

        def begin(rows: Rows) -> None:
            self._pending.clear()
            writing = claimed or self._writing(self._new_run(rows, event, schedule.bound.plan.goal), following)
            self._runs[event.run] = writing
            writing.following = following
            if event.follows and (before := find(rows, event.follows)):
                if self._store.owned(rows, [before[0]]):
                    raise self._runs_already(before[1])
                say(rows, before[0], Decision(event.at, "continued", None, "", dumps({"as": event.run})))
            writing.said = len(decisions_of(rows, writing.number))
            writing.cancelled = False
            writing.run_started(event, schedule, given, how=how)
            for each in said:
                say(rows, writing.number, each)
            if self._store.carry_out(rows, self._pending.operations):
                raise self._lost(event.run)

        try:
            self._pending.flush()
            try:
                self._store.transact(begin, alone=bool(event.follows))
            finally:
                self._pending.clear()
        except BaseException:
            self._leave(event.run)
            raise

    def _new_run(self, rows: Rows, event: RunStarted, goal: str) -> int:
        number = add_run(rows, event.run, goal, event.at)
        if number is None:
            hint = f"forethought resume {event.run}, or in Python resume('{event.run}', ...)"
            raise JournalError(self._place, f"it has a run '{event.run}' already", hint)
        self._store.own(rows, number)
        return number

    def _writing(self, number: int, following: int) -> Writing:
        return Writing(number, following, Redaction(self._redact), self._pending.put)

    def _step_started(self, writing: Writing, event: StepStarted) -> None:
        if abs(event.at - self._looked) >= _LOOK:
            self._look(event.at)
        if writing.cancelled:
            raise StopAskedError
        pending = self._pending
        before = len(pending.operations)
        if not writing.step_started(event):
            pending.flush_soon()
            return
        try:
            pending.flush()
        except BaseException:
            del pending.operations[before:]  # it will not start
            raise
        if writing.number in pending.lost:
            raise self._lost(event.run)

    def _look(self, at: float) -> None:
        """Look whether somebody has cancelled a run that is written here; nothing is read while nobody else writes."""
        self._looked = at
        if not self._store.changed():
            return
        writings = {each.number: each for each in self._runs.values()}
        said = self._read(lambda rows: said_of(rows, [*writings]) if rows else {})
        for number, kinds in said.items():
            each = writings[number]
            each.cancelled = "cancelled" in kinds[each.said :]

    def _run_finished(self, event: RunFinished) -> None:
        writing = self._runs[event.run]
        try:
            writing.run_finished(event)
            self._pending.flush()
            if writing.number in self._pending.lost:
                raise self._lost(event.run)
        finally:
            self._leave(event.run)

    def _leave(self, run: str) -> None:
        if writing := self._runs.pop(run, None):
            self._pending.leave(writing.number)

    def settle(self, run: str, kind: DecisionKind, *, step: str | None = None, name: str = "", **said: object) -> None:
        """Keep what somebody called `name` said about a run, or about one of its steps.

        A run that is abandoned never goes on; raises JournalError where one is that runs. One whose plan is denied
        before it begins has failed.
        """

        def keep(rows: Rows) -> None:
            row = self._found(rows, run)
            if kind == "abandoned":
                if self._store.owned(rows, [row[0]]):
                    raise self._runs_already(row[1])
                rows.execute("UPDATE runs SET status = 'abandoned' WHERE number = ?", (row[0],))
            if kind == "denied" and step is None:
                rows.execute("UPDATE runs SET status = 'failed' WHERE number = ? AND status = 'waiting'", (row[0],))
            say(rows, row[0], decision)

        decision = Decision(self._clock(), kind, step, name, dumps(said))
        with self._lock:
            self._store.transact(keep, alone=kind == "abandoned")

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
        return self._read(lambda rows: decisions_of(rows, number_of(rows, run)) if rows else [])

    def collect(self, before: float, *, unfinished: bool = False) -> int:
        """Remove the runs that began before then and have come to an end, and return how many there were.

        With `unfinished`, those that wait, are in doubt or were broken off as well; never one that is running. Others
        begin their runs between two parts of it.
        """
        ended = ("succeeded", "failed", "cancelled", "abandoned")
        last = removed = 0

        def remove(rows: Rows) -> tuple[int, int]:
            return remove_some(rows, before, last, () if unfinished else ended, self._store.owned)

        while True:
            with self._lock:
                last, count = self._store.transact(remove, alone=True)
                removed += count
                if not last:
                    if removed:
                        self._store.compact()
                    return removed

    # Reading

    def runs(self, *statuses: str) -> list[RunRow]:
        """Return all runs, or those with one of these statuses, the latest first."""

        def found(rows: Rows | None) -> list[RunRow]:
            if rows is None:
                return []
            stored = {"running" if each == "interrupted" else each for each in statuses}
            return self._told(rows, runs_with(rows, stored))

        return [each for each in self._read(found) if not statuses or each.status in statuses]

    def has(self, run: str) -> bool:
        """Say whether there is a run of exactly this id."""
        return self._read(lambda rows: rows is not None and number_of(rows, run) is not None)

    def history(self, run: str) -> History:
        """Return what is known of a run; `run` is its id, the end of it, or `last`. Raises JournalError."""

        def read(rows: Rows | None) -> History:
            row = self._found(rows, run)
            assert rows is not None
            return history_of(rows, row[0], self._told(rows, [row])[0])

        return self._read(read)

    @contextmanager
    def claim(self, run: str) -> Generator[Claim]:
        """Own a run, so that no other process goes on with it, and return what is known of it.

        A run of its id that starts meanwhile goes on where it ended. Raises JournalError where another process, or this
        one, runs it.
        """

        def take(rows: Rows) -> tuple[int, str]:
            number, id_, *_ = self._found(rows, run)
            if not self._store.own(rows, number):
                raise self._runs_already(id_)
            return number, id_

        with self._lock:
            self._pending.flush()
            number, id_ = self._store.transact(take)
        writing: Writing | None = None
        try:
            history = self.history(id_)
            writing = self._runs[id_] = self._writing(number, len(history.entries) + 1)
            yield Claim(history, writing.known)
        finally:
            if writing is None or self._runs.get(id_) is writing:  # it has not run, or not to its end
                with self._lock:
                    self._runs.pop(id_, None)
                    self._pending.leave(number)

    def _runs_already(self, run: str) -> JournalError:
        return JournalError(self._place, f"somebody runs '{run}' at this moment", "wait until it ends")

    def _no_run(self, run: str) -> JournalError:
        return JournalError(self._place, f"it has no run '{run}'", "forethought runs list tells which it has")

    def _lost(self, run: str) -> JournalError:
        reason = f"'{run}' has been taken over: its process was not heard of for longer than its lease"
        return JournalError(self._place, reason, f"forethought runs show {run} tells how far it is")

    def _found(self, rows: Rows | None, run: str) -> Row:
        row = find(rows, run) if rows else None
        if row is None:
            raise self._no_run(run)
        return row

    def _told(self, rows: Rows, found: list[Row]) -> list[RunRow]:
        """Return runs as they are listed: one that nobody runs any more was interrupted."""
        owned = self._store.owned(rows, [row[0] for row in found if row[3] == "running"])
        return [
            RunRow(id_, goal, "interrupted" if status == "running" and number not in owned else status, started, ended)
            for number, id_, goal, status, started, ended in found
        ]

    def _read(self, work: Callable[[Rows | None], T]) -> T:
        with self._lock:
            self._pending.flush()
            return self._store.read(work)
