"""Items of loops that are set."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Place, Problem
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.language.nodes import ForEach

__all__ = ["assigned_item"]


def assigned_item(bound: BoundPlan) -> Iterator[Problem]:
    """Nothing inside a foreach sets its item."""
    items = {f"{each.id}.": each.node.item for each in bound.blocks if isinstance(each.node, ForEach)}
    for id_, name, place in _assignments(bound) if items else ():
        for loop in _loops(id_):
            if items.get(loop, "").lower() == name.lower():
                yield Problem(
                    code="assigned-item",
                    message=f"'{name}' is the item of the loop in step {loop[:-1]}, and cannot be set in it",
                    place=place,
                    step=id_,
                    hint="set a variable of another name",
                )
                break


def _assignments(bound: BoundPlan) -> Iterator[tuple[str, str, Place | None]]:
    for step in bound.steps_where(lambda layout: layout.sets):
        if step.step.sets:
            yield step.id, step.step.sets, step.step.sets_place or step.step.place
    for block in bound.blocks:
        node = block.node
        if isinstance(node, ForEach) and node.sets:
            yield block.id, node.sets, node.sets_place or node.place


def _loops(id_: str) -> Iterator[str]:
    """Yield the prefixes of an id: what it may stand inside of, the innermost first."""
    outer = id_.rpartition(".")[0]
    while outer:
        yield f"{outer}."
        outer = outer.rpartition(".")[0]
