"""Fleet: the engine whose runs are carried out by workers, on as many machines as there are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self, cast

from forethought.kernel.errors import EngineError, JournalError
from forethought.planners.journaling.approving import Policy
from forethought.planners.journaling.history import History
from forethought.planners.journaling.journal import Journal
from forethought.planners.language.nodes import Plan
from forethought.planners.running.events import Listener
from forethought.planners.running.preparation import Ground
from forethought.planners.running.result import RunResult, RunStatus
from forethought.planners.scheduling.schedule import Schedule

from .carrying import Carrier
from .engine import Said
from .following import events
from .places import Places
from .releasing import Releasing, priority_of
from .travelling import Message, unkept
from .turns import Order, came_to, is_underway, outcome, tell

__all__ = ["Fleet"]

_LOOK = 0.2
_OVER = ("succeeded", "failed", "cancelled", "waiting", "in_doubt")
_CANCELLABLE = ("queued", "running", "interrupted")


class Fleet:
    """Hands in runs to the workers of a database, and tells what came of them. Use it as a context.

    `kernel` knows the functions: plans are checked here, but nothing is called. A run goes on whatever becomes of this
    process, as soon as there is a worker. Secrets do not travel: a run that is given one is refused.
    """

    def __init__(
        self,
        kernel: Ground,
        database: str,
        *,
        redact: tuple[str, ...] = (),
        policy: Policy | None = None,
        notice: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        """`notice` is told in a sentence why a run that is waited for does not go on, where that is known."""
        self._kernel = kernel
        self._places = Places.of(database)
        self._carrier = Carrier(self._places.carrier, self._places.shown)
        self.journal = Journal(self._places.journal, redact=redact)
        self._redact = redact
        self._policy = policy or Policy()
        self._releasing = Releasing(self._carrier, self.journal)
        self._notice = notice

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._carrier.prepare)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._carrier.close)
        await asyncio.to_thread(self.journal.close)

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
        """Hand in a run, as `Engine.submit` says; raises PlanError for one that would need a secret."""
        order = Order.of(plan, self._kernel, inputs, run=run, priority=priority, approved=approved)
        unkept(order.schedule, order.given, self._redact)

        def keep() -> None:
            order.keep(self.journal, hold=hold, name=name, submitted=True)
            if not hold and not self._releasing.turns(order.run):
                self._releasing.release(order.run, priority)

        await asyncio.to_thread(keep)
        return order.run

    async def wait(
        self, run: str, timeout: float | None = None, *, listen: Listener | None = None, heard: int = 0
    ) -> RunResult:
        """Return what a run came to, as `Engine.wait` says.

        `listen` is told what it does, as far as the journal tells it, from entry `heard` on.
        """
        async with asyncio.timeout(timeout):
            told = ""
            while True:
                try:
                    said, why = await asyncio.to_thread(self._outcome, run)
                except EngineError as error:
                    if not error.gone:
                        raise
                    said, why = None, f"{error.reason}; the run is waited for until it is back"
                if listen is not None:
                    history = await asyncio.to_thread(self.journal.history, run)
                    for event in events(history, heard):
                        listen(event)
                    heard = len(history.entries)
                if said is not None:
                    return await self._result(run, said)
                if why and why != told:
                    told = why
                    self._notice(why)
                await asyncio.sleep(_LOOK * (1 + heard / 1000))

    def _outcome(self, run: str) -> tuple[Message | None, str]:
        """Return what the last turn of a run came to, None while there is one to come; and why it does not go on."""
        turns = self._releasing.turns(run)
        said = (each.outcome for each in turns if each.outcome and each.outcome["status"] not in ("busy", "left"))
        last = next(said, None)
        refused = f"run {run} was refused by a worker: {last['error']}" if last and last["status"] == "refused" else ""
        if any(each.state in ("queued", "running") for each in turns):
            return None, refused
        history = self._history(run)
        if history.row.status != "abandoned" and turns and turns[0].outcome and turns[0].outcome["status"] in _OVER:
            return dict(turns[0].outcome), ""
        if turns and history.due:  # the last turn was lost, or has left the run to another one
            return None, refused
        return came_to(history, self._kernel.skills), ""

    async def _result(self, run: str, said: Message) -> RunResult:
        history = await asyncio.to_thread(self.journal.history, run)
        doubts = frozenset(cast("list[str]", said.get("doubts", [])))
        status, error = cast("RunStatus", said["status"]), cast("str | None", said["error"])
        return await outcome(history, self._kernel, status, error, doubts)

    async def signal(
        self, run: str, said: Said | None = None, *, step: str | None = None, output: object = None, name: str = ""
    ) -> None:
        """Keep what somebody says about a run, and let it go on, as `Engine.signal` says."""

        def keep() -> None:
            history = self._history(run)
            skills, policy = self._kernel.skills, self._policy
            tell(
                self.journal,
                history,
                said,
                skills,
                policy,
                step=step,
                output=output,
                name=name,
                underway=is_underway,
            )
            if said != "abandoned":
                priority = priority_of(history)
                self.journal.settle(history.id, "submitted", name=name, priority=priority)
                self._releasing.release(history.id, priority)

        await asyncio.to_thread(keep)

    async def cancel(self, run: str, *, name: str = "") -> None:
        """Ask a run to end, as `Engine.cancel` says."""

        def keep() -> None:
            history = self._history(run)
            if history.row.status not in _CANCELLABLE:
                reason = f"'{history.id}' is not running: it is {history.row.status.replace('_', ' ')}"
                raise JournalError(self._places.shown, reason)
            self.journal.settle(history.id, "cancelled", name=name)
            self._releasing.release(history.id, priority_of(history))

        await asyncio.to_thread(keep)

    def _history(self, run: str) -> History:
        """Return what is known of a run that was handed in to workers; raises JournalError for any other."""
        history = self.journal.history(run)
        if not history.carried:
            reason = f"'{history.id}' was not handed in to workers"
            raise JournalError(self._places.shown, reason, f"forethought resume {history.id} goes on with it here")
        return history
