"""Measuring: how wide a schedule is, and how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from forethought.planners.checking.bound import Producer

from .schedule import ScheduledStep
from .units import Body, Carry, Decision, Join, Loop, Test, key_of

__all__ = ["measure"]


class _Chain(NamedTuple):
    """The longest chain up to something: its length, its last step or block, and the chain before that."""

    length: int
    id: str
    before: _Chain | None


_NONE = _Chain(0, "", None)


def measure(body: Body) -> tuple[int, tuple[str, ...]]:
    """Return the width of a plan, and the ids of its longest chain, in which a block counts as a step."""
    levels: Counter[int] = Counter()
    chain: _Chain | None = _longest(_chains(body, _NONE, levels))
    path: list[str] = []
    while chain and chain.length:
        path.append(chain.id)
        chain = chain.before
    return max(levels.values(), default=0), tuple(reversed(path))


def _chains(body: Body, start: _Chain, levels: Counter[int]) -> list[_Chain]:
    """Return the chain up to the end of each unit, and count the steps of each level."""
    chains: list[_Chain] = []
    for unit, waits in zip(body.units, body.waits, strict=True):
        before = _longest([chains[each] for each in sorted(waits)], start) if waits else start
        match unit:
            case ScheduledStep():
                levels[before.length] += 1
                chains.append(_Chain(before.length + 1, unit.bound.id, before))
            case Decision():
                chains.append(_Chain(before.length + 1, unit.block.id, before))
            case Loop():
                begun = _Chain(before.length + 1, unit.block.id, before)
                chains.append(_longest(_chains(unit.body, begun, levels), begun))
            case Join(merge):
                sides = [_chain(each, body, chains, start) for each in (merge.inside, merge.other) if each]
                chains.append(_longest(sides, before))
            case Carry() | Test():
                chains.append(before)
    return chains


def _chain(producer: Producer, body: Body, chains: list[_Chain], start: _Chain) -> _Chain:
    giver = None if producer.step is None else body.givers.get(key_of(producer))
    return start if giver is None else chains[giver]


def _longest(chains: Iterable[_Chain], start: _Chain = _NONE) -> _Chain:
    """Return the longest chain: of several the first, and `start` before all."""
    longest = start
    for chain in chains:
        if chain.length > longest.length:
            longest = chain
    return longest
