"""Plans too long to be meant."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.language.grammar import MAX_STEPS

__all__ = ["too_many_steps"]


def too_many_steps(bound: BoundPlan) -> Iterator[Problem]:
    """A plan has at most 10,000 steps."""
    if len(bound.steps) > MAX_STEPS:
        first = bound.steps[MAX_STEPS]
        yield Problem(
            code="too-many-steps",
            message=f"the plan has {len(bound.steps):,} steps, and {MAX_STEPS:,} are the most that is allowed",
            place=first.step.place,
            step=first.id,
            hint="divide it into several plans",
        )
