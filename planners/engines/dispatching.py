"""Dispatching: what a run goes on with whose steps are carried out by whichever worker is free.

A step is dispatched under an id that says which one it is: run, step with its round, and how often it has ended before.
All of that is in the journal. So whoever goes on with a run finds what is under way by its id, and dispatches nothing
a second time; and what comes back is that of its step, whatever came back before.
"""

from __future__ import annotations

import asyncio
import dataclasses
import fnmatch
import itertools
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import EngineError, StoppedError
from forethought.kernel.functions import Callee, FunctionSignature, Output
from forethought.kernel.keys import step_place
from forethought.kernel.redacting import Redaction
from forethought.kernel.registry import SkillRegistry
from forethought.planners.journaling.history import Entry
from forethought.planners.running.events import (
    Event,
    RunStarted,
    StepFailed,
    StepFinished,
    StepRetried,
    StepStarted,
)
from forethought.planners.running.preparation import Ground
from forethought.planners.running.secrecy import Secrecy

from .carrying import STEP, Carrier, queue_of
from .collecting import Collector
from .limits import Limit, Limits
from .pacing import in_time
from .starts import Starts
from .travelling import Message, came_back, packed

__all__ = ["Dispatching", "Road"]

_ENDS = ("step_failed", "step_retried")
_AFTER_REFUSAL = 1.0
_AFTER_FAILURE = 0.5
_LONGEST = 5.0

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """The way from a coordinator to whoever carries out its steps.

    `local` are names of functions that are called by the coordinator itself, in which `*` stands for anything.
    """

    carrier: Carrier
    collector: Collector
    starts: Starts
    limits: Limits = dataclasses.field(default_factory=Limits)
    local: tuple[str, ...] = ()
    redact: tuple[str, ...] = ()
    step_timeout: float | None = None
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    async def surely(self, ask: Callable[[], T]) -> T:
        """Return what `ask` gives, in a thread; where the database is gone, ask again until it is back."""
        wait = _AFTER_FAILURE
        while True:
            try:
                return await asyncio.to_thread(ask)
            except EngineError as error:
                if not error.gone:
                    raise
                await self.sleep(wait)
                wait = min(wait * 2, _LONGEST)


class Dispatching:
    """The functions of a ground for one turn of a run: to call one is to have a worker call it, and to wait for that.

    `listen` must be told the events of the turn. `withdraw` takes back what no worker has begun. What is called before
    the turn begins is only to fetch once more what the journal could not keep: it would not travel either.
    """

    def __init__(self, ground: Ground, run: str, road: Road, entries: Sequence[Entry], *, priority: int = 0) -> None:
        self.run = run
        self.road = road
        self.priority = priority
        self.secrecy = Secrecy(Redaction(road.redact))
        self.ended = Counter(each.step for each in entries if each.kind in _ENDS)
        self.known = any(each.kind == "run_started" for each in entries)
        self.begun = False
        self.calls = 0
        self.open: set[str] = set()
        self.withdrawn: set[str] = set()
        self._ground = ground

    @property
    def skills(self) -> SkillRegistry:
        """The functions, as a planner sees them."""
        return self._ground.skills

    @property
    def variables(self) -> ContextVariables:
        """The variables that every plan can read."""
        return self._ground.variables

    def bind(self, name: str, /) -> Callee:
        """Return the function that `name` means, to be called by a worker."""
        return _Dispatched(self, self._ground.bind(name))

    def listen(self, event: Event) -> None:
        """Take note of each attempt that has come to an end, and of what is a secret."""
        match event:
            case StepFailed() | StepRetried():
                self.ended[event.step] += 1
            case RunStarted(schedule=schedule, given=given) if schedule is not None:
                self.begun = True
                self.secrecy.begin(schedule.bound, given or {})
                for record in event.finished:
                    self.secrecy.gave(record.id, record.output)
            case StepStarted():
                self.secrecy.called(event.function, event.arguments)
            case StepFinished():
                self.secrecy.gave(event.step, event.output)
            case _:
                pass

    async def withdraw(self) -> bool:
        """Take back what no worker has begun, and say whether that is all that is left to wait for."""
        for id_ in [*self.open - self.withdrawn]:
            if await self._void(id_):
                self.withdrawn.add(id_)
        if left := self.open & self.withdrawn:
            await self.road.surely(lambda: self.road.carrier.drop([*left]))
        return bool(left) and len(left) == self.calls

    async def _void(self, id_: str) -> bool:
        return await self.road.surely(lambda: self.road.starts.void(id_))


