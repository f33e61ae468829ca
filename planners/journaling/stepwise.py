"""Stepwise: a goal that is reached step by step is one run in the journal, however many plans it goes through."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from forethought.kernel.errors import JournalError
from forethought.planners.running.events import Event, RunFinished, RunStarted
from forethought.planners.running.patch import Patch
from forethought.planners.running.preparation import Ground, prepare
from forethought.planners.running.result import RunResult

from .history import History
from .journal import Claim, Journal
from .resuming import given_to, in_doubt, refuse_ended, stands

__all__ = ["OneRun", "Standing", "standing"]


class OneRun:
    """Keeps runs of longer and longer plans as the one run of this id; it has not ended before `end` says so.

    `max_steps` are kept with it, for whoever goes on with it.
    """

    def __init__(
        self,
        journal: Journal,
        run: str,
        *,
        max_steps: int = 0,
        begun: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.run = run
        self._journal = journal
        self._max_steps = max_steps
        self._begun = begun
        self._clock = clock

    def __call__(self, event: Event, /) -> None:
        if isinstance(event, RunFinished):
            return
        self._journal(event)
        if isinstance(event, RunStarted) and not self._begun:
            self._begun = True
            self._journal.settle(self.run, "stepwise", max_steps=self._max_steps)

    def end(self, result: RunResult) -> None:
        """Keep what all came to; nothing where nothing has begun."""
        if self._begun:
            self._journal(RunFinished(self.run, self._clock(), result.status, result.usage, result))


class Standing(NamedTuple):
    """How a run stands: `open` is what it has begun and not finished, to be run first; None where there is nothing.

    The status of `result` is *in_doubt* where somebody must say first what has happened.
    """

    result: RunResult
    open: Patch | None


async def standing(claim: Claim, kernel: Ground, inputs: Mapping[str, object], place: str) -> Standing:
    """Return how a run stands that was reached step by step; raises JournalError for one that does not go on."""
    history = claim.history
    _refuse(history, place)
    given = given_to(history, inputs)
    prepared = prepare(history.plan, kernel, given)
    finished, doubtful = await stands(claim, prepared.schedule, kernel, changed=True)
    if doubtful:
        return Standing(history.result("in_doubt", in_doubt(doubtful), [each.id for each in doubtful]), None)
    records = {each.id: each for each in finished}
    result = history.result("failed", "it was broken off")
    steps = tuple(records.get(each.id, each) for each in result.steps)
    result = dataclasses.replace(result, steps=steps, given=given)
    again = any(past.open and past.id not in records for past in history.steps.values())
    patch = Patch(old=history.plan, error=None, plan=history.plan, finished=tuple(finished))
    return Standing(result, patch if again else None)


def _refuse(history: History, place: str) -> None:
    refuse_ended(history, place)
    if history.stepwise is None:
        reason = f"'{history.id}' is the run of a plan, and was not reached step by step"
        raise JournalError(place, reason, f"forethought resume {history.id}, or in Python resume('{history.id}', ...)")
    if history.hides:
        reason = f"the steps of '{history.id}' have secrets in their text, which are not kept"
        raise JournalError(place, reason, "start it anew")
