"""Patch: a new end for a run that did not come to its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from forethought.kernel.functions import Usage
from forethought.planners.language.comparing import Change, compare
from forethought.planners.language.nodes import Plan, numbered

from .result import RunResult, StepRecord

__all__ = ["Agree", "Patch", "Replanner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A plan that begins with what a run has finished and ends in a new way; nothing of it has run yet.

    `old` is the plan that ran, and `error` what it failed of. `plan` is the new one: its first `kept` steps and blocks
    are those that are finished, `finished` their records under the ids that they have in it. Where there is no new
    plan, it is None; where there is none, or it was not `taken`, `reason` says why in one sentence. `usage` is what
    models spent on it.
    """

    old: Plan
    error: str | None
    plan: Plan | None
    reason: str = ""
    kept: int = 0
    finished: tuple[StepRecord, ...] = ()
    usage: Usage = Usage()
    taken: bool = False

    @property
    def changes(self) -> tuple[Change, ...]:
        """What changes from the old plan to the new one; nothing where there is none."""
        return compare(self.old, self.plan) if self.plan else ()

    def is_new(self, id_: str) -> bool:
        """Say whether the step or block of this id in the new plan is part of its new end."""
        nodes = self.plan.steps if self.plan else ()
        tail = [each for each, _ in numbered(nodes)][self.kept :]
        return bool(tail) and int(id_.partition(".")[0].partition("[")[0]) >= int(tail[0])

    def as_json(self) -> dict[str, object]:
        """Return the patch as an item of `patches` in `run --json`."""
        xml = self.plan.to_xml() if self.plan else None
        return {"error": self.error, "taken": self.taken, "reason": self.reason or None, "plan": xml}


class Replanner(Protocol):
    """Whoever finds a new end for a run, a `SequentialPlanner` as a rule."""

    async def replan(self, run: RunResult, /) -> Patch:
        """Return a patch for a run that failed; its `plan` is None where there is no other way."""
        ...


Agree = Callable[[Patch], "bool | Awaitable[bool]"]
"""Whoever says whether a patch may run."""
