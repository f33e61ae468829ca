"""Items: the variables of loops, and who sets one in spite of that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from forethought.kernel.problems import Place
from forethought.planners.language.nodes import ForEach

from .bound import BoundPlan

__all__ = ["SetItem", "around", "assignments", "set_items"]


class SetItem(NamedTuple):
    """A node (`step`) inside a `loop` that sets the loop's item."""

    step: str
    loop: str
    name: str
    place: Place | None


def assignments(bound: BoundPlan) -> Iterator[tuple[str, str, Place | None]]:
    """Yield the nodes that set a variable, with its name and where that stands: the steps, and then the loops."""
    for step in bound.steps_where(lambda layout: layout.sets):
        if step.step.sets:
            yield step.id, step.step.sets, step.step.sets_place or step.step.place
    for block in bound.blocks:
        node = block.node
        if isinstance(node, ForEach) and node.sets:
            yield block.id, node.sets, node.sets_place or node.place


def set_items(bound: BoundPlan) -> Sequence[SetItem]:
    """Return the nodes that set the item of a loop around them."""
    items = {each.id: each.node.item.lower() for each in bound.blocks if isinstance(each.node, ForEach)}
    found: list[SetItem] = []
    for id_, name, place in assignments(bound) if items else ():
        loop = next((outer for outer in around(id_) if items.get(outer) == name.lower()), None)
        if loop:
            found.append(SetItem(id_, loop, name, place))
    return found


def around(id_: str) -> Iterator[str]:
    """Yield the ids that a node stands inside of, the innermost first; that of an `<else>` is no block's."""
    outer = id_.rpartition(".")[0]
    while outer:
        yield outer
        outer = outer.rpartition(".")[0]
