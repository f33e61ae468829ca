"""Running: a plan's steps, each as soon as what it waits for is done.

A finished step starts those that waited for it alone. There are no rounds, nothing polls, and one task group owns every
task: whatever way a run ends, none is left behind.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import random as chance
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import ParamSpec, TypeVar

from forethought.planners.language.nodes import Plan
from forethought.planners.scheduling.schedule import Schedule

from .events import Listener, RunFinished, RunStarted, StepCancelled
from .listening import Listening
from .outcome import outcome
from .preparation import Ground, Prepared, prepare
from .result import RunResult, RunStatus, StepRecord
from .retries import Retry
from .stepping import Stepping
from .tracing import current_spans

__all__ = ["run", "run_sync"]

_RETRY = Retry()
_TURN = 16
"""After so many steps in a row without a task switch, a task lets the others have a turn."""


async def run(
    plan: Plan | Schedule,
    kernel: Ground,
    *,
    inputs: Mapping[str, object] | None = None,
    approved: str | None = None,
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
    `approval_hash` gives it: a run of anything else raises PlanError (`approval-void`). At most `concurrency` steps
    run at one time; each attempt at a step has `step_timeout` seconds; `retry` says how often a step that may be
    repeated is tried again. `listen` is told every event.

    A plan with problems raises PlanError, a function that cannot be loaded or a model that is not configured its own
    error: nothing has run then. A step that fails does not raise: no further step starts, those that run are finished,
    and the result's `status` is *failed*. A cancelled run cancels its steps, waits for them, and raises CancelledError.

    `clock` gives seconds since the epoch, `sleep` waits before a retry, `random` gives numbers from 0 to 1, and `ids`
    the run's id.
    """
    if concurrency < 1:
        raise ValueError(f"concurrency must be at least 1, not {concurrency}")
    if step_timeout is not None and step_timeout <= 0:
        raise ValueError(f"step_timeout must be more than 0 seconds, not {step_timeout}")
    prepared = prepare(plan, kernel, inputs, approved=approved)
    listeners = (listen,) if callable(listen) else tuple(listen)
    owner = asyncio.current_task()
    assert owner is not None
    cancellations = owner.cancelling()
    stepping = Stepping(
        run=ids() if ids else _new_id(clock(), random),
        retry=retry,
        timeout=step_timeout,
        stopping=lambda: owner.cancelling() > cancellations,
        emit=Listening(listeners) if listeners else None,
        clock=clock,
        sleep=sleep,
        random=random,
        spans=current_spans(),
    )
    return await _Run(prepared, stepping, concurrency).run()


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


def _new_id(at: float, random: Callable[[], float]) -> str:
    """Return an id that sorts by time and can be read aloud: `20261122-074524-137-x7q2`."""
    moment = datetime.fromtimestamp(at, UTC)
    tail = "".join("23456789abcdefghjkmnpqrstvwxyz"[int(random() * 30) % 30] for _ in range(4))
    return f"{moment:%Y%m%d-%H%M%S}-{moment.microsecond // 1000:03}-{tail}"


class _Run:
    """One run, while it lasts."""

    def __init__(self, prepared: Prepared, stepping: Stepping, concurrency: int) -> None:
        self._prepared = prepared
        self._stepping = stepping
        self._concurrency = concurrency
        self._group = asyncio.TaskGroup()
        self._values = list(prepared.values)
        self._records: list[StepRecord | None] = [None] * len(prepared.steps)
        self._waits = list(prepared.waits)
        self._ready = [slot for slot, waits in enumerate(prepared.waits) if not waits]  # a heap: document order
        self._working = 0
        self._failure: tuple[int, Exception] | None = None

    async def run(self) -> RunResult:
        """Run all steps and tell how it went."""
        stepping, steps = self._stepping, len(self._prepared.steps)
        emit, spans = stepping.emit, stepping.spans
        with spans.run(stepping.run, steps) if spans else nullcontext() as span:
            if emit:
                emit(RunStarted(stepping.run, stepping.clock(), steps))
            status: RunStatus = "cancelled"
            try:
                async with self._group:
                    self._start_ready()
                status = "failed" if self._failure else "succeeded"
            finally:
                result = outcome(self._prepared, stepping.run, status, self._records, self._failure)
                if span:
                    span.finished(status, self._failure[1] if self._failure else None)
                if emit:
                    emit(RunFinished(stepping.run, stepping.clock(), status, result.usage, result))
        return result

    def _start_ready(self) -> None:
        while self._ready and self._working < self._concurrency:
            self._working += 1
            self._group.create_task(self._work(heappop(self._ready)))

    async def _work(self, slot: int) -> None:
        """Carry out the step at `slot`, and then in the same task the next one, unless several tasks can go on."""
        for turn in itertools.count(1):
            if self._failure:
                return
            await self._carry_out(slot)
            if self._stepping.stopping():
                raise asyncio.CancelledError
            if not self._ready or (len(self._ready) > 1 and self._working < self._concurrency):
                break
            slot = heappop(self._ready)
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

    async def _carry_out(self, slot: int) -> None:
        """Carry out one step; those that waited for it alone become ready, or none any more if it fails."""
        call = self._prepared.call(slot)
        try:
            record, failure = await self._stepping.perform(call, self._values)
        except asyncio.CancelledError:
            at = self._stepping.clock()
            self._records[slot] = StepRecord(
                id=call.id, function=call.function, status="cancelled", ended=at, arguments={}
            )
            if self._stepping.emit:
                self._stepping.emit(StepCancelled(self._stepping.run, at, call.id, call.function))
            raise
        self._records[slot] = record
        if failure is not None:
            self._failure = self._failure or (slot, failure)
        if self._failure:
            self._ready.clear()
            return
        self._values[slot] = record.output
        for follower in self._prepared.followers(slot):
            self._waits[follower] -= 1
            if not self._waits[follower]:
                heappush(self._ready, follower)
