"""Items of loops that are set."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.items import set_items

__all__ = ["assigned_item"]


def assigned_item(bound: BoundPlan) -> Iterator[Problem]:
    """Nothing inside a foreach sets its item."""
    for each in set_items(bound):
        yield Problem(
            code="assigned-item",
            message=f"'{each.name}' is the item of the loop in step {each.loop}, and cannot be set in it",
            place=each.place,
            step=each.step,
            hint="set a variable of another name",
        )
