"""Arguments given twice."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan

__all__ = ["duplicate_argument"]


def duplicate_argument(bound: BoundPlan) -> Iterator[Problem]:
    """A step gives each argument once."""
    for step in bound.steps_where(lambda layout: layout.repeated):
        seen: set[str] = set()
        for argument in step.step.arguments:
            key = argument.name.lower()
            if key in seen:
                yield Problem(
                    code="duplicate-argument",
                    message=f"the argument '{argument.name}' is given twice",
                    place=argument.place or step.step.place,
                    step=step.id,
                    hint="keep one of them",
                )
            seen.add(key)
