"""Calls made for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.binding import BoundPlan
from forethought.planners.checking.references import uses

__all__ = ["unused_output"]


def unused_output(bound: BoundPlan) -> Iterator[Problem]:
    """A step that changes nothing is there for its output: somebody reads it, or it is part of the result."""
    used = uses(bound)
    for step in bound.steps[:-1]:
        if step.signature is None or step.signature.effect.writes or step.step.sets or step.step.appends:
            continue
        if step.id not in used.chained:
            yield Problem(
                code="unused-output",
                message=f"nobody uses the output of '{step.signature.full_name}'",
                severity=Severity.WARNING,
                place=step.step.place,
                step=step.id,
                hint="set a variable and read it, append it to the result, or leave the step out",
            )
