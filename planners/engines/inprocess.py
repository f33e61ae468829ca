"""In process: the engine that carries out runs where it stands, some at a time, in the order of their priority."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from forethought.kernel.errors import JournalError
from forethought.planners.journaling.approving import Policy
from forethought.planners.journaling.cancelling import cancel as cancel_run
from forethought.planners.journaling.journal import Journal
from forethought.planners.language.nodes import Plan
from forethought.planners.running.events import Listener
from forethought.planners.running.preparation import Ground
from forethought.planners.running.result import RunResult, RunStatus
from forethought.planners.running.retries import Retry
from forethought.planners.scheduling.schedule import Schedule

from .engine import Said
from .limits import Limits
from .pacing import Paced
from .turns import Manner, Order, outcome, take_turn, tell

__all__ = ["InProcess"]

_AT_ONCE = 8
_AT_HAND = 1000
"""Runs that have succeeded whose results are at hand; what older ones came to, the journal tells."""
_ENDED: Mapping[str, RunStatus] = {
    "succeeded": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
    "abandoned": "cancelled",
    "waiting": "waiting",
}


@dataclass(eq=False)
class _Live:
    """A run of this engine: what the journal does not have of it, and what it will come to."""

    run: str
    plan: Plan
    inputs: Mapping[str, object]
    priority: int
    coming: asyncio.Future[RunResult]
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    running: bool = False
    again: bool = False


class InProcess:
    """The default engine: at most `runs` runs go on at one time, each as `run` would let it. Use it as a context.

        async with InProcess(kernel, Journal("runs.db")) as engine:
            result = await engine.wait(await engine.submit(plan))

    At the end of the block no further run begins, and those that go on come to their end; what has not begun stays in
    the journal. `policy` says which calls somebody must agree to; each attempt at a step has `step_timeout` seconds,
    not counting the time that it waits for its turn under `limits`. `listen` is told every event of every run.
    """

    def __init__(
        self,
        kernel: Ground,
        journal: Journal,
        *,
        runs: int = _AT_ONCE,
        concurrency: int = 32,
        limits: Limits | None = None,
        policy: Policy | None = None,
        step_timeout: float | None = None,
        retry: Retry | None = None,
        listen: Listener | Sequence[Listener] = (),
    ) -> None:
        if runs < 1:
            raise ValueError(f"runs must be at least 1, not {runs}")
        self._kernel = kernel
        self._ground = Paced(kernel, limits or Limits(), step_timeout=step_timeout)
        self._journal = journal
        self._most = runs
        self._manner = Manner(
            concurrency=concurrency,
            retry=retry or Retry(),
            policy=policy or Policy(),
            listen=(listen,) if callable(listen) else tuple(listen),
        )
        self._live: dict[str, _Live] = {}
        self._waiting: list[tuple[int, int, _Live]] = []  # a heap
        self._number = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()
        self._succeeded: deque[str] = deque()
        self._open = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        for task in self._tasks if error else ():
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for live in self._live.values():
            live.coming.cancel()

    async def submit(
        self,
        plan: Plan | Schedule,
        *,
        inputs: Mapping[str, object] | None = None,
        run: str | None = None,
        priority: int = 0,
        hold: bool = False,
        approved: str | None = None,
        name: str = "",
    ) -> str:
        """Hand in a run, as `Engine.submit` says."""
        order = Order.of(plan, self._kernel, inputs, run=run, priority=priority, approved=approved)
        if not order.keep(self._journal, hold=hold, name=name):
            return order.run
        live = self._add(order.run, order.schedule.bound.plan, inputs or {}, priority)
        if hold:
            live.coming.set_result(await self._told(order.run))
        else:
            self._queue(live)
        return order.run

    async def wait(self, run: str, timeout: float | None = None) -> RunResult:
        """Return what a run came to, as `Engine.wait` says."""
        live = self._live.get(run)
        if live is None:
            return await self._told(run)
        async with asyncio.timeout(timeout):
            return await asyncio.shield(live.coming)

    async def signal(
        self, run: str, said: Said | None = None, *, step: str | None = None, output: object = None, name: str = ""
    ) -> None:
        """Keep what somebody says about a run, and let it go on, as `Engine.signal` says."""
        journal, history = self._journal, self._journal.history(run)
        tell(journal, history, said, self._kernel.skills, self._manner.policy, step=step, output=output, name=name)
        live = self._live.get(history.id)
        ended = await self._told(history.id) if said == "abandoned" else None
        if live is None:
            live = self._add(history.id, history.plan, {}, 0)
        elif live.running:
            live.again = True
            return
        elif live.coming.done():
            live.coming, live.stop = self._coming(), asyncio.Event()
        elif ended is None:
            return  # it waits for its turn, and finds what was said
        if ended is not None:
            live.coming.set_result(ended)
        else:
            self._queue(live)

    async def cancel(self, run: str, *, name: str = "") -> None:
        """Ask a run to end, as `Engine.cancel` says."""
        live = self._live.get(run)
        if live is None or live.coming.done():
            cancel_run(self._journal, run, name=name)
            return
        self._journal.settle(run, "cancelled", name=name)
        live.stop.set()

    def _add(self, run: str, plan: Plan, inputs: Mapping[str, object], priority: int) -> _Live:
        live = self._live[run] = _Live(run, plan, inputs, priority, self._coming())
        return live

    def _coming(self) -> asyncio.Future[RunResult]:
        coming: asyncio.Future[RunResult] = asyncio.get_running_loop().create_future()
        coming.add_done_callback(lambda done: done.cancelled() or done.exception())  # whether anybody waits or not
        return coming

    def _queue(self, live: _Live) -> None:
        heapq.heappush(self._waiting, (-live.priority, next(self._number), live))
        self._begin()

    def _begin(self) -> None:
        while self._open and self._waiting and len(self._tasks) < self._most:
            *_, live = heapq.heappop(self._waiting)
            if live.coming.done():  # it was abandoned
                continue
            live.running = True
            task = asyncio.create_task(self._carry_out(live))
            self._tasks.add(task)
            task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._begin()

    async def _carry_out(self, live: _Live) -> None:
        """Take turns until nothing more was said of the run."""
        try:
            while True:
                live.again = False
                result = await self._turn(live)
                if not live.again:
                    break
        except asyncio.CancelledError:
            live.coming.cancel()
            raise
        except Exception as error:  # whoever waits for the run is told
            live.coming.set_exception(error)
        else:
            live.coming.set_result(result)
            if result.ok:
                self._let_go(live.run)
        finally:
            live.running = False

    def _let_go(self, succeeded: str) -> None:
        """Keep what there is of a run that has succeeded, and no longer what there is of the oldest one."""
        self._succeeded.append(succeeded)
        if len(self._succeeded) > _AT_HAND:
            run = self._succeeded.popleft()
            if run in self._live and self._live[run].coming.done():
                del self._live[run]

    async def _turn(self, live: _Live) -> RunResult:
        hides = self._journal.history(live.run).hides
        return await take_turn(
            live.run,
            self._ground,
            self._journal,
            self._manner,
            stop=live.stop,
            plan=live.plan if hides else None,
            inputs=live.inputs,
        )

    async def _told(self, run: str) -> RunResult:
        """Return what the journal says that a run came to."""
        history = self._journal.history(run)
        status = _ENDED.get(history.row.status)
        if status is None:
            reason = f"'{history.id}' is {history.row.status}, and not a run of this engine"
            raise JournalError(f"'{self._journal.path}'", reason, "engine.signal(run) lets it go on here")
        error = "the plan waits for an approval" if history.held else history.error
        return await outcome(history, self._kernel, status, error)
