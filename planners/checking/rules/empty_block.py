"""Blocks with nothing in them."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.language.nodes import ForEach, If, While

__all__ = ["empty_block"]


def empty_block(bound: BoundPlan) -> Iterator[Problem]:
    """There is a step in every block."""
    for block in bound.blocks:
        node = block.node
        inside = node.then if isinstance(node, If) else node.body
        if not inside:
            name = {If: "if", ForEach: "foreach", While: "while"}[type(node)]
            yield Problem(
                code="empty-block",
                message=f"'{name}' has nothing in it",
                place=node.place,
                step=block.id,
                hint="put a step into it, or remove it",
            )
