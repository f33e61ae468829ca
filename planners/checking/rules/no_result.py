"""Plans without a value."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.bound import BoundPlan

__all__ = ["no_result"]


def no_result(bound: BoundPlan) -> Iterator[Problem]:
    """A plan has a value: what its steps append to the result, or the output of its last step.

    Where the last step has an effect, the plan may be there for that, and it is only a notice.
    """
    if not bound.steps or any(step.step.appends for step in bound.steps_where(lambda layout: layout.appends)):
        return
    last = bound.steps[-1]
    if last.signature and last.returns.kind == "null":
        yield Problem(
            code="no-result",
            message=f"the plan has no value, for its last step '{last.signature.full_name}' returns nothing",
            severity=Severity.NOTICE if last.signature.effect.writes else Severity.WARNING,
            place=last.step.place,
            step=last.id,
            hint='write appendToResult="RESULT" on the step whose output is the result',
        )
