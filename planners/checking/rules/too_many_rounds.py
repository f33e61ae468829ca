"""Loops with more rounds than they may have."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Place, Problem, Severity
from forethought.planners.checking.bound import BoundBlock, BoundPlan
from forethought.planners.checking.rounds import literal_items, most_rounds
from forethought.planners.language.nodes import ForEach, While

__all__ = ["MAX_NESTED", "too_many_rounds"]

MAX_NESTED = 100_000


def too_many_rounds(bound: BoundPlan) -> Iterator[Problem]:
    """A written list has no more items than `max` allows; loops in each other have at most 100,000 rounds, multiplied.

    The second is a warning, told of the outermost loop with which there are more.
    """
    rounds: dict[str, int] = {}
    for block in bound.blocks:
        node, items = block.node, literal_items(block)
        if isinstance(node, ForEach) and items is not None and node.max is not None and items > node.max:
            yield Problem(
                code="too-many-rounds",
                message=f"the list has {items:,} items, and at most {node.max:,} are allowed",
                place=_max_place(block),
                step=block.id,
                hint="raise max, or shorten the list",
            )
        outer = _around(block.id, rounds)
        before = rounds[outer] if outer else 1
        rounds[block.id] = before * most_rounds(block)
        if before <= MAX_NESTED < rounds[block.id]:
            yield Problem(
                code="too-many-rounds",
                message=f"with the loops around it this loop may have {rounds[block.id]:,} rounds",
                severity=Severity.WARNING,
                place=_max_place(block),
                step=block.id,
                hint=f"lower max: more than {MAX_NESTED:,} are seldom meant",
            )


def _around(id_: str, blocks: dict[str, int]) -> str:
    """Return the id of the innermost block around a node, of those there are; none where it stands in no block."""
    outer = id_.rpartition(".")[0]
    while outer and outer not in blocks:
        head, dot, number = outer.rpartition(".")
        before = f"{head}{dot}{int(number) - 1}"
        outer = before if before in blocks else head  # an `else` stands in the block before it
    return outer


def _max_place(block: BoundBlock) -> Place | None:
    node = block.node
    return (node.max_place if isinstance(node, ForEach | While) else None) or node.place
