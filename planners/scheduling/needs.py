"""Needs: which values that blocks leave, or that loops hold, somebody reads; nothing waits for the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from forethought.planners.checking.bound import BoundBlock, BoundPlan, BoundStep, Expression, Implicit, Merge, Producer
from forethought.planners.language.nodes import ForEach

from .units import Key, key_of

__all__ = ["Needs", "needs", "reads_of"]


class Needs(NamedTuple):
    """What of blocks is read, each with what it is made of, and the variables from outside that the plan reads.

    The output of a foreach is made of the last outputs of its rounds; what a loop carries, of what it leaves.
    """

    merges: Mapping[Key, Merge]
    outside: tuple[str, ...]


def needs(bound: BoundPlan) -> Needs:
    """Return what of blocks is read: by steps, tests and lists, at the end, or to make something else that is read."""
    made = {key: merge for block in bound.blocks for key, merge in _merges(block)}
    merges: dict[Key, Merge] = {}
    outside: dict[str, None] = {}
    left = [producer for step in bound.steps for producer, _ in reads_of(step)]
    left += [each.producer for block in bound.blocks for each in block.reads if each.producer]
    left += [block.output for block in bound.blocks if isinstance(block.node, ForEach) and block.node.sets]
    if bound.blocks and bound.body.output:
        left.append(bound.body.output)
    while left:
        producer = left.pop()
        if producer.step is None:
            outside[producer.name] = None
            continue
        key = key_of(producer)
        merge = made.get(key)
        if merge and key not in merges:
            merges[key] = merge
            left += [each for each in (merge.inside, merge.other) if each]
    return Needs(merges, tuple(outside))


def reads_of(step: BoundStep) -> Iterator[tuple[Producer, str]]:
    """Yield what `step` reads, each with the variable's name, or `input` for the chain."""
    for binding in step.bindings:
        match binding.source:
            case Implicit("chain", producer):
                yield producer, "input"
            case Implicit(_, producer):
                yield producer, producer.name
            case Expression(references=references):
                for resolved in references:
                    if resolved.producer:
                        yield resolved.producer, resolved.producer.name
            case _:
                pass


def _merges(block: BoundBlock) -> Iterator[tuple[Key, Merge]]:
    """Yield what can be read of a block, but for the item of a foreach."""
    if isinstance(block.node, ForEach):
        yield block.id, Merge(block.output, block.bodies[0].output, None)
    for merge in block.leaves:
        how, name = merge.gives.how, merge.gives.name.lower()
        yield key_of(merge.gives), merge
        if len(block.bodies) == 1:
            yield (block.id, "carried", name) if how == "variable" else (block.id, "head", "input"), merge
