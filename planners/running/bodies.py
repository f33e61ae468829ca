"""Bodies made ready to run: every value has its slot, everything that is waited for is a number.

A body has a slot for what each of its units gives, in their order; behind them come what its loops leave, what a loop
holds for it, what comes from before it and from outside, and what the plan says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from forethought.kernel.context import ContextVariables
from forethought.kernel.values import ANY
from forethought.planners.checking.bound import BoundBlock, Producer
from forethought.planners.checking.conditions import Condition
from forethought.planners.language.nodes import ForEach
from forethought.planners.scheduling.schedule import ScheduledStep
from forethought.planners.scheduling.units import Body, Carry, Decision, Join, Key, Loop, Test, Unit, key_of

from .evaluation import Fetch, fetch

__all__ = [
    "Arguments",
    "Outside",
    "ReadyBody",
    "ReadyChoice",
    "ReadyJoin",
    "ReadyLoop",
    "ReadyTest",
    "Slots",
    "Special",
]

Arguments = tuple[tuple[str, Fetch], ...]


class ReadyTest(NamedTuple):
    """The test of an `if` or `while`, and the slots of the variables it reads, by their names."""

    block: BoundBlock
    condition: Condition
    variables: tuple[tuple[str, int], ...]


class ReadyChoice(NamedTuple):
    """The decision of an `if`: its test, and the units of its branches."""

    test: ReadyTest
    then: range
    otherwise: range


class ReadyJoin(NamedTuple):
    """A value that an `if` leaves: the slot it comes from where the decision was True or False, None for no value."""

    decision: int
    inside: int | None
    other: int | None


class ReadyLoop(NamedTuple):
    """A loop: its body, and what goes in and out.

    `over` is how to get the list of a foreach, and `item` the slot in the body that holds one item at a time. `before`
    are the slots of what comes from before the loop, there and in the body; `heads` the carries, each with the slot of
    what it is before the loop. `leaves` are the slots of what the loop leaves, each with the slot in the body that it
    comes from, and the one of what it is before the loop. `collects` is the slot in the body of the last output, and
    the one for the list of them all, where somebody wants that.
    """

    block: BoundBlock
    body: ReadyBody
    over: Fetch | None
    item: int | None
    before: tuple[tuple[int, int], ...]
    heads: tuple[tuple[int, int | None], ...]
    leaves: tuple[tuple[int, int | None, int | None], ...]
    collects: tuple[int, int] | None


Special = ReadyTest | ReadyChoice | ReadyJoin | ReadyLoop | Carry
"""What a unit is that is no call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyBody:
    """The units of a plan or a loop, ready to run.

    A unit waits for `waits` others; `links` are the followers of all units, one after the other, and before them where
    those of each unit start. Nothing here is an object of its own for each step, so that a plan of ten thousand costs
    the garbage collector no more than a small one. `values` are what is known from the start. `orders` and `across` are
    as in Body, `across` by the unit of the earlier round. `carries` are the units that carry a value on, by the unit
    that gives it in the round before, each with its slot there. `gives` says which unit fills a slot that is not its
    own. `cut` is the length of the loop's id, in place of which stands that of the round.
    """

    units: tuple[Unit, ...]
    cut: int
    values: tuple[object, ...]
    waits: Sequence[int]
    arguments: Sequence[Arguments]
    links: tuple[Sequence[int], Sequence[int]]
    special: Mapping[int, Special]
    orders: Mapping[int, tuple[int, ...]]
    across: Mapping[int, Sequence[int]]
    carries: Mapping[int, Sequence[tuple[int, int]]]
    gives: Mapping[int, int]

    def followers(self, unit: int) -> Sequence[int]:
        """Return the units that wait for this one."""
        starts, units = self.links
        return units[starts[unit] : starts[unit + 1]]

    def giver(self, slot: int) -> int | None:
        """Return the unit that fills a slot, None for one that is filled from the start."""
        return slot if slot < len(self.units) else self.gives.get(slot)


class Outside:
    """The values of variables from outside; `missing` are the names of those that nobody has given."""

    def __init__(self, variables: ContextVariables) -> None:
        self.missing: dict[str, str] = {}
        self._variables = variables

    def value(self, name: str) -> object:
        """Return the value of a variable, None where it is missing."""
        if name not in self._variables:
            self.missing.setdefault(name.lower(), name)
        return self._variables.get(name)