class _Dispatched:
    """One function, as it is called from afar."""

    def __init__(self, dispatching: Dispatching, callee: Callee) -> None:
        self._dispatching = dispatching
        self._road = dispatching.road
        self._callee = callee
        name = self.signature.full_name.lower()
        self._local = any(fnmatch.fnmatchcase(name, each.lower()) for each in dispatching.road.local)
        self._limit: Limit | None = dispatching.road.limits.of(name)
        self._repeatable = self.signature.idempotent or not self.signature.effect.writes

    @property
    def signature(self) -> FunctionSignature:
        return self._callee.signature

    async def __call__(self, arguments: Mapping[str, object], /) -> Output:
        self._dispatching.calls += 1
        try:
            return await self._called(arguments)
        except EngineError as error:  # it may be under way all the same
            name, reason = self.signature.full_name, f"nobody knows whether it was done: {error}"
            raise StoppedError(name, reason) from error
        finally:
            self._dispatching.calls -= 1

    async def _called(self, arguments: Mapping[str, object]) -> Output:
        place = step_place.get()
        step, secrecy = place[-1], self._dispatching.secrecy
        first = f"{self._dispatching.run}/{step}/{self._dispatching.ended[step] + 1}"
        stays = self._local or not self._dispatching.begun or secrecy.output(step)
        travels = None if stays else packed(self.signature, arguments, secrecy.redaction)
        delay = 0.0
        for number in itertools.count(1):
            id_ = first if number == 1 else f"{first}.{number}"
            if travels is not None:
                await self._put(id_, self._message(id_, place, travels), delay)
            elif not await self._is_carried(id_):
                if await self._may_begin(id_):
                    return await in_time(self._callee, arguments, self._road.step_timeout)
                continue
            outcome, worker = await self._outcome(id_)
            if outcome is None:  # whoever had it is gone
                await self._give_up(id_, worker)
            elif "refused" in outcome:
                travels, delay = (travels, _AFTER_REFUSAL) if self._limit else (None, 0.0)
            elif "kept_back" in outcome:
                if not self._repeatable:
                    reason = "it was done, but what it gave cannot leave its worker: it is a secret, or no JSON"
                    raise StoppedError(self.signature.full_name, reason)
                travels = None
            else:
                return came_back(self.signature, outcome)
        raise AssertionError(first)

    def _message(self, id_: str, place: tuple[str, ...], arguments: Mapping[str, object]) -> Message:
        return {
            "id": id_,
            "function": self.signature.full_name,
            "digest": self.signature.digest(),
            "arguments": arguments,
            "place": [*place],
            "timeout": self._road.step_timeout,
        }

    async def _put(self, id_: str, message: Message, delay: float) -> None:
        """Put a call into its queue, unless it is there."""
        road, queue, priority = self._road, queue_of(self._limit), self._dispatching.priority
        await road.surely(lambda: road.carrier.put(queue, STEP, id_, message, priority=priority, delay=delay))

    async def _outcome(self, id_: str) -> tuple[Mapping[str, object] | None, str | None]:
        """Return what a worker said of a call, None where it was lost, and which worker it was."""
        dispatching = self._dispatching
        dispatching.open.add(id_)
        try:
            fate = await self._road.collector.fate(id_)
            if id_ in dispatching.withdrawn:
                await asyncio.Event().wait()  # the run ends, and this with it
        finally:
            dispatching.open.discard(id_)
        return (None if fate.outcome is None or "void" in fate.outcome else fate.outcome), fate.worker

    async def _is_carried(self, id_: str) -> bool:
        """Say whether an earlier coordinator gave to a worker what this one would do itself."""
        if self._repeatable or not self._dispatching.known:
            return False
        return bool(await self._road.surely(lambda: self._road.carrier.look([id_])))

    async def _may_begin(self, id_: str) -> bool:
        """Say whether a call is made in this process; False where another one has begun it, and is given up."""
        token = secrets.token_hex(8)
        if self._repeatable or await self._road.surely(lambda: self._road.starts.start(id_, token)):
            return True
        await self._give_up(id_, None)
        return False

    async def _give_up(self, id_: str, worker: str | None) -> None:
        """Go on without whoever had a call; raises StoppedError where that could be to do it twice."""
        if await self._road.surely(lambda: self._road.starts.void(id_)) or self._repeatable:
            return
        whose = f"the worker {worker}" if worker else "the process that did it"
        raise StoppedError(self.signature.full_name, f"{whose} was lost, and nobody knows whether it was done")
