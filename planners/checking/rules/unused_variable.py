"""Variables set for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.naming import is_name
from forethought.planners.checking.references import uses

__all__ = ["unused_variable"]


def unused_variable(bound: BoundPlan) -> Iterator[Problem]:
    """A variable that a step sets is read by a later one.

    Where the output is used in another way, or the step has an effect, that is only a notice.
    """
    used = uses(bound)
    last = bound.steps[-1].id if bound.steps else ""
    for step in [each for each in bound.steps_where(lambda layout: layout.sets) if each.id not in used.read]:
        if not step.step.sets or not is_name(step.step.sets):
            continue
        effect = step.signature is None or step.signature.effect.writes
        needed = step.id in used.chained or step.step.appends or step.id == last or effect
        yield Problem(
            code="unused-variable",
            message=f"nobody reads '{step.step.sets}' as this step sets it",
            severity=Severity.NOTICE if needed else Severity.WARNING,
            place=step.step.sets_place or step.step.place,
            step=step.id,
            hint=f"write '${step.step.sets}' where it is meant, or leave setContextVariable out",
        )
