"""Rounds: how often a loop may run, as far as the plan says."""

from __future__ import annotations

from typing import cast

from forethought.kernel.errors import CoercionError
from forethought.kernel.values import ValueType, coerce
from forethought.planners.language.nodes import ForEach, While
from forethought.planners.language.templates import Text

from .bound import BoundBlock

__all__ = ["literal", "literal_items", "most_rounds"]


def literal(block: BoundBlock) -> str | None:
    """Return the text that a foreach goes over, where it is written out; else None."""
    if block.over is None or block.over.references:
        return None
    return "".join(each.text for each in block.over.template.pieces if isinstance(each, Text))


def literal_items(block: BoundBlock) -> int | None:
    """Return how many items the list has that is written out for a foreach; None where there is no such list."""
    text = literal(block)
    if text is None:
        return None
    try:
        return len(cast("list[object]", coerce(text, ValueType("array"))))
    except CoercionError:
        return None


def most_rounds(block: BoundBlock) -> int:
    """Return the most rounds that a plan says a block may have: 1 where it says nothing."""
    node = block.node
    if isinstance(node, While):
        return max(node.max, 1)
    if isinstance(node, ForEach):
        return max(literal_items(block) or node.max or 1, 1)
    return 1
