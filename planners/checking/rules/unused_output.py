"""Calls made for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.bound import BoundPlan, Layout
from forethought.planners.checking.uses import uses

__all__ = ["unused_output"]


def unused_output(bound: BoundPlan) -> Iterator[Problem]:
    """A step that changes nothing is there for its output: somebody reads it, or it is part of the result."""
    used = uses(bound)
    needed = used.chained | used.read | used.ending
    for step in bound.steps_where(_for_output):
        if step.signature and step.id not in needed:
            yield Problem(
                code="unused-output",
                message=f"nobody uses the output of '{step.signature.full_name}'",
                severity=Severity.WARNING,
                place=step.step.place,
                step=step.id,
                hint="set a variable and read it, append it to the result, or leave the step out",
            )


def _for_output(layout: Layout) -> bool:
    if layout.signature is None or layout.sets or layout.appends:
        return False
    return not layout.signature.effect.writes
