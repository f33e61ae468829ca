"""Salvage: what a run has finished, as the beginning of another plan.

Steps and blocks that are finished stay as they are. Of a block that is not, there is what ran, one step after the
other: the steps of the branch that was taken, and the rounds of a loop, in which a value that only the loop had (an
item of its list, as a rule) is written as what it was: as text, where the function takes anything. What is not
finished is left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import text
from forethought.planners.checking.binding import bind
from forethought.planners.checking.bound import BoundStep, Producer
from forethought.planners.language.nodes import Argument, If, Node, Plan, Step, else_id, numbered, static_id
from forethought.planners.language.templates import escape

from .evaluation import fetch
from .result import RunResult, StepRecord

__all__ = ["Known", "Salvage", "salvage"]


@dataclass(frozen=True, slots=True)
class Salvage:
    """What was finished: `nodes`, the `records` of all that is in them, and the old id of each node by its new one."""

    nodes: tuple[Node, ...]
    records: tuple[StepRecord, ...]
    old: Mapping[str, str]


def salvage(result: RunResult, skills: SkillRegistry) -> Salvage:
    """Return what `result` has finished; its plan ran over `skills`.

    A run of the nodes with the records does nothing, and has all their values; without them, it gives the same again.
    """
    run = _Run(result)
    found = list(run.nodes(result.plan.steps, "", inside=False))
    nodes = tuple(each.node for each in found)
    new = {each.id: id_ for (id_, _), each in zip(numbered(nodes), found, strict=True)}
    records = tuple(run.renamed(new))
    written = {each.id: new[each.id] for each in found if each.written}
    if written:
        nodes = _with_values(result, nodes, {each.id: each for each in records}, frozenset(written.values()), skills)
    return Salvage(nodes, records, {id_: old for old, id_ in new.items()})


@dataclass(frozen=True, slots=True)
class _Found:
    """A finished step or block under its old id; `written` is true where it is out of a loop."""

    id: str
    node: Node
    written: bool


class _Run:
    """The records of a run, by what is finished."""

    def __init__(self, result: RunResult) -> None:
        self._elses = {
            else_id(id_): id_ for id_, node in result.plan.nodes() if isinstance(node, If) and node.otherwise
        }
        self._records = {each.id: each for each in result.steps if each.status == "succeeded"}
        self._rounds: dict[str, int] = {}
        self._partly: set[str] = set()
        for each in result.steps:
            around = list(self._around(each.id))
            if each.status == "succeeded":
                for block, number in around:
                    self._rounds[block] = max(number, self._rounds.get(block, 0))
            elif each.status != "skipped":
                self._partly.update(block for block, _ in around)

    def nodes(self, nodes: Sequence[Node], prefix: str, *, inside: bool) -> Iterator[_Found]:
        """Yield what is finished of a body; `inside` of a loop, every block is taken apart."""
        for id_, node in numbered(nodes, prefix):
            record = self._records.get(id_)
            whole = record is not None and id_ not in self._partly and not inside
            if isinstance(node, Step) or whole:
                if record:
                    yield _Found(id_, node, inside)
            elif isinstance(node, If):
                if record:
                    taken, start = (node.then, id_) if record.output else (node.otherwise, else_id(id_))
                    yield from self.nodes(taken, f"{start}.", inside=inside)
            else:
                for number in range(1, self._rounds.get(id_, 0) + 1):
                    yield from self.nodes(node.body, f"{id_}[{number}].", inside=True)

    def renamed(self, new: Mapping[str, str]) -> Iterator[StepRecord]:
        """Yield the records of what has a new id, and of what is inside of it."""
        for id_, record in self._records.items():
            kept = next((each for each in (id_, *(block for block, _ in self._around(id_))) if each in new), None)
            if kept is None:
                continue
            if id_ == kept or not id_.startswith(f"{else_id(kept)}."):
                named = new[kept] + id_[len(kept) :]
            else:
                named = else_id(new[kept]) + id_[len(else_id(kept)) :]
            yield record if named == id_ else dataclasses.replace(record, id=named)

    def _around(self, id_: str) -> Iterator[tuple[str, int]]:
        """Yield the blocks around a step, inner ones first, each with the number of the round, 0 for an `if`."""
        while "." in id_:
            id_ = id_.rpartition(".")[0]
            number = 0
            if id_.endswith("]"):
                id_, _, round_ = id_[:-1].rpartition("[")
                number = int(round_)
            elif then := self._elses.get(static_id(id_)):
                outer = id_.rpartition(".")[0]
                id_ = f"{outer}." * bool(outer) + then.rpartition(".")[2]
            yield id_, number


def _with_values(
    result: RunResult,
    nodes: tuple[Node, ...],
    records: Mapping[str, StepRecord],
    written: frozenset[str],
    skills: SkillRegistry,
) -> tuple[Node, ...]:
    """Return nodes in which those that are `written` out of a loop take the values that they had there."""
    plan = Plan(result.plan.goal, result.plan.inputs, nodes)
    known = Known(result.given, records)
    steps = {
        each.id: _with_its_values(each, records[each.id], known)
        for each in bind(plan, skills, result.given).steps
        if each.id in written
    }
    return tuple(steps.get(id_, node) for id_, node in numbered(nodes))


def _with_its_values(bound: BoundStep, record: StepRecord, known: Known) -> Step:
    """Return a step of which every value is the one that it had: as it reads, or else as it was."""
    step = bound.step
    found = {each.parameter.name: known.value(bound, at) for at, each in enumerate(bound.bindings)}
    arguments = list(step.arguments)
    for name, value in record.arguments.items():
        if name in found and _same(found[name], value):
            continue
        argument = Argument(name, escape(text(value)))
        at = next((at for at, each in enumerate(arguments) if each.name.lower() == name.lower()), len(arguments))
        arguments[at : at + 1] = [argument]
    return Step(step.function, tuple(arguments), step.sets, step.appends, step.rationale)


_NOTHING = object()


class Known:
    """The values that the steps of a salvaged plan have, and those that it was given."""

    def __init__(self, given: Mapping[str, object], records: Mapping[str, StepRecord]) -> None:
        self._given = given
        self._records = records
        self._values: list[object] = []

    def is_that_of(self, bound: BoundStep, record: StepRecord) -> bool:
        """Say whether a step is the very call that a record is of: the same function, with the same values."""
        if bound.signature is None or bound.signature.full_name.lower() != record.function.lower():
            return False
        values = {each.parameter.name: self.value(bound, at) for at, each in enumerate(bound.bindings)}
        return values.keys() == record.arguments.keys() and all(
            _same(value, record.arguments[name]) for name, value in values.items()
        )

    def value(self, bound: BoundStep, at: int) -> object:
        """Return the value that a parameter would have, or nothing where it is not known."""
        try:
            how = fetch(bound.bindings[at].source, self)
            if how is None:
                return _NOTHING
            return self._values[how] if isinstance(how, int) else how(self._values)
        except Exception:  # reading a value can run code of its class
            return _NOTHING

    def of(self, producer: Producer, /) -> int:
        """Return the slot of what a step gives; raises KeyError for what a block does."""
        if producer.step is None:
            return self.constant(self._given[producer.name])
        record = self._records[producer.step]
        if producer.how != "output" or record.function in ("if", "foreach", "while"):
            raise KeyError(producer.step)
        return self.constant(record.output)

    def constant(self, value: object, /) -> int:
        """Return a slot that holds `value`."""
        self._values.append(value)
        return len(self._values) - 1


def _same(found: object, value: object) -> bool:
    if found is value:
        return True
    try:
        return type(found) is type(value) and bool(found == value)
    except Exception:  # values of foreign classes compare as they like
        return False
