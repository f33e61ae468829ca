"""Scheduling: what may overlap, and what must wait.

Two steps are ordered where one reads what the other gives (*data*), or where both touch a resource and one of them
writes it (*effect*); and what is in a block waits for what decides about it (*control*). Nothing else waits, so the
outcome is that of running the steps one by one, in less time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, cast

from forethought.kernel.errors import PlanError
from forethought.kernel.functions import Effect, FunctionSignature
from forethought.kernel.problems import Severity
from forethought.kernel.registry import SkillRegistry
from forethought.planners.checking.binding import bind
from forethought.planners.checking.bound import BoundBlock, BoundNode, BoundPlan, BoundStep, Merge, Producer
from forethought.planners.checking.check import check_bound
from forethought.planners.language.nodes import ForEach, If, Plan

from .measuring import measure
from .needs import needs, reads_of
from .resources import Resources
from .schedule import Edge, Schedule, ScheduledBlock, ScheduledStep
from .units import Body, Carry, Decision, Join, Key, Loop, Test, Unit, key_of

__all__ = ["schedule", "schedule_bound"]


def schedule(plan: Plan, skills: SkillRegistry, *, variables: Collection[str] | Mapping[str, object] = ()) -> Schedule:
    """Return the graph of `plan`; raises PlanError with the errors of a plan that does not check."""
    bound = bind(plan, skills, variables)
    errors = [problem for problem in check_bound(bound) if problem.severity is Severity.ERROR]
    if errors:
        raise PlanError(errors)
    return schedule_bound(bound)


def schedule_bound(bound: BoundPlan) -> Schedule:
    """Return the graph of a plan that is known to have no errors; raises ValueError where a function is missing.

    Every two steps whose effects conflict are ordered as in the document, if not by an edge of their own, then by a
    chain of edges.
    """
    laid = _Laid(needs(bound).merges if bound.blocks else {})
    layout = _Layout(laid)
    layout.nodes(bound.body.nodes, None)
    body = layout.body()
    return Schedule(bound, tuple(laid.steps), *measure(body), tuple(laid.blocks), body)


def _signature(step: BoundStep) -> FunctionSignature:
    if step.signature is None:
        raise ValueError(f"step {step.id}: {step.failure}")
    return step.signature


class _Laid:
    """What was laid out so far of the whole plan, in document order; `numbers` are the places of ids in it."""

    def __init__(self, merges: Mapping[Key, Merge]) -> None:
        self.merges = merges
        self.steps: list[ScheduledStep] = []
        self.blocks: list[ScheduledBlock] = []
        self.numbers: dict[str, int] = {}

    def edges(self, edges: Collection[Edge]) -> tuple[Edge, ...]:
        """Return edges in their order."""
        if len(edges) < 2:
            return tuple(edges)
        numbers = self.numbers
        return tuple(sorted(edges, key=lambda edge: (numbers[edge.after], edge.kind, edge.subject)))


class _Control(NamedTuple):
    """What decides whether a step runs: the edge to its block, and the unit to wait for, if the body has it."""

    edge: Edge
    unit: int | None


class _Layout:
    """One body that is being laid out."""

    def __init__(self, laid: _Laid) -> None:
        self._laid = laid
        self._units: list[Unit] = []
        self._ids: list[str] = []
        self._waits: list[tuple[int, ...]] = []
        self._orders: dict[int, tuple[int, ...]] = {}
        self._resources = Resources()
        self._touching: list[tuple[int, Effect]] = []
        self.givers: dict[Key, int | None] = {}
        self.captured: dict[Key, Producer] = {}

    def body(self, *, repeated: bool = False) -> Body:
        """Return the body; that of a loop is `repeated`."""
        across = tuple(self._across()) if repeated else ()
        return Body(tuple(self._units), tuple(self._waits), self._orders, across, self.givers, self.captured)

    def _across(self) -> Iterable[tuple[int, int]]:
        """Yield the effects that each round must wait for in the one before.

        They are those of a second copy of the body behind the first: whatever the body touches, the first copy has
        touched last, so that nothing before it is left to wait for, and a third copy finds what the second one found.
        """
        count = len(self._units)
        for unit, effect in self._touching:
            befores = {before for before, _ in self._resources.touch(count + unit, effect)}
            yield from sorted((before, unit) for before in befores if before < count)

    def nodes(self, nodes: Sequence[BoundNode], control: _Control | None) -> None:
        """Lay out the nodes of the body, or of a branch in it."""
        for node in nodes:
            if isinstance(node, BoundStep):
                self._step(node, control)
            elif isinstance(node.node, If):
                self._if(node, control)
            else:
                self._loop(node, control)

    def giver(self, producer: Producer | None) -> int | None:
        """Return the unit that gives this, or None where there is nothing to wait for; note what lies outside."""
        if producer is None or producer.step is None:
            return None
        key = key_of(producer)
        if key in self.givers:
            return self.givers[key]
        self.captured[key] = producer
        return None

    def _add(self, id_: str, unit: Unit, waits: Iterable[int]) -> int:
        self._units.append(unit)
        self._ids.append(id_)
        self._waits.append(tuple(waits))
        return len(self._units) - 1

    def _reasons(self, reads: Iterable[tuple[Producer, str]], control: _Control | None) -> tuple[set[Edge], set[int]]:
        """Return the edges and the units that are waited for because of what is read, and of what decides."""
        edges: set[Edge] = set()
        waits: set[int] = set()
        if control:
            edges.add(control.edge)
            if control.unit is not None:
                waits.add(control.unit)
        for producer, subject in reads:
            if producer.step is not None:
                edges.add(Edge(producer.step, "data", subject))
                giver = self.giver(producer)
                if giver is not None:
                    waits.add(giver)
        return edges, waits

    def _touch(self, effect: Effect, edges: set[Edge], waits: set[int], control: _Control | None) -> None:
        """Wait for what touches the same, as the next unit."""
        if effect.pure:
            return
        unit = len(self._units)
        befores = self._resources.touch(unit, effect)
        self._touching.append((unit, effect))
        edges |= {Edge(self._ids[before], "effect", resource) for before, resource in befores}
        order = {before for before, _ in befores}
        waits |= order
        if control and order:
            self._orders[unit] = tuple(order)

    def _step(self, step: BoundStep, control: _Control | None) -> None:
        laid = self._laid
        signature = _signature(step)
        laid.numbers[step.id] = len(laid.numbers)
        edges, waits = self._reasons(reads_of(step), control)
        self._touch(signature.effect, edges, waits, control)
        scheduled = ScheduledStep(step, signature, laid.edges(edges))
        laid.steps.append(scheduled)
        self.givers[step.id] = self._add(step.id, scheduled, waits)

    def _open(self, block: BoundBlock) -> int:
        """Keep the place of a block among all blocks, before those that are inside of it."""
        laid = self._laid
        laid.numbers[block.id] = len(laid.numbers)
        laid.blocks.append(cast("ScheduledBlock", None))
        return len(laid.blocks) - 1

    def _close(self, place: int, block: BoundBlock, effect: Effect, edges: Collection[Edge]) -> ScheduledBlock:
        scheduled = ScheduledBlock(block, effect, self._laid.edges(edges))
        self._laid.blocks[place] = scheduled
        return scheduled

    def _if(self, block: BoundBlock, control: _Control | None) -> None:
        place = self._open(block)
        edges, waits = self._reasons(_reads(block), control)
        decision = self._add(block.id, cast("Unit", None), waits)
        self.nodes(block.bodies[0].nodes, _Control(Edge(block.id, "control", "then"), decision))
        middle = len(self._units)
        self.nodes(block.bodies[1].nodes, _Control(Edge(block.id, "control", "else"), decision))
        end = len(self._units)
        effect = _together(self._units[decision + 1 : end])
        scheduled = self._close(place, block, effect, edges)
        self._units[decision] = Decision(scheduled, range(decision + 1, middle), range(middle, end))
        for merge in block.leaves:
            key = key_of(merge.gives)
            if key in self._laid.merges:
                self.giver(merge.inside)
                self.giver(merge.other)
                self.givers[key] = self._add(block.id, Join(merge, decision), (decision,))

    def _loop(self, block: BoundBlock, control: _Control | None) -> None:
        place = self._open(block)
        merges = self._laid.merges
        inner = _Layout(self._laid)
        carried = [merge for merge in block.leaves if inner.carry(block.id, merge)]
        test = None
        if isinstance(block.node, ForEach):
            inner.givers[block.id, "item", block.node.item.lower()] = None
        else:
            test = inner.test(block)
        inner.nodes(block.bodies[0].nodes, _Control(Edge(block.id, "control", "round"), test))
        body = inner.body(repeated=True)
        leaves = [merges[key] for merge in block.leaves if (key := key_of(merge.gives)) in merges]
        if isinstance(block.node, ForEach) and block.id in merges:
            leaves.append(merges[block.id])
        before = [*body.captured.values(), *(merge.other for merge in (*carried, *leaves) if merge.other)]
        reads = [(producer, producer.name) for producer in before]
        edges, waits = self._reasons([*reads, *(() if test is not None else _reads(block))], control)
        effect = _together(body.units)
        self._touch(effect, edges, waits, control)
        scheduled = self._close(place, block, effect, edges)
        unit = self._add(block.id, Loop(scheduled, body, tuple(leaves)), waits)
        self.givers |= {key_of(merge.gives): unit for merge in leaves}

    def carry(self, id_: str, merge: Merge) -> bool:
        """Carry what a loop leaves from round to round, if somebody reads it there."""
        gives = merge.gives
        key = (id_, "carried", gives.name.lower()) if gives.how == "variable" else (id_, "head", "input")
        if key not in self._laid.merges:
            return False
        self.givers[key] = self._add(id_, Carry(key, merge), ())
        return True

    def test(self, block: BoundBlock) -> int:
        """Lay out the test at the head of a round."""
        _, waits = self._reasons(_reads(block), None)
        return self._add(block.id, Test(block), waits)


def _reads(block: BoundBlock) -> list[tuple[Producer, str]]:
    return [(each.producer, each.producer.name) for each in block.reads if each.producer]


def _together(units: Iterable[Unit]) -> Effect:
    """Return all that units do together."""
    reads: set[str] = set()
    writes: set[str] = set()
    for unit in units:
        if isinstance(unit, ScheduledStep):
            effect = unit.signature.effect
        elif isinstance(unit, Loop):
            effect = unit.block.effect
        else:
            continue
        reads |= effect.reads
        writes |= effect.writes
    return Effect(frozenset(reads), frozenset(writes))
