"""The nodes of a plan: what the XML says, with the place of every part, and nothing about running it.

A place takes no part in comparison: two plans that read the same are the same. Of what a plan has thousands, the nodes
are tuples, the values that are made quickest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from forethought.kernel.errors import PlanError
from forethought.kernel.problems import Place, Problem

__all__ = [
    "MAX_DEPTH",
    "Argument",
    "Block",
    "ForEach",
    "FunctionName",
    "If",
    "Input",
    "Node",
    "Plan",
    "Step",
    "While",
    "else_id",
    "numbered",
    "static_id",
]

MAX_DEPTH = 64
"""The deepest that elements may stand in each other, the plan among them."""


def _nowhere() -> Place | None:
    return field(default=None, compare=False, repr=False)


class FunctionName(NamedTuple):
    """The name of a function as a plan writes it, without the `function.` before it: `Names.getNickName`.

    Which plugin it belongs to is for the registry to say: a dash may divide plugin and function, or be part of either.
    """

    text: str
    place: Place | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FunctionName) and self.text == other.text

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return self.text


class Argument(NamedTuple):
    """One argument as written: a parameter's name and its value, still text with `$` references in it.

    `place` is where the name starts, `value_place` where the value starts (the first character inside the quotes, or
    of an `<arg>` element's text).
    """

    name: str
    value: str
    place: Place | None = None
    value_place: Place | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Argument) and self[:2] == other[:2]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:2])


@dataclass(frozen=True, slots=True)
class Input:
    """One declared input: `type` is a JSON Schema type name, `value` its default, None where there is none."""

    name: str
    value: str | None = None
    type: str = "string"
    description: str = ""
    place: Place | None = _nowhere()
    value_place: Place | None = _nowhere()


class _Call(NamedTuple):
    function: FunctionName
    names: tuple[str, ...]
    values: tuple[str, ...]
    sets: str | None
    appends: str | None
    rationale: str
    place: Place | None
    places: tuple[tuple[Place | None, Place | None], ...]
    sets_place: Place | None
    appends_place: Place | None


class Step(_Call):
    """One call: a function, its arguments, and what happens to its output.

    `sets` is the variable that takes the output (setContextVariable), `appends` the key of the result it is appended
    to (appendToResult), `rationale` the comment before the step. The `names` and `values` of the arguments stand side
    by side, so that steps of one shape share the names; `arguments` are both, with their places.
    """

    __slots__ = ()

    def __new__(
        cls,
        function: FunctionName,
        arguments: Sequence[Argument] = (),
        sets: str | None = None,
        appends: str | None = None,
        rationale: str = "",
        *,
        place: Place | None = None,
        sets_place: Place | None = None,
        appends_place: Place | None = None,
    ) -> Step:
        names, values = tuple([each.name for each in arguments]), tuple([each.value for each in arguments])
        places = tuple([(each.place, each.value_place) for each in arguments])
        fields = function, names, values, sets, appends, rationale, place, places, sets_place, appends_place
        return super().__new__(cls, *fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Step) and self[:6] == other[:6]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:6])

    def __reduce__(self) -> tuple[Callable[[Iterable[object]], Step], tuple[tuple[object, ...]]]:
        return Step._make, (tuple(self),)  # a copy has all fields, and no arguments to make them of

    def __repr__(self) -> str:
        arguments = f"{self.arguments!r}, sets={self.sets!r}, appends={self.appends!r}"
        return f"Step({self.function!r}, {arguments}, rationale={self.rationale!r})"

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """The arguments, in order."""
        return tuple(map(self.argument_at, range(len(self.names))))

    def argument_at(self, position: int, /) -> Argument:
        """Return one of the arguments."""
        places = self.places[position] if self.places else (None, None)
        return Argument(self.names[position], self.values[position], *places)

    def argument(self, name: str) -> Argument | None:
        """Return the argument of this name, whatever its case."""
        folded = name.lower()
        return next((each for each in self.arguments if each.name.lower() == folded), None)


@dataclass(frozen=True, slots=True)
class If:
    """Steps that run where `test`, an expression over the variables, holds, and those of `<else>` where it does not.

    `<else>` counts as an element of its own: where `<if>` is number 3, it is number 4.
    """

    test: str
    then: tuple[Node, ...]
    otherwise: tuple[Node, ...] = ()
    rationale: str = ""
    place: Place | None = _nowhere()
    test_place: Place | None = _nowhere()
    else_place: Place | None = _nowhere()


@dataclass(frozen=True, slots=True)
class ForEach:
    """Steps that run once for each item of a list, of which the variable `item` holds one at a time.

    `over` is the list (the attribute `in`), a value with `$` references in it. More than `max` items are refused.
    `sets` is the variable that takes the list of the last outputs of all rounds.
    """

    item: str
    over: str
    body: tuple[Node, ...]
    max: int | None = None
    sets: str | None = None
    rationale: str = ""
    place: Place | None = _nowhere()
    item_place: Place | None = _nowhere()
    over_place: Place | None = _nowhere()
    max_place: Place | None = _nowhere()
    sets_place: Place | None = _nowhere()

    def argument_at(self, _position: int, /) -> Argument:
        """Return the list as the argument it is, for those that look at arguments."""
        return Argument("in", self.over, self.place, self.over_place)


@dataclass(frozen=True, slots=True)
class While:
    """Steps that run as long as `test` holds, looked at before each round, and at most `max` times."""

    test: str
    max: int
    body: tuple[Node, ...]
    rationale: str = ""
    place: Place | None = _nowhere()
    test_place: Place | None = _nowhere()
    max_place: Place | None = _nowhere()


Block = If | ForEach | While
Node = Step | Block


def numbered(nodes: Iterable[Node], prefix: str = "") -> Iterator[tuple[str, Node]]:
    """Yield the nodes of one body with their ids, counted from 1; an `<else>` takes a number, too."""
    number = 0
    for node in nodes:
        number += 1
        yield f"{prefix}{number}", node
        if isinstance(node, If) and node.otherwise:
            number += 1


def else_id(id_: str) -> str:
    """Return the id of the `<else>` after the `<if>` of this id: the next number."""
    outer, dot, number = id_.rpartition(".")
    return f"{outer}{dot}{int(number) + 1}"


def static_id(id_: str) -> str:
    """Return the id in the plan of a step in one round of a loop: `4.2` for `4[7].2`."""
    return re.sub(r"\[[0-9]+\]", "", id_)


def _walk(nodes: Iterable[Node]) -> Iterator[tuple[str, Node]]:
    pending = [numbered(nodes)]
    while pending:
        found = next(pending[-1], None)
        if found is None:
            pending.pop()
            continue
        yield found
        id_, node = found
        match node:
            case If(then=then, otherwise=otherwise):
                pending += (numbered(otherwise, f"{else_id(id_)}."), numbered(then, f"{id_}."))
            case ForEach(body=body) | While(body=body):
                pending.append(numbered(body, f"{id_}."))
            case Step():
                pass


def _inside(node: Node) -> Sequence[Node]:
    match node:
        case If(then=then, otherwise=otherwise):
            return (*then, *otherwise)
        case ForEach(body=body) | While(body=body):
            return body
        case Step():
            return ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: a goal, its inputs, its steps and blocks in document order.

    A plan without steps says that the goal is *impossible*, for the `reason` inside. `remark` is a comment after the
    last step. `source` is the text the places point into; it takes no part in comparison. A long plan is read without
    its places, since only its problems need them: `placed` has them always.

    Blocks in each other deeper than they can be read raise PlanError: no plan is too deep to compare or to go through.
    """

    goal: str = ""
    inputs: tuple[Input, ...] = ()
    steps: tuple[Node, ...] = ()
    reason: str = ""
    remark: str = ""
    place: Place | None = _nowhere()
    source: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        level: Sequence[Node] = self.steps
        for _ in range(MAX_DEPTH):
            level = [each for node in level if type(node) is not Step for each in _inside(node)]
            if not level:
                return
        message = f"elements stand in each other more than {MAX_DEPTH} deep"
        raise PlanError([Problem(code="too-deep", message=message)])

    @property
    def impossible(self) -> bool:
        """True for `<plan/>`: the planner says that the registered functions cannot reach the goal."""
        return not self.steps

    def placed(self) -> Plan:
        """Return this plan with the place of every part: itself where it has them, or was not read from its source."""
        if self.place or not self.source:
            return self
        from .parsing import read_placed

        again = read_placed(self.source)
        return again if again is not None and again == self else self

    @property
    def straight(self) -> bool:
        """True where the plan has no blocks: it is one step after the other."""
        return all(type(node) is Step for node in self.steps)

    def nodes(self) -> Iterator[tuple[str, Node]]:
        """Yield every step and block with its id, in document order, a block before what is in it.

        Ids are stable paths, counted from 1: `4.2` is the second element in the fourth.
        """
        return _walk(self.steps)

    def walk(self) -> Iterator[tuple[str, Step]]:
        """Yield every step with its id, in document order, those in blocks as well."""
        for id_, node in _walk(self.steps):
            if isinstance(node, Step):
                yield id_, node

    def input(self, name: str) -> Input | None:
        """Return the declared input of this name, whatever its case."""
        folded = name.lower()
        return next((each for each in self.inputs if each.name.lower() == folded), None)

    def to_xml(self) -> str:
        """Print the plan canonically: `parse(plan.to_xml()) == plan`."""
        from .printing import print_plan

        return print_plan(self)

    def digest(self) -> str:
        """Return the SHA-256 of the canonical text: two plans that read the same have the same."""
        import hashlib

        return hashlib.sha256(self.to_xml().encode()).hexdigest()
