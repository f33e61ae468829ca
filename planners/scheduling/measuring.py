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

_Levels = Counter[int]
"""How many steps each level has."""


def measure(body: Body) -> tuple[int, tuple[str, ...]]:
    """Return the width of a plan, and the ids of its longest chain, in which a block counts as a step."""
    levels = _Levels()
    measuring = _Measuring(body, _NONE)
    measuring.measure(range(len(body.units)), levels)
    chain: _Chain | None = measuring.longest()
    path: list[str] = []
    while chain and chain.length:
        path.append(chain.id)
        chain = chain.before
    return max(levels.values(), default=0), tuple(reversed(path))


class _Measuring:
    """The chains up to the end of each unit of one body, whose own chains begin after `start`.

    Of the two branches of an `if` only one runs: no chain leads from one into the other, and a level has the steps of
    the branch with more. Order is kept through both: in one, what a unit of the other waits for counts `instead` of it,
    and behind both, the chain up to a unit may be one that passes through it.
    """

    def __init__(self, body: Body, start: _Chain) -> None:
        self._body = body
        self._start = start
        self._chains: list[_Chain] = []
        self._instead: dict[int, _Chain] = {}

    def measure(self, units: range, levels: _Levels) -> None:
        """Measure `units`, and count their steps."""
        while len(self._chains) < units.stop:
            number = len(self._chains)
            unit = self._body.units[number]
            before = self._before(number)
            match unit:
                case ScheduledStep():
                    levels[before.length] += 1
                    self._chains.append(_Chain(before.length + 1, unit.bound.id, before))
                case Decision(block, then, otherwise):
                    self._chains.append(_Chain(before.length + 1, block.id, before))
                    self._branches(then, otherwise, levels)
                case Loop(block, body):
                    inside = _Measuring(body, _Chain(before.length + 1, block.id, before))
                    inside.measure(range(len(body.units)), levels)
                    self._chains.append(inside.longest())
                case Join(merge):
                    sides = [self._upto(each) for each in (merge.inside, merge.other) if each]
                    self._chains.append(_longest(sides, before))
                case Carry() | Test():
                    self._chains.append(before)

    def longest(self) -> _Chain:
        """Return the longest of all chains."""
        return _longest(self._chains, self._start)

    def _branches(self, then: range, otherwise: range, levels: _Levels) -> None:
        one, other = _Levels(), _Levels()
        self.measure(then, one)
        around = self._instead
        self._instead = dict(around)
        for number in then:
            self._instead[number] = self._before(number)
        self.measure(otherwise, other)
        self._instead = around
        for number in otherwise:
            inside = [self._chains[each] for each in self._body.waits[number] if each >= then.start]
            self._chains[number] = _longest(inside, self._chains[number])
        levels.update(one | other)  # the larger count of each level

    def _before(self, number: int) -> _Chain:
        waits = self._body.waits[number]
        return _longest([self._chain(each) for each in sorted(waits)], self._start) if waits else self._start

    def _upto(self, producer: Producer) -> _Chain:
        giver = None if producer.step is None else self._body.givers.get(key_of(producer))
        return self._start if giver is None else self._chain(giver)

    def _chain(self, number: int) -> _Chain:
        return self._instead.get(number) or self._chains[number]


def _longest(chains: Iterable[_Chain], start: _Chain) -> _Chain:
    """Return the longest chain: of several the first, and `start` before all."""
    longest = start
    for chain in chains:
        if chain.length > longest.length:
            longest = chain
    return longest