class Slots:
    """The slots of one body; what it does not have itself it takes from the one `around`."""

    def __init__(self, body: Body, outside: Outside, *, around: Slots | None = None, cut: int = 0) -> None:
        self._body = body
        self._outside = outside
        self._around = around
        self._cut = cut
        self._values: list[object] = [None] * len(body.units)
        self._named: dict[Key, int] = {}
        self._variables: dict[str, int] = {}
        self._gives: dict[int, int] = {}
        self._before: list[tuple[int, int]] = []
        for key, unit in body.givers.items():
            if unit is None or isinstance(body.units[unit], Loop):
                slot = self.constant(None)
                if unit is not None:
                    self._gives[slot] = unit
                self._named[key] = slot
            else:
                self._named[key] = unit

    def of(self, producer: Producer, /) -> int:
        """Return the slot of what a step or block gives, or of a variable from outside."""
        if producer.step is None:
            name = producer.name.lower()
            slot = self._variables.get(name)
            if slot is None:
                slot = self._variables[name] = self.constant(self._outside.value(producer.name))
            return slot
        key = key_of(producer)
        slot = self._named.get(key)
        if slot is None:
            assert self._around is not None, producer
            slot = self._named[key] = self.constant(None)
            self._before.append((self._around.of(producer), slot))
        return slot

    def constant(self, value: object, /) -> int:
        """Return a slot that holds `value` from the start."""
        self._values.append(value)
        return len(self._values) - 1

    def body(self) -> ReadyBody:
        """Make the body ready to run."""
        laid = self._body
        special: dict[int, Special] = {}
        arguments: list[Arguments] = []
        for number, unit in enumerate(laid.units):
            if isinstance(unit, ScheduledStep):
                found = [(each.parameter.name, fetch(each.source, self)) for each in unit.bound.bindings]
                arguments.append(tuple([(name, how) for name, how in found if how is not None]))
            else:
                arguments.append(())
                special[number] = self._special(unit)
        waits, links = _waits_and_links(laid.waits)
        carries: dict[int, list[tuple[int, int]]] = {}
        for number, each in special.items():
            if isinstance(each, Carry):
                slot = self._slot(each.merge.inside)
                assert slot is not None
                giver = self._gives.get(slot, slot)
                carries.setdefault(giver, []).append((slot, number))
                waits[number] = 1
        return ReadyBody(
            units=laid.units,
            cut=self._cut,
            values=tuple(self._values),
            waits=waits,
            arguments=arguments,
            links=links,
            special=special,
            orders=laid.orders,
            across=_grouped(laid.across),
            carries=carries,
            gives=self._gives,
        )

    def _slot(self, producer: Producer | None) -> int | None:
        return None if producer is None else self.of(producer)

    def _special(self, unit: Decision | Join | Carry | Test | Loop) -> Special:
        match unit:
            case Decision(block, then, otherwise):
                return ReadyChoice(self._test(block.bound), then, otherwise)
            case Join(merge, decision):
                return ReadyJoin(decision, self._slot(merge.inside), self._slot(merge.other))
            case Test(block):
                return self._test(block)
            case Loop():
                return self._loop(unit)
            case Carry():
                return unit

    def _test(self, block: BoundBlock) -> ReadyTest:
        assert isinstance(block.condition, Condition)
        reads = {each.producer.name: self.of(each.producer) for each in block.reads if each.producer}
        return ReadyTest(block, block.condition, tuple(reads.items()))

    def _loop(self, loop: Loop) -> ReadyLoop:
        block = loop.block.bound
        node = block.node
        inner = Slots(loop.body, self._outside, around=self, cut=len(block.id))
        item = inner.of(Producer(node.item, block.id, ANY, "item")) if isinstance(node, ForEach) else None
        leaves: list[tuple[int, int | None, int | None]] = []
        collects: tuple[int, int] | None = None
        for merge in loop.leaves:
            inside = inner._slot(merge.inside)
            if merge.gives.how == "output" and item is not None:
                assert inside is not None
                collects = inside, self.of(merge.gives)
            else:
                leaves.append((self.of(merge.gives), inside, self._slot(merge.other)))
        body = inner.body()
        carries = [(number, each.merge.other) for number, each in enumerate(body.units) if isinstance(each, Carry)]
        return ReadyLoop(
            block=block,
            body=body,
            over=fetch(block.over, self) if block.over else None,
            item=item,
            before=tuple(inner._before),
            heads=tuple((number, self._slot(other)) for number, other in carries),
            leaves=tuple(leaves),
            collects=collects,
        )


def _waits_and_links(waits: Sequence[Sequence[int]]) -> tuple[list[int], tuple[Sequence[int], Sequence[int]]]:
    """Count what each unit waits for, and turn it into what waits for each unit."""
    count = len(waits)
    pairs = sorted([before * count + unit for unit, befores in enumerate(waits) for before in befores])
    followers = Counter([pair // count for pair in pairs])
    starts = list(accumulate((followers[unit] for unit in range(count)), initial=0))
    return list(map(len, waits)), (starts, [pair % count for pair in pairs])


def _grouped(pairs: Iterable[tuple[int, int]]) -> Mapping[int, Sequence[int]]:
    groups: dict[int, list[int]] = {}
    for before, after in pairs:
        groups.setdefault(before, []).append(after)
    return groups
