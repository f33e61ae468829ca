"""Coordinating: a worker takes a run, and lets it go on until it does not by itself; its steps go to all workers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping

from forethought.kernel.errors import ForethoughtError, JournalError
from forethought.kernel.redacting import Redaction
from forethought.planners.journaling.history import Decision, History
from forethought.planners.journaling.journal import Journal
from forethought.planners.running.events import Event, RunFinished
from forethought.planners.running.preparation import Ground
from forethought.planners.running.result import RunResult

from .dispatching import Dispatching, Road
from .releasing import Releasing, priority_of
from .travelling import Message
from .turns import Manner, came_to, is_underway, take_turn

__all__ = ["Coordinating", "is_cancelled"]

_LOOK = 0.5
"""Seconds between two looks at whether somebody has cancelled a run; more where there are many runs."""
_EACH = 0.02
_DELAY, _LONGER, _LONGEST = 0.5, 1.3, 5.0
"""Seconds until a run is taken again that a worker has refused: it may be the same one."""


class Coordinating:
    """The runs that one worker coordinates."""

    def __init__(
        self,
        kernel: Ground,
        journal: Journal,
        road: Road,
        *,
        manner: Manner,
        releasing: Releasing,
        tell: Callable[[str], None],
    ) -> None:
        self._kernel = kernel
        self._journal = journal
        self._road = road
        self._manner = manner
        self._releasing = releasing
        self._tell = tell
        self._redaction = Redaction(road.redact)
        self._going: set[asyncio.Task[RunResult]] = set()
        self._leaving = False

    async def leave(self) -> None:
        """Give back all runs: what is under way for them goes on, and other workers go on with them."""
        self._leaving = True
        for task in self._going:
            task.cancel()
        if self._going:
            await asyncio.wait(self._going)

    async def turn(self, work: Mapping[str, object]) -> Message:
        """Take a turn of a run, and say what it came to."""
        run, number, priority = str(work["run"]), int(str(work["number"])), int(str(work["priority"]))
        said: Message
        try:
            said = await self._turn(run, number, priority)
        except JournalError as error:
            if self._is_removed(run):
                said = {"status": "failed", "error": str(error)}
            else:
                said = await self._refuse(run, str(error), number, priority)
        except Exception as error:  # a fault of ours: the run is taken up again
            what = f"run {run} broke off: {type(error).__name__}"
            self._tell(self._redaction.text(f"{what}: {error}"))
            raise RuntimeError(what) from error
        shown = said.get("error")
        return {**said, "error": self._redaction.text(shown)} if isinstance(shown, str) else said

    async def _turn(self, run: str, number: int, priority: int) -> Message:
        history = self._journal.history(run)
        if not history.due and (said := came_to(history, self._kernel.skills)):
            return said
        if refused := "it is leaving" if self._leaving else self._lacks(history):
            if is_cancelled(history.decisions):  # it would have to begin to end
                self._journal.settle(run, "abandoned")
                return {"status": "cancelled", "error": None}
            return await self._refuse(run, refused, number, priority)
        try:
            result = await self._go_on(run)
        except JournalError:
            if self._journal.history(run).row.status != "running":
                raise
            return {"status": "busy"}  # whoever has it looks at what was said once it is over
        except asyncio.CancelledError:
            await self._road.surely(lambda: self._releasing.release(run, priority))
            if not self._leaving:
                raise
            return {"status": "left"}
        except ForethoughtError as error:  # nothing has run
            return await self._refuse(run, str(error), number, priority)
        doubtful = [step.id for step in result.steps if step.status == "in_doubt"]
        return {"status": result.status, "error": result.error, "doubts": doubtful}

    async def _refuse(self, run: str, reason: str, number: int, priority: int) -> Message:
        """Give a run back: this worker cannot go on with it, and another one may be able to."""
        self._tell(f"run {run} does not go on here: {reason}")
        delay = min(_DELAY * _LONGER ** (number - 1), _LONGEST)
        await self._road.surely(lambda: self._releasing.release(run, priority, delay=delay))
        return {"status": "refused", "error": reason}

    def _is_removed(self, run: str) -> bool:
        with contextlib.suppress(JournalError):
            return not self._journal.has(run)
        return False

    def _lacks(self, history: History) -> str | None:
        """Say what this worker lacks for a run: a function that was agreed to is not here, or not as it was."""
        for name, digest in history.functions.items():
            if name not in self._kernel.skills:
                return f"there is no function '{name}' here"
            if self._kernel.skills.find(name).digest() != digest:
                return f"'{name}' has another signature here than when the run was handed in"
        return None

    async def _go_on(self, run: str) -> RunResult:
        """Take turns until nothing more was said of the run meanwhile, and the journal has what it came to."""
        while True:
            said = self._journal.decisions(run)
            result = await self._once(run, said)
            lost = result.status != "in_doubt" and self._journal.history(run).row.status == "interrupted"
            news = self._journal.decisions(run)[len(said) :]
            if not lost and (result.status == "succeeded" or all(each.kind == "cancelled" for each in news)):
                return result

    async def _once(self, run: str, said: list[Decision]) -> RunResult:
        """Let a run go on; one that is cancelled gives the result that it came to."""
        history, stop, ended = self._journal.history(run), asyncio.Event(), list[RunResult]()
        if is_cancelled(said):
            stop.set()
        ground = Dispatching(self._kernel, run, self._road, history.entries, priority=priority_of(history))

        def listen(event: Event) -> None:
            ground.listen(event)
            if isinstance(event, RunFinished) and event.result:
                ended.append(event.result)

        task = asyncio.create_task(
            take_turn(
                run,
                ground,
                self._journal,
                self._manner,
                stop=stop,
                underway=is_underway,
                listen=(listen,),
            )
        )
        self._going.add(task)
        watching = asyncio.create_task(self._watch(run, len(said), ground, stop, task))
        try:
            return await task
        except asyncio.CancelledError:
            if self._leaving or not (stop.is_set() and ended):
                raise
            return ended[-1]
        finally:
            watching.cancel()
            self._going.discard(task)

    async def _watch(
        self, run: str, said: int, ground: Dispatching, stop: asyncio.Event, task: asyncio.Task[RunResult]
    ) -> None:
        """Let a run end once somebody has cancelled it: what no worker has begun is not waited for."""
        while not stop.is_set():
            await asyncio.sleep(max(_LOOK, _EACH * len(self._going)))
            with contextlib.suppress(JournalError):  # the next look may find it
                decisions = await asyncio.to_thread(self._releasing.journal.decisions, run)
                if any(each.kind == "cancelled" for each in decisions[said:]):
                    stop.set()
        while not task.done():
            if await ground.withdraw():
                task.cancel()
            await asyncio.sleep(_LOOK)


def is_cancelled(decisions: Iterable[Decision]) -> bool:
    """Say whether somebody has cancelled a run, and nobody has let it go on since."""
    said = [each.kind for each in decisions if each.kind in ("cancelled", "submitted")]
    return bool(said) and said[-1] == "cancelled"
