"""Variables that are read too early."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.references import reference_place, unresolved

__all__ = ["variable_used_before_set"]


def variable_used_before_set(bound: BoundPlan) -> Iterator[Problem]:
    """A variable is read only after a step has set it."""
    for each in unresolved(bound):
        if each.why == "early":
            name, itself = each.reference.name, each.setter == each.step.id
            yield Problem(
                code="variable-used-before-set",
                message=f"'{name}' is read before "
                + ("this very step sets it" if itself else f"step {each.setter} sets it"),
                place=reference_place(bound.plan, each.argument, each.reference) or each.step.step.place,
                step=each.step.id,
                hint=None if itself else f"put step {each.setter} before step {each.step.id}",
            )
