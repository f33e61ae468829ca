"""Variables set for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Place, Problem, Severity
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.items import set_items
from forethought.planners.checking.naming import is_name
from forethought.planners.checking.uses import uses
from forethought.planners.language.nodes import ForEach

__all__ = ["unused_variable"]


def unused_variable(bound: BoundPlan) -> Iterator[Problem]:
    """A variable that a step sets is read by a later one, and the item of a loop in its body.

    Where the output is used in another way, or the step has an effect, that is only a notice.
    """
    used = uses(bound)
    needed = used.chained | used.ending
    known = used.read | {each.step for each in set_items(bound)}
    for step in [each for each in bound.steps_where(lambda layout: layout.sets) if each.id not in known]:
        effect = step.signature is None or step.signature.effect.writes
        useful = bool(step.id in needed or step.step.appends or effect)
        yield from _unread(step.id, step.step.sets, step.step.sets_place or step.step.place, useful=useful)
    for block in bound.blocks:
        node = block.node
        if isinstance(node, ForEach):
            if node.sets and block.id not in known:
                yield from _unread(block.id, node.sets, node.sets_place or node.place, useful=True)
            if is_name(node.item) and block.id not in used.items:
                yield Problem(
                    code="unused-variable",
                    message=f"nobody in this loop reads its item '{node.item}'",
                    severity=Severity.WARNING,
                    place=node.item_place or node.place,
                    step=block.id,
                    hint=f"write '${node.item}' where it is meant",
                )


def _unread(id_: str, name: str | None, place: Place | None, *, useful: bool) -> Iterator[Problem]:
    if name and is_name(name):
        yield Problem(
            code="unused-variable",
            message=f"nobody reads '{name}' as this step sets it",
            severity=Severity.NOTICE if useful else Severity.WARNING,
            place=place,
            step=id_,
            hint=f"write '${name}' where it is meant, or leave setContextVariable out",
        )
