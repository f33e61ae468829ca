"""Items of loops that hide something."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.language.nodes import ForEach

__all__ = ["hidden_variable"]


def hidden_variable(bound: BoundPlan) -> Iterator[Problem]:
    """The item of a loop has a name of its own: it hides no input, and no item of a loop around it."""
    items = {each.id: each.node.item.lower() for each in bound.blocks if isinstance(each.node, ForEach)}
    for block in bound.blocks:
        node = block.node
        if isinstance(node, ForEach):
            name, outer = node.item.lower(), block.id.rpartition(".")[0]
            while outer and items.get(outer) != name:
                outer = outer.rpartition(".")[0]
            if outer or name in bound.outside:
                what = f"the item of step {outer}" if outer else "the variable of that name"
                yield Problem(
                    code="hidden-variable",
                    message=f"the item '{node.item}' hides {what} inside the loop",
                    severity=Severity.WARNING,
                    place=node.item_place or node.place,
                    step=block.id,
                    hint="give it another name",
                )
