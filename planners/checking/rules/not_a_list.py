"""Loops over what is no list."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.errors import CoercionError
from forethought.kernel.problems import Problem
from forethought.kernel.values import ValueType, coerce
from forethought.planners.checking.bound import BoundBlock, BoundPlan
from forethought.planners.checking.naming import article
from forethought.planners.checking.references import decided_by, reference_place, type_at
from forethought.planners.checking.rounds import literal

__all__ = ["not_a_list"]

_SHOWN = 40
_MAY_BE_LISTS = frozenset({"any", "array", "string"})


def not_a_list(bound: BoundPlan) -> Iterator[Problem]:
    """A foreach goes over a list: an array, or its JSON text.

    Only what is certain to fail is told: text that turns out when the plan runs may be the JSON of a list.
    """
    for block in bound.blocks:
        found = _wrong(block)
        if found:
            argument = decided_by(block)
            place = argument.value_place
            if block.reads:
                place = reference_place(bound.plan, argument, block.reads[0].reference)
            yield Problem(
                code="not-a-list",
                message=f"a foreach goes over a list, and {found[0]}",
                place=place or block.node.place,
                step=block.id,
                hint=found[1],
            )


def _wrong(block: BoundBlock) -> tuple[str, str | None] | None:
    text = literal(block)
    if text is not None:
        try:
            coerce(text, ValueType("array"))
        except CoercionError:
            line = " ".join(text[: _SHOWN + 1].split())
            shown = line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
            return f"'{shown}' is none", """write JSON: ["a", "b"], or a variable: $ROWS"""
        return None
    if block.over is None or block.over.template.whole is None or block.reads[0].producer is None:
        return None
    reached, walked = type_at(block.reads[0])
    if walked < len(block.reads[0].reference.path) or reached.kind in _MAY_BE_LISTS:
        return None
    kind = "nothing (null)" if reached.kind == "null" else article(str(reached))
    return f"'{block.reads[0].reference.source}' is {kind}", None
