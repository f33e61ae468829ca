"""Variables that are read too early."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.unresolved import unresolved

__all__ = ["variable_used_before_set"]


def variable_used_before_set(bound: BoundPlan) -> Iterator[Problem]:
    """A variable is read only after a step has set it."""
    for each in unresolved(bound):
        if each.why == "early":
            name, itself = each.reference.name, each.setter == each.step
            yield Problem(
                code="variable-used-before-set",
                message=f"'{name}' is read before "
                + ("this very step sets it" if itself else f"step {each.setter} sets it"),
                place=each.place,
                step=each.step,
                hint=None if itself else _way_out(each.setter, each.step),
            )


def _way_out(setter: str, step: str) -> str:
    """Return what to do: a step may only be moved where nothing decides whether it runs."""
    together = setter.rpartition(".")[0] == step.rpartition(".")[0]
    return f"put step {setter} before step {step}" if together else f"set it before step {step}"
