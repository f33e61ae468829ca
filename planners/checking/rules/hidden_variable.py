"""Items of loops that hide something."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.items import around
from forethought.planners.language.nodes import ForEach, Step

__all__ = ["hidden_variable"]


def hidden_variable(bound: BoundPlan) -> Iterator[Problem]:
    """The item of a loop has a name of its own: no input has it, no step before, and no loop around."""
    items: dict[str, str] = {}
    known = set(bound.outside)
    for id_, node in bound.plan.nodes() if bound.blocks else ():
        if isinstance(node, ForEach):
            name = items[id_] = node.item.lower()
            loop = next((outer for outer in around(id_) if items.get(outer) == name), None)
            if loop or name in known:
                what = f"the item of step {loop}" if loop else "the variable of that name"
                yield Problem(
                    code="hidden-variable",
                    message=f"the item '{node.item}' hides {what} inside the loop",
                    severity=Severity.WARNING,
                    place=node.item_place or node.place,
                    step=id_,
                    hint="give it another name",
                )
        if isinstance(node, Step | ForEach) and node.sets:
            known.add(node.sets.lower())
