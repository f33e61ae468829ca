"""Scheduling: what may overlap, and what must wait.

Two steps are ordered where one reads what the other gives (*data*), or where both touch a resource and one of them
writes it (*effect*). Nothing else waits, so the outcome is that of running the steps one by one, in less time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from forethought.kernel.errors import PlanError
from forethought.kernel.functions import EVERYTHING, Effect, FunctionSignature
from forethought.kernel.problems import Severity
from forethought.kernel.registry import SkillRegistry
from forethought.planners.checking.binding import bind
from forethought.planners.checking.bound import BoundPlan, BoundStep, Expression, Implicit
from forethought.planners.checking.check import check_bound
from forethought.planners.language.nodes import Plan

from .schedule import Edge, Schedule, ScheduledStep

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
    positions = {step.id: position for position, step in enumerate(bound.steps)}
    resources = _Resources()
    steps: list[ScheduledStep] = []
    for step in bound.steps:
        signature = _signature(step)
        data = {Edge(after, "data", subject) for after, subject in _data(step)}
        effects = {Edge(after, "effect", subject) for after, subject in resources.touch(step.id, signature.effect)}
        edges = sorted(data | effects, key=lambda edge: (positions[edge.after], edge.kind, edge.subject))
        steps.append(ScheduledStep(step, signature, tuple(edges)))
    return Schedule(bound, tuple(steps), *_measure(steps))


def _signature(step: BoundStep) -> FunctionSignature:
    if step.signature is None:
        raise ValueError(f"step {step.id}: {step.failure}")
    return step.signature


def _data(step: BoundStep) -> Iterator[tuple[str, str]]:
    """Yield the steps whose outputs `step` reads, each with the variable's name, or `input` for the chain."""
    for binding in step.bindings:
        match binding.source:
            case Implicit("chain", producer) if producer.step:
                yield producer.step, "input"
            case Implicit(_, producer) if producer.step:
                yield producer.step, producer.name
            case Expression(references=references):
                for resolved in references:
                    if resolved.producer and resolved.producer.step:
                        yield resolved.producer.step, resolved.producer.name
            case _:
                pass


class _Resources:
    """Who touched what since the last barrier, step by step in document order.

    A reader waits for the last writer of its resource, a writer for the readers since, or else for the last writer;
    what came before those is waited for through them. Whoever touches EVERYTHING touches every resource there is:
    who writes it is a *barrier*, with which a new account begins.
    """

    def __init__(self) -> None:
        self._order: dict[str, int] = {}
        self._barrier: str | None = None
        self._writers: dict[str, str] = {}
        self._readers: dict[str, list[str]] = {}
        self._readers_of_everything: list[str] = []

    def touch(self, step: str, effect: Effect) -> set[tuple[str, str]]:
        """Return the steps that `step` must wait for, each with the resource that is the reason, and note `step`."""
        if effect.pure:
            return set()
        self._order[step] = len(self._order)
        if EVERYTHING in effect.writes:
            waits = self._before_barrier()
            self._barrier = step
            self._writers, self._readers, self._readers_of_everything = {}, {}, []
            return waits
        waits = {wait for resource in effect.writes for wait in self._before_writing(resource)}
        waits |= {wait for resource in effect.reads for wait in self._before_reading(resource)}
        self._note(step, effect)
        return waits

    def _note(self, step: str, effect: Effect) -> None:
        for resource in effect.reads - {EVERYTHING}:
            self._readers.setdefault(resource, []).append(step)
        if EVERYTHING in effect.reads:
            self._readers_of_everything.append(step)
        for resource in effect.writes:
            self._writers[resource] = step
            self._readers.pop(resource, None)

    def _before_reading(self, resource: str) -> Iterable[tuple[str, str]]:
        written = self._writers if resource == EVERYTHING else {resource: self._writers.get(resource)}
        waits = {(writer, each) for each, writer in written.items() if writer}
        return waits or self._last_barrier(resource)

    def _before_writing(self, resource: str) -> Iterable[tuple[str, str]]:
        writer = self._writers.get(resource)
        since = 0
        if writer:
            since = bisect_right(self._readers_of_everything, self._order[writer], key=self._order.__getitem__)
        readers = (*self._readers.get(resource, ()), *self._readers_of_everything[since:])
        return {(each, resource) for each in readers or ([writer] if writer else ())} or self._last_barrier(resource)

    def _before_barrier(self) -> set[tuple[str, str]]:
        waits = {(reader, EVERYTHING) for reader in self._readers_of_everything}
        waits |= {(reader, resource) for resource, readers in self._readers.items() for reader in readers}
        waits |= {(writer, resource) for resource, writer in self._writers.items()}
        return waits or self._last_barrier(EVERYTHING)

    def _last_barrier(self, resource: str) -> set[tuple[str, str]]:
        return {(self._barrier, resource)} if self._barrier else set()


def _measure(steps: Iterable[ScheduledStep]) -> tuple[int, tuple[str, ...]]:
    """Return the width of the graph and its critical path."""
    levels: dict[str, int] = {}
    longest: dict[str, str | None] = {}
    for step in steps:
        before = max(step.after, key=levels.__getitem__, default=None)  # max keeps the first of several
        levels[step.id] = levels[before] + 1 if before else 0
        longest[step.id] = before
    path: list[str] = []
    each = max(levels, key=levels.__getitem__, default=None)
    while each:
        path.append(each)
        each = longest[each]
    return max(Counter(levels.values()).values(), default=0), tuple(reversed(path))
