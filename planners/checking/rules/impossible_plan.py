"""Plans that say no."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.bound import BoundPlan

__all__ = ["impossible_plan"]


def impossible_plan(bound: BoundPlan) -> Iterator[Problem]:
    """A plan without steps is an answer: the functions cannot reach the goal, for the reason it gives."""
    if bound.plan.impossible:
        reason = f": {bound.plan.reason}" if bound.plan.reason else ""
        yield Problem(
            code="impossible-plan",
            message=f"the plan says that the goal cannot be reached{reason}",
            severity=Severity.NOTICE,
            place=bound.plan.place,
            hint="`forethought skills list` shows what there is; add a pack, or change the goal",
        )
