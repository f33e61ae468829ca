"""Running: a plan's steps, each as soon as what it waits for is done.

A finished step starts those that waited for it alone. There are no rounds, nothing polls, and one task group owns every
task: whatever way a run ends, none is left behind.
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import itertools
import random as chance
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from forethought.kernel.keys import step_place
from forethought.planners.language.nodes import Plan
from forethought.planners.scheduling.schedule import Schedule
from forethought.planners.scheduling.units import Carry

from .bodies import ReadyChoice, ReadyJoin, ReadyLoop, ReadyTest, Special
from .continuing import Continuation, Earlier
from .deciding import Deciding
from .evaluation import sources
from .events import Event, Listener, RunFinished, RunStarted, StepCancelled
from .frames import Frame, Frontier
from .holding import Approve
from .listening import Listening
from .outcome import Failure, outcome
from .patch import Agree, Patch, Replanner
from .preparation import Ground, Prepared, prepare
from .recording import Recorder, Recording
from .repairing import Repairing
from .result import RunResult, RunStatus, StepRecord
from .retries import Retry
from .stepping import Stepping
from .tracing import current_spans

__all__ = ["new_id", "run", "run_sync"]

_RETRY = Retry()
_TURN = 16
"""After so many steps in a row without a task switch, a task lets the others have a turn."""


async def run(
    plan: Plan | Schedule,
    kernel: Ground,
    *,
    inputs: Mapping[str, object] | None = None,
    approved: str | None = None,
    finished: Iterable[StepRecord] = (),
    journal: Recorder | None = None,
    approve: Approve | None = None,
    stop: asyncio.Event | None = None,
    max_replans: int = 0,
    planner: Replanner | None = None,
    agree: Agree | None = None,
    concurrency: int = 32,
    step_timeout: float | None = None,
    retry: Retry = _RETRY,
    listen: Listener | Sequence[Listener] = (),
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    random: Callable[[], float] = chance.random,
    ids: Callable[[], str] | None = None,
) -> RunResult:
    """Run `plan`: the outcome is that of running its steps one by one in document order.

    `inputs` are the plan's inputs and further variables, by name. `approved` is the hash of what was agreed to, as
    `approval_hash` gives it: a run of anything else raises PlanError (`approval-void`). `finished` are the records that
    an earlier run of this plan has left: what succeeded is taken over, and not run again; the rest is. At most
    `concurrency` steps run at one time; each attempt at a step has `step_timeout` seconds; `retry` says how often a
    step that may be repeated is tried again. `journal` is told every event, before it counts: where it cannot be
    written, no further step starts, and the run has failed. `listen` is told every event after it. `approve` is asked
    before each call: a step that it lets wait does not start, nor what needs it, and the status is *waiting*. Once
    `stop` is set, no further step starts, those that run are finished, and the status is *cancelled*.

    Where a step fails, `planner` is asked for a new end of the plan, `max_replans` times at most: what is finished
    stays, the rest is another. `agree` is shown each patch before it runs; without it all run, but where the plan was
    `approved`: then none that has effects. Each run of a new plan has its own start and end among the events.

    A plan with problems, or records that do not fit it, raise PlanError, a function that cannot be loaded or a model
    that is not configured its own error: nothing has run then. A step that fails does not raise: no further step
    starts, those that run are finished, and the result's `status` is *failed*. A cancelled run cancels its steps, waits
    for them, and raises CancelledError.

    `clock` gives seconds since the epoch, `sleep` waits before a retry, `random` gives numbers from 0 to 1, and `ids`
    the run's id.
    """
    if concurrency < 1:
        raise ValueError(f"concurrency must be at least 1, not {concurrency}")
    if step_timeout is not None and step_timeout <= 0:
        raise ValueError(f"step_timeout must be more than 0 seconds, not {step_timeout}")
    if max_replans and planner is None:
        raise ValueError("max_replans needs a planner, such as planner=SequentialPlanner(kernel)")
    listeners = (listen,) if callable(listen) else tuple(listen)
    listening = Listening(listeners) if listeners else None
    stop = stop or asyncio.Event()
    recording = Recording(journal, listening, stop) if journal else None
    owner = asyncio.current_task()
    assert owner is not None
    cancellations = owner.cancelling()
    stepping = Stepping(
        run="",
        retry=retry,
        timeout=step_timeout,
        stopping=lambda: owner.cancelling() > cancellations,
        emit=recording or listening,
        clock=clock,
        sleep=sleep,
        random=random,
        spans=current_spans(),
        recording=recording,
        approve=approve,
    )

    def begin(prepared: Prepared, records: Iterable[StepRecord], follows: str = "") -> Awaitable[RunResult]:
        id_ = ids() if ids else new_id(clock(), random)
        earlier = Earlier(records, prepared.schedule)
        within = step_place.get() or (id_,)
        started = dataclasses.replace(stepping, run=id_, within=within)
        return _Run(prepared, started, concurrency, earlier, stop).run(follows)

    result = await begin(prepare(plan, kernel, inputs, approved=approved), finished)
    if not max_replans or planner is None or result.ok:
        return result

    def go_on(patch: Patch, failed: str) -> Awaitable[RunResult]:
        assert patch.plan
        return begin(prepare(patch.plan, kernel, result.given), patch.finished, failed)

    repairing = Repairing(
        planner=planner, most=max_replans, agree=agree, approved=approved is not None, skills=kernel.skills, stop=stop
    )
    return await repairing.repair(result, go_on)


P = ParamSpec("P")
T = TypeVar("T")


def _at_the_edge(call: Callable[P, Coroutine[object, object, T]]) -> Callable[P, T]:
    @functools.wraps(call)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        if asyncio._get_running_loop() is not None:
            raise RuntimeError(f"an event loop runs here already: write `await {call.__name__}(...)`")
        return asyncio.run(call(*args, **kwargs))

    wrapper.__name__ = wrapper.__qualname__ = f"{call.__name__}_sync"
    return wrapper


run_sync = _at_the_edge(run)


def new_id(at: float | None = None, random: Callable[[], float] = chance.random) -> str:
    """Return an id that sorts by time and can be read aloud: `20261122-074524-137-x7q2`."""
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    tail = "".join("23456789abcdefghjkmnpqrstvwxyz"[int(random() * 30) % 30] for _ in range(4))
    return f"{moment:%Y%m%d-%H%M%S}-{moment.microsecond // 1000:03}-{tail}"


class _Run:
    """One run, while it lasts."""

    def __init__(
        self, prepared: Prepared, stepping: Stepping, concurrency: int, earlier: Earlier, stop: asyncio.Event
    ) -> None:
        self._prepared = prepared
        self._stepping = stepping
        self._concurrency = concurrency
        self._group = asyncio.TaskGroup()
        self._held: list[Event] = []
        quiet = dataclasses.replace(stepping, emit=self._held.append, spans=None)
        self._deciding = Deciding(quiet, prepared.schedule.bound, earlier.loops)
        self._frontier = Frontier(prepared.body, self._deciding.ended)
        self._taken = Continuation(earlier, prepared, self._frontier, self._deciding).take_over()
        self._ready = self._frontier.ready
        self._working = 0
        self._failures: list[Failure] = []
        self._stop = stop
        self._stopped = False
        self._waiting: list[StepRecord] = []

    async def run(self, follows: str) -> RunResult:
        """Run all steps and tell how it went."""
        stepping, schedule = self._stepping, self._prepared.schedule
        steps = len(schedule.steps)
        emit, spans = stepping.emit, stepping.spans
        given = self._prepared.variables
        with spans.run(stepping.run, steps, schedule.bound, given) if spans else nullcontext() as span:
            if emit:
                emit(RunStarted(stepping.run, stepping.clock(), steps, self._taken, schedule, given, follows))
                for event in self._held:
                    emit(event)
            self._deciding.go_on(stepping)
            status: RunStatus = "cancelled"
            try:
                async with self._group:
                    self._start_ready()
                status = self._status()
            finally:
                self._deciding.break_off(self._failures, waiting=status == "waiting")
                result = outcome(self._prepared, self._frontier.root, stepping.run, status, self._failures)
                if status == "waiting":
                    result = dataclasses.replace(result, error=_waits(self._waiting))
                if span:
                    span.finished(status, result.cause)
                if emit:
                    emit(RunFinished(stepping.run, stepping.clock(), status, result.usage, result))
        lost = stepping.recording.broken if stepping.recording else None
        if lost and result.ok:
            return dataclasses.replace(result, status="failed", error=str(lost), cause=lost)
        return result

    def _status(self) -> RunStatus:
        if self._failures:
            return "failed"
        if self._stopped:
            return "cancelled"
        return "waiting" if self._waiting else "succeeded"

    def _start_ready(self) -> None:
        while self._ready and self._working < self._concurrency:
            self._working += 1
            self._group.create_task(self._work(*self._frontier.pop()))

    async def _work(self, frame: Frame, unit: int) -> None:
        """Carry out a unit, and then in the same task the next one, unless several tasks can go on."""
        for turn in itertools.count(1):
            if self._failures:
                return
            if self._stop.is_set():
                self._stopped = True
                return
            special = frame.body.special.get(unit)
            if special is None:
                await self._carry_out(frame, unit)
            else:
                self._decide(frame, unit, special)
            if self._stepping.stopping():
                raise asyncio.CancelledError
            if not self._ready or (len(self._ready) > 1 and self._working < self._concurrency):
                break
            frame, unit = self._frontier.pop()
            if not turn % _TURN:
                await self._give_way()
        self._working -= 1
        self._start_ready()

    async def _give_way(self) -> None:
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            if self._stepping.stopping():
                raise  # else a function has cancelled its own task, and its step is over

    async def _carry_out(self, frame: Frame, unit: int) -> None:
        """Carry out one step; those that waited for it alone become ready, or none any more if it fails."""
        call = self._prepared.call(frame.body, unit, frame.prefix)
        try:
            record, failure = await self._stepping.perform(call, frame.values, frame.loop.span if frame.loop else None)
        except asyncio.CancelledError:
            at = self._stepping.clock()
            frame.records[unit] = StepRecord(
                id=call.id, function=call.function, status="cancelled", ended=at, arguments={}
            )
            if self._stepping.emit:
                self._stepping.emit(StepCancelled(self._stepping.run, at, call.id, call.function))
            raise
        if failure == "stopped":
            self._stopped = True
            return
        frame.records[unit] = record
        if failure == "waiting":
            self._waiting.append(record)
            return
        if failure is not None:
            self._fail(Failure((*frame.path, unit), record, failure, sources(call.scheduled.bindings)))
            return
        frame.values[unit] = record.output
        self._frontier.done(frame, unit)
        if self._failures:
            self._ready.clear()

    def _decide(self, frame: Frame, unit: int, special: Special) -> None:
        """Decide a block, begin a loop, or look at the test of a while."""
        deciding, frontier = self._deciding, self._frontier
        match special:
            case ReadyChoice():
                failure = deciding.choose(frontier, frame, unit, special)
            case ReadyLoop():
                failure = deciding.begin(frontier, frame, unit, special)
            case ReadyTest():
                failure = deciding.test(frontier, frame, unit, special)
            case ReadyJoin() | Carry():
                raise AssertionError(special)  # these are never ready: their values come to them
        if failure:
            self._fail(failure)

    def _fail(self, failure: Failure) -> None:
        self._failures.append(failure)
        self._ready.clear()


def _waits(waiting: Sequence[StepRecord]) -> str:
    first = waiting[0]
    match len(waiting):
        case 1:
            others = ""
        case 2:
            others = ", and so does one more"
        case many:
            others = f", and so do {many - 1} others"
    return f"step {first.id}, {first.function}, waits for an approval{others}"
