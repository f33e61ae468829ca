"""Plans too long to be meant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.language.grammar import MAX_STEPS

__all__ = ["too_many_steps"]


def too_many_steps(bound: BoundPlan) -> Iterator[Problem]:
    """A plan has at most 10,000 steps, and each block counts as one."""
    count = len(bound.steps) + len(bound.blocks)
    if count > MAX_STEPS:
        id_, node = next(islice(bound.plan.nodes(), MAX_STEPS, None))
        yield Problem(
            code="too-many-steps",
            message=f"the plan has {count:,} steps, and {MAX_STEPS:,} are the most that is allowed",
            place=node.place,
            step=id_,
            hint="divide it into several plans",
        )
