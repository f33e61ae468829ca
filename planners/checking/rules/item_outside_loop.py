"""Items of loops, outside of them."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.unresolved import unresolved

__all__ = ["item_outside_loop"]


def item_outside_loop(bound: BoundPlan) -> Iterator[Problem]:
    """The item of a foreach is known inside its loop only."""
    for each in unresolved(bound):
        if each.why == "item":
            yield Problem(
                code="item-outside-loop",
                message=f"'{each.reference.name}' is the item of step {each.setter}, and is not known outside of it",
                place=each.place,
                step=each.step,
                hint=f"read it inside step {each.setter}, or collect the outputs: setContextVariable on the foreach",
            )
