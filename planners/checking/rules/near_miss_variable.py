"""Variables that are misspelled inside text."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.unresolved import unresolved

__all__ = ["near_miss_variable"]


def near_miss_variable(bound: BoundPlan) -> Iterator[Problem]:
    """A reference inside text that names no variable is not almost the name of one: it would stay text unnoticed."""
    for each in unresolved(bound):
        if each.why == "near":
            source = each.reference.source
            yield Problem(
                code="near-miss-variable",
                message=f"there is no variable '{each.reference.name}', but one that is almost named so",
                place=each.place,
                step=each.step,
                hint=f"did you mean '${each.meant}'? If it is text, write '${source}'",
            )
