"""Inputs declared for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.naming import is_name
from forethought.planners.checking.uses import uses

__all__ = ["unused_input"]


def unused_input(bound: BoundPlan) -> Iterator[Problem]:
    """A declared input is read by a step."""
    used = uses(bound).outside
    for each in bound.plan.inputs if bound.steps else ():
        if is_name(each.name) and each.name.lower() not in used:
            yield Problem(
                code="unused-input",
                message=f"nobody reads the input '{each.name}'",
                severity=Severity.WARNING,
                place=each.place,
                hint=f"write '${each.name}' where it is meant, or leave the input out",
            )
