"""StepwisePlanner: a thought, one step, what it gave, and the next one, until the goal is reached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Protocol

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import JournalError
from forethought.kernel.functions import Usage

from .journaling.journal import Journal
from .journaling.stepwise import OneRun, standing
from .language.nodes import Plan
from .planning import GetAvailableFunctions, Options, PlanningKernel, make_offer, of_ours
from .running.events import Listener
from .running.patch import Agree, Patch
from .running.preparation import Ground
from .running.result import RunResult
from .running.retries import Retry
from .running.runner import new_id, run
from .steps import Limits, Steps, StepwiseResult

if TYPE_CHECKING:
    from forethought.kernel.memory.embedder import Embedder

__all__ = ["StepwiseKernel", "StepwisePlanner", "StepwiseResult"]

_RETRY = Retry()


class StepwiseKernel(PlanningKernel, Ground, Protocol):
    """What this planner needs of a kernel: that it can be planned over and run on."""


class StepwisePlanner:
    """Reaches a goal step by step: each step is checked, agreed to where it has effects, run, and observed.

    The options are those of SequentialPlanner, under the same names. At most `max_steps` steps are taken, in about
    `max_seconds`, for about `max_total_tokens` of all models together: no step begins after that.
    """

    def __init__(
        self,
        kernel: StepwiseKernel,
        *,
        relevancy_threshold: float | None = None,
        max_relevant_functions: int = 100,
        excluded_plugins: Collection[str] = (),
        excluded_functions: Collection[str] = (),
        included_functions: Collection[str] = (),
        max_tokens: int = 2048,
        get_available_functions: GetAvailableFunctions | None = None,
        max_repairs: int = 2,
        embedder: Embedder | str | None = "local",
        max_steps: int = 20,
        max_seconds: float | None = None,
        max_total_tokens: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        of_ours(kernel)
        self._kernel = kernel
        self._options = Options(
            relevancy_threshold=relevancy_threshold,
            max_relevant_functions=max_relevant_functions,
            excluded_plugins=excluded_plugins,
            excluded_functions=excluded_functions,
            included_functions=included_functions,
            max_tokens=max_tokens,
            get_available_functions=get_available_functions,
            max_repairs=max_repairs,
            embedder=embedder,
        )
        for option, given in (("max_steps", max_steps), ("max_total_tokens", max_total_tokens)):
            if given is not None and given < 1:
                raise ValueError(f"{option} must be at least 1, not {given}")
        if max_seconds is not None and max_seconds <= 0:
            raise ValueError(f"max_seconds must be more than 0, not {max_seconds}")
        self._limits = Limits(max_steps, max_seconds, max_total_tokens, clock)

    async def run(
        self,
        goal: str,
        *,
        inputs: Mapping[str, object] | None = None,
        agree: Agree | None = None,
        journal: Journal | None = None,
        listen: Listener | Sequence[Listener] = (),
        stop: asyncio.Event | None = None,
        step_timeout: float | None = None,
        retry: Retry = _RETRY,
    ) -> StepwiseResult:
        """Reach `goal`, or return what was done and why that was not enough.

        `inputs` are variables, by name: the model sees their names. `agree` is shown, as a patch of what was done so
        far, every step that writes, destroys or reaches the open world; without it, no such step is run. Each step
        has its own start and end of the run among the events, and takes over those before it; in the `journal`, all are
        one run, which `resume` goes on with. Once `stop` is set, no further step begins. Raises ModelError where the
        model cannot answer the first question.
        """
        goal = goal.strip()
        if not goal:
            raise ValueError("the goal is empty")
        given = self._kernel.variables.with_variables(inputs or {})
        id_ = new_id()
        kept = OneRun(journal, id_, max_steps=self._limits.steps) if journal else None
        how = _How(id_, kept, listen, stop or asyncio.Event(), agree, step_timeout, retry)
        return await self._reach(_nothing(goal, given), None, how)

    async def resume(
        self,
        run: str,
        *,
        journal: Journal,
        inputs: Mapping[str, object] | None = None,
        agree: Agree | None = None,
        listen: Listener | Sequence[Listener] = (),
        stop: asyncio.Event | None = None,
        step_timeout: float | None = None,
        retry: Retry = _RETRY,
    ) -> StepwiseResult:
        """Go on with a goal that was broken off: what is finished is read, and the model is asked for the next step.

        A step that had started and left no end is run first, where that does no harm, or somebody has said so; any
        other is in doubt: nothing runs, and the status of the result's `run` is *in_doubt*. The limits count anew.
        Raises JournalError where another process runs it, or the run is no such goal.
        """
        with journal.claim(run) as claim:
            history = claim.history
            result, open_ = await standing(claim, self._kernel, inputs or {}, f"'{journal.path}'")
            if result.status == "in_doubt":
                said = result.error or ""
                return StepwiseResult(
                    goal=history.row.goal, run=result, answer="", reason=said, attempts=(), usage=Usage()
                )
            kept = OneRun(journal, history.id, begun=True)
            how = _How(history.id, kept, listen, stop or asyncio.Event(), agree, step_timeout, retry)
            return await self._reach(result, open_, how)

    async def _reach(self, start: RunResult, open_: Patch | None, how: _How) -> StepwiseResult:
        """Reach the goal of a plan, from what was done of it."""
        offer = await make_offer(self._kernel, start.plan.goal, self._options)

        def go_on(patch: Patch, *, quiet: bool = False) -> Awaitable[RunResult]:
            assert patch.plan
            return run(
                patch.plan,
                self._kernel,
                inputs=start.given,
                finished=patch.finished,
                journal=None if quiet else how.kept,
                listen=() if quiet else how.listen,
                stop=None if quiet else how.stop,
                step_timeout=how.step_timeout,
                retry=how.retry,
                ids=lambda: how.run,
            )

        steps = Steps(offer, start, self._limits, how.stop, agree=how.agree, go_on=go_on)
        try:
            result = await steps.take(open_)
        except BaseException:
            if how.kept:
                with suppress(JournalError):
                    how.kept.end(steps.broken_off())
            raise
        if how.kept:
            how.kept.end(result.run)
        return result


class _How(NamedTuple):
    """How steps are run: as which run, kept by whom, told to whom, until when, agreed to by whom."""

    run: str
    kept: OneRun | None
    listen: Listener | Sequence[Listener]
    stop: asyncio.Event
    agree: Agree | None
    step_timeout: float | None
    retry: Retry


def _nothing(goal: str, given: ContextVariables) -> RunResult:
    """Return the run in which nothing was done yet."""
    plan, error = Plan(goal), "nothing was done"
    return RunResult(
        run="",
        status="failed",
        value=None,
        results={},
        variables=given,
        steps=(),
        usage=Usage(),
        error=error,
        plan=plan,
        given=given,
    )
