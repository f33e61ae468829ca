"""Uses: what of a plan is read, and by whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from forethought.kernel.values import ANY
from forethought.planners.language.nodes import ForEach, While

from .bound import BoundBlock, BoundBody, BoundPlan, BoundStep, Implicit, Producer
from .conditions import Flaw
from .items import set_items
from .unresolved import unresolved

__all__ = ["Uses", "uses"]


_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Uses:
    """What is used in a plan.

    `read` are the nodes whose output is read by the name of a variable, `chained` those whose output is a following
    step's `input`, `ending` those whose output may be the last of the plan; `items` the loops whose item is read.
    `outside` are the lower-case names of the variables from outside that are read. What a block leaves is what is set
    inside of it, or before: a value that a loop carries into the next round is read there.
    """

    read: frozenset[str]
    chained: frozenset[str]
    ending: frozenset[str]
    items: frozenset[str]
    outside: frozenset[str]


def uses(bound: BoundPlan) -> Uses:
    """Return what is used.

    A misspelled or early reference uses what it means, an unknown function or a test that cannot be read all it may,
    and an item the input that it hides.
    """
    found = _uses.get(bound)
    if found is None:
        found = _uses[bound] = _find_uses(bound)
    return found


_uses: WeakKeyDictionary[BoundPlan, Uses] = WeakKeyDictionary()


def _find_uses(bound: BoundPlan) -> Uses:
    blocks = {each.id: _Block(each) for each in bound.blocks}
    read, chained, ending = _Reach(blocks), _Reach(blocks), _Reach(blocks)
    read.add(producer for _, _, (_, producer) in bound.references)
    read.add(resolved.producer for block in bound.blocks for resolved in block.reads)
    for step in bound.steps_where(lambda layout: layout.left_out):
        for source in step.left_out:
            if isinstance(source, Implicit):
                (chained if source.kind == "chain" else read).add((source.producer,))
    unknown = {step.id for step in bound.steps_where(lambda layout: layout.signature is None)}
    chained.add(_before(bound, unknown) if unknown else ())
    ending.add((bound.body.output,))
    for reach, of in ((ending, ending), (chained, read), (chained, chained)):
        while of.collected:
            reach.add((of.collected.pop(),))
    names = {name.lower() for each in unresolved(bound) for name in (each.reference.name, each.meant) if name}
    names |= _in_flawed_tests(bound)
    hiding = {each.node.item.lower() for each in bound.blocks if isinstance(each.node, ForEach)}
    return Uses(
        frozenset(read.steps | (_setting(bound, names) if names else set())),
        frozenset(chained.steps),
        frozenset(ending.steps),
        frozenset(read.items | chained.items | ending.items | {each.loop for each in set_items(bound)}),
        frozenset(names | hiding | read.outside | chained.outside | ending.outside),
    )


class _Block:
    """A block, and what it leaves: by the lower-case name of the variable, its output by None."""

    def __init__(self, bound: BoundBlock) -> None:
        self.bound = bound
        self.leaves = {each.gives.name.lower() if each.gives.how == "variable" else None: each for each in bound.leaves}


@dataclass(slots=True)
class _Reach:
    """What is reached from producers, through what blocks leave and loops carry.

    `collected` are the outputs that a foreach makes the list of which is reached.
    """

    blocks: Mapping[str, _Block]
    collected: list[Producer | None] = field(default_factory=list["Producer | None"])
    steps: set[str] = field(default_factory=set[str])
    items: set[str] = field(default_factory=set[str])
    outside: set[str] = field(default_factory=set[str])
    _seen: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])

    def add(self, producers: Iterable[Producer | None]) -> None:
        """Reach producers, and all that may be behind them."""
        pending = [producers]  # a variable may be behind thousands of blocks, one after the other
        while pending:
            for each in pending.pop():
                if each is None:
                    continue
                if each.step is None:
                    self.outside.add(each.name.lower())
                elif each.step not in self.blocks:
                    self.steps.add(each.step)
                elif (key := (each.step, each.how, each.name.lower())) not in self._seen:
                    self._seen.add(key)
                    pending.append(self._behind(each, self.blocks[each.step]))

    def _behind(self, producer: Producer, block: _Block) -> Sequence[Producer | None]:
        """Return what a value that a block gives may be."""
        if producer.how == "item":
            self.items.add(block.bound.id)
        elif producer.how == "output" and isinstance(block.bound.node, ForEach):
            self.steps.add(block.bound.id)
            self.collected.append(block.bound.bodies[0].output)
        else:
            variable = producer.how in ("variable", "carried")
            merge = block.leaves.get(producer.name.lower() if variable else None)
            return (merge.inside, merge.other) if merge else ()
        return ()


def _before(bound: BoundPlan, ids: set[str]) -> Iterator[Producer | None]:
    """Yield the output before each step of the ids: what its `input` would be."""
    pending: list[tuple[BoundBody, Producer | None]] = [(bound.body, bound.outside.get("input"))]
    while pending:
        body, previous = pending.pop()
        for node in body.nodes:
            if isinstance(node, BoundStep):
                if node.id in ids:
                    yield previous
                previous = Producer("input", node.id, ANY)
                continue
            head = previous
            if isinstance(node.node, ForEach | While):
                head = Producer("input", node.id, ANY, "item" if isinstance(node.node, ForEach) else "head")
            pending += ((each, head) for each in node.bodies)
            previous = node.output


def _in_flawed_tests(bound: BoundPlan) -> set[str]:
    """Return the words of tests that cannot be read: each may be a variable."""
    tests = [each.node for each in bound.blocks if isinstance(each.condition, Flaw)]
    return {word.lower() for node in tests if not isinstance(node, ForEach) for word in _WORD.findall(node.test)}


def _setting(bound: BoundPlan, names: set[str]) -> set[str]:
    """Return the nodes that set a variable of one of the names."""
    found = [(step.id, step.step.sets) for step in bound.steps]
    found += [(each.id, each.node.sets) for each in bound.blocks if isinstance(each.node, ForEach)]
    return {id_ for id_, name in found if name and name.lower() in names}
