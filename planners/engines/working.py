"""Working: a process that carries out steps and coordinates runs which were handed in to a database.

Any number of workers do this at the same time, on as many machines as there are. Each is an owner of runs in the
journal, with a sign of life. What a worker had that is gone, the others find, and go on with.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import itertools
import secrets
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar, cast

from forethought.kernel.errors import EngineError, ForethoughtError, FunctionError, JournalError
from forethought.kernel.functions import Callee
from forethought.kernel.keys import step_place
from forethought.kernel.redacting import Redaction
from forethought.planners.journaling.approving import Policy
from forethought.planners.journaling.journal import Journal
from forethought.planners.running.preparation import Ground
from forethought.planners.running.retries import Retry

from .carrying import (
    APPLICATION,
    RUNS,
    STEP,
    STEPS,
    TURN,
    VERSION,
    Carrier,
    Fate,
    explained,
    json_only,
    limit_of,
    queue_of,
)
from .collecting import Collector
from .coordinating import Coordinating
from .dispatching import Road
from .limits import Limits
from .pacing import in_time
from .places import Places
from .releasing import Releasing
from .starts import Starts
from .travelling import Message, failed, gave, unpacked
from .turns import Manner

if TYPE_CHECKING:
    from dbos import DBOSConfig

__all__ = ["Worker"]

T = TypeVar("T")
_SWEEP = 5.0
"""Seconds between two looks at whether another worker is gone: a third of a lease."""
_LOOKS_TO_TELL = 24  # two minutes: what DBOS cannot write, it tries again after a minute and a half at most
_LOOKS_TO_TIDY = 720  # an hour, as a rule


class Worker:
    """Carries out what is handed in to `database`, while it is open: at most `runs` runs and `steps` steps at one time.

    These numbers are those of every worker of the database: the one that was opened last says them. There can be one
    worker in a process. What carried a run is removed `keep` seconds after it has succeeded; the run itself stays in
    the journal. `tell` is told in a sentence what somebody who watches should know.
    """

    def __init__(
        self,
        kernel: Ground,
        database: str,
        *,
        runs: int = 32,
        steps: int = 32,
        limits: Limits | None = None,
        local: tuple[str, ...] = (),
        redact: tuple[str, ...] = (),
        policy: Policy | None = None,
        step_timeout: float | None = None,
        retry: Retry | None = None,
        lease: float = 15.0,
        grace: float = 5.0,
        keep: float = 7 * 24 * 60 * 60,
        tell: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        if runs < 1 or steps < 1:
            raise ValueError(f"runs and steps must be at least 1, not {runs} and {steps}")
        self.places = Places.of(database)
        self._kernel = kernel
        self._runs, self._steps = runs, steps
        self._limits = limits or Limits()
        self._redaction = Redaction(redact)
        self._tell = tell
        self._grace = grace
        self._keep = keep
        self._pause = min(_SWEEP, lease / 3)
        place = self.places.shown
        self._carrier = Carrier(self.places.carrier, place)
        self._starts = Starts(self.places.carrier, place)
        self._journal = Journal(self.places.journal, redact=redact, lease=lease)
        self._watching = Journal(self.places.journal, redact=redact, lease=lease)  # for other threads
        self._road = Road(
            carrier=self._carrier,
            collector=Collector(self._carrier),
            starts=self._starts,
            limits=self._limits,
            local=local,
            redact=redact,
            step_timeout=step_timeout,
        )
        manner = Manner(concurrency=256, retry=retry or Retry(), policy=policy or Policy())
        self._releasing = Releasing(self._carrier, self._watching)
        self._coordinating = Coordinating(
            kernel, self._journal, self._road, manner=manner, releasing=self._releasing, tell=tell
        )
        self._context = contextvars.copy_context()
        self._working: set[asyncio.Task[Message]] = set()
        self._here: set[str] = set()
        self._unknown: dict[str, int] = {}
        self._listened = self._limits
        self._sweeper: asyncio.Task[None] | None = None
        self._launched = False
        self.leaving = False

    async def __aenter__(self) -> Self:
        try:
            await asyncio.to_thread(self._prepare)
            self.name = self._journal.owner
            self._context = contextvars.copy_context()
            with explained(self.places.shown):
                self._launch()
        except BaseException:
            self._close()
            raise
        self._sweeper = asyncio.create_task(self._sweep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave: runs are given back to whoever wants them, and steps have their grace to finish."""
        self.leaving = True
        if self._sweeper:
            self._sweeper.cancel()
        await self._coordinating.leave()
        if self._working:
            await asyncio.wait(self._working, timeout=self._grace)
        for task in self._working:
            task.cancel()
        self._road.collector.close()
        await asyncio.sleep(0)
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        from dbos import DBOS

        if self._launched:
            DBOS.destroy(destroy_registry=True)
        for each in (self._carrier, self._starts, self._watching, self._journal):
            each.close()

    def _prepare(self) -> None:
        self._carrier.prepare()
        self._starts.prepare()
        self._carrier.open_queue(RUNS, each=self._runs)
        self._carrier.open_queue(STEPS, each=self._steps)
        for limit in self._limits:
            self._carrier.open_queue(queue_of(limit), limit=limit)
        known = {limit.name for limit in self._limits}
        former = [each for each in map(limit_of, self._carrier.filled()) if each and each.name not in known]
        for limit in former:  # what waits there waits for a limit that is no more
            self._carrier.open_queue(queue_of(limit), each=self._steps)
        self._listened = Limits(*self._limits, *former)

    def _launch(self) -> None:
        """Let DBOS bring work to this event loop, from the queues of functions that are here."""
        from dbos import DBOS

        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self.places.carrier,
            "application_version": VERSION,
            "executor_id": self.name,
            "serializer": json_only(),
            "log_level": "CRITICAL",
            "run_migrations": False,
            "scheduler_polling_interval_sec": 3600.0,
        }
        if DBOS(config=config).executor_id != self.name:
            raise EngineError(self.places.shown, "DBOS is at work in this process already", "start a process for it")
        self._launched = True
        for name, body in ((TURN, self._coordinating.turn), (STEP, self._step)):
            DBOS.workflow(name=name)(self._body(body))
        here = [each.full_name for each in self._kernel.skills]
        queues = {queue_of(limit) for limit in self._listened if any(map(Limits(limit).of, here))}
        DBOS.listen_queues([RUNS, STEPS, *queues])
        DBOS.launch()

    def _body(
        self, do: Callable[[Mapping[str, object]], Coroutine[object, object, Message]]
    ) -> Callable[[Mapping[str, object]], Awaitable[Message]]:
        """Return what DBOS calls: it does the work in a context of its own, in which nothing of DBOS is known."""

        async def body(work: Mapping[str, object]) -> Message:
            task = asyncio.get_running_loop().create_task(do(work), context=self._context.copy())
            self._working.add(task)
            task.add_done_callback(self._working.discard)
            self._here.add(id_ := str(work["id"]))
            try:
                return await task
            finally:
                self._here.discard(id_)

        return body

    async def _step(self, work: Mapping[str, object]) -> Message:
        """Carry out one dispatch of a step, and say what it gave, or why it did not."""
        id_, name = str(work["id"]), str(work["function"])
        if self.leaving:
            return {"refused": "it is leaving"}
        callee = self._bound(name, str(work["digest"]))
        if isinstance(callee, str):
            self._tell(f"step {id_} is not done here: {callee}")
            return {"refused": callee}
        arguments = unpacked(callee.signature, cast("Mapping[str, object]", work["arguments"]))
        token = secrets.token_hex(8)
        if not await self._road.surely(lambda: self._starts.start(id_, token)):
            return {"void": True}
        step_place.set(tuple(cast("list[str]", work["place"])))
        task = asyncio.current_task()
        assert task is not None
        try:
            output = await in_time(callee, arguments, cast("float | None", work["timeout"]))
        except asyncio.CancelledError:
            if task.cancelling():
                raise
            return failed(FunctionError(name, "it was cancelled from inside"), self._redaction)
        except Exception as error:  # foreign code ran
            return failed(error, self._redaction)
        return gave(callee.signature, output, self._redaction)

    def _bound(self, name: str, digest: str) -> Callee | str:
        """Return a function, or why it is not the one that is meant."""
        if name not in self._kernel.skills:
            return f"there is no function '{name}' here"
        if self._kernel.skills.find(name).digest() != digest:
            return f"'{name}' has another signature here"
        try:
            return self._kernel.bind(name)
        except ForethoughtError as error:
            return str(error)

    async def _sweep(self) -> None:
        """Find what workers had that are gone, and let it go on, as long as this one works."""
        for number in itertools.count():
            with contextlib.suppress(EngineError, JournalError):  # the database is gone; the next look may find it
                await asyncio.to_thread(self._look, number)
            await asyncio.sleep(self._pause)

    def _astray(self, running: Collection[Fate]) -> list[Fate]:
        """Return what this worker has, and does not do: the database was gone when it was to hear of it, or to be told.

        What has begun here, and is over, may be told yet: it is waited for a while, and not without end.
        """
        mine = [each for each in running if each.worker == self.name and each.id not in self._here]
        self._unknown = looks = {each.id: self._unknown.get(each.id, 0) + 1 for each in mine}
        return [each for each in mine if looks[each.id] > 1 and self._is_over(each, looks[each.id])]

    def _is_over(self, fate: Fate, looks: int) -> bool:
        return looks > _LOOKS_TO_TELL or self._starts.void(fate.id)

    def _look(self, number: int) -> None:
        living: dict[str, bool] = {self.name: True}

        def lives(fate: Fate) -> bool:
            worker = fate.worker or ""
            if worker not in living:
                living[worker] = self._watching.alive(worker)
            return living[worker]

        running = self._carrier.running()
        lost = [each for each in running if not lives(each)]
        self._releasing.lost([*lost, *self._astray(running)])
        for worker in {each.worker for each in lost}:
            self._tell(f"the worker {worker} is gone; what it had goes on")
        self._releasing.stranded()
        if number % _LOOKS_TO_TIDY == _LOOKS_TO_TIDY - 1:
            self._releasing.tidy(self._starts, self._watching.now() - self._keep)
