"""Repairing: a run that failed goes on with a new end, if somebody finds one and somebody agrees to it."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
from collections.abc import Awaitable, Callable

from forethought.kernel.calling import reason_of
from forethought.kernel.errors import ForethoughtError, PlanError
from forethought.kernel.registry import SkillRegistry
from forethought.planners.scheduling.scheduling import schedule

from .patch import Agree, Patch, Replanner
from .result import RunResult

__all__ = ["Repairing"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Repairing:
    """How a failed run is repaired: by whose patches, how many there may be, and who agrees to each.

    Without `agree`, every patch runs, but where the plan was `approved`: that approval was for the old plan, so that a
    new end may do nothing that somebody should agree to. Once `stop` is set, nothing more is tried.
    """

    planner: Replanner
    most: int
    agree: Agree | None
    approved: bool
    skills: SkillRegistry
    stop: asyncio.Event

    async def repair(self, result: RunResult, go_on: Callable[[Patch, str], Awaitable[RunResult]]) -> RunResult:
        """Repair `result` until it is no failure; what was tried is in `patches`.

        `go_on` runs a patch of the run of this id.

        Where no patch can run, the result is that of the failed run: nothing is lost.
        """
        patches: list[Patch] = []
        while result.status == "failed" and len(patches) < self.most and not self.stop.is_set():
            patch = await self._patch(result)
            if not patch.reason:
                try:
                    result = await go_on(patch, result.run)
                    patch = dataclasses.replace(patch, taken=True)
                except ForethoughtError as error:  # nothing has run
                    patch = dataclasses.replace(patch, reason=f"the new plan cannot run: {error}")
            patches.append(patch)
            if not patch.taken:
                break
        return dataclasses.replace(result, patches=tuple(patches))

    async def _patch(self, result: RunResult) -> Patch:
        """Return a patch that may run, or why there is none."""
        try:
            patch = await self.planner.replan(result)
        except Exception as error:  # a model does not answer, or foreign code ran
            reason = f"no new plan could be made: {reason_of(error)}"
            return Patch(old=result.plan, error=result.error, plan=None, reason=reason)
        if patch.plan is None:
            return patch if patch.reason else dataclasses.replace(patch, reason="there is no new plan")
        try:
            refused = await self._refused(patch, result)
        except PlanError as error:
            refused = f"the new plan cannot run: {error}"
        return dataclasses.replace(patch, reason=refused)

    async def _refused(self, patch: Patch, result: RunResult) -> str:
        """Say why a patch may not run; empty where it may."""
        if self.agree is not None:
            agreed = self.agree(patch)
            return "" if (await agreed if inspect.isawaitable(agreed) else agreed) else "nobody agreed to the new plan"
        if not self.approved or patch.plan is None:
            return ""
        new = schedule(patch.plan, self.skills, variables=result.given)
        for step in new.steps:
            if step.signature.has_effects and patch.is_new(step.id):
                name = step.signature.full_name
                return f"the approval was for the old plan, and step {step.id} of the new one, {name}, has effects"
        return ""
