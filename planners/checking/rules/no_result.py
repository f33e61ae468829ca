"""Plans without a value."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.bound import BoundPlan, BoundStep
from forethought.planners.checking.uses import uses

__all__ = ["no_result"]


def no_result(bound: BoundPlan) -> Iterator[Problem]:
    """A plan has a value: what its steps append to the result, or the output of its last step.

    Where the last step has an effect, the plan may be there for that, and it is only a notice.
    """
    if any(step.step.appends for step in bound.steps_where(lambda layout: layout.appends)):
        return
    used = uses(bound)
    last = [step for step in bound.steps if step.id in used.ending]
    if last and all(step.signature and step.returns.kind == "null" for step in last):
        name = last[-1].signature.full_name if last[-1].signature else ""
        yield Problem(
            code="no-result",
            message=f"the plan has no value, for its last step '{name}' returns nothing",
            severity=Severity.NOTICE if any(_writes(step) for step in last) else Severity.WARNING,
            place=last[-1].step.place,
            step=last[-1].id,
            hint='write appendToResult="RESULT" on the step whose output is the result',
        )


def _writes(step: BoundStep) -> bool:
    return step.signature is not None and bool(step.signature.effect.writes)
