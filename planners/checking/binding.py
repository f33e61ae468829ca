"""Binding: every parameter of every step gets the one source its value will come from.

This is the law of precedence in one place. The rules look at a bound plan, the scheduler draws its edges from it, the
runner evaluates it; none of them decides again what a name means.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Literal, NamedTuple, cast, get_args

from forethought.kernel.errors import LookupFailure
from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import ANY, Kind, ValueType, type_from_hint
from forethought.planners.language.nodes import Argument, Plan, Step
from forethought.planners.language.templates import Reference, Template, parse_template
from forethought.planners.language.tuples import maker

__all__ = [
    "Binding",
    "BoundPlan",
    "BoundStep",
    "Default",
    "Expression",
    "Implicit",
    "Layout",
    "Producer",
    "Resolved",
    "Source",
    "Unbound",
    "bind",
]


_SUGGESTED = 100


class Producer(NamedTuple):
    """What a name stands for at one point of the document.

    Either the output of a step (`step` is its id) or a variable from outside the plan: a declared `<input>` or one
    the caller has (`step` is None). `type` is what is known of its type; `name` the canonical spelling, or `input`
    for an output that sets no variable.
    """

    name: str
    step: str | None
    type: ValueType


class Resolved(NamedTuple):
    """A reference and what it stands for; `producer` is None where the name is not known at this point."""

    reference: Reference
    producer: Producer | None


class Expression(NamedTuple):
    """The value is written in the plan: by `step`, as its argument at `position`.

    `references` are those of the template, in order, resolved.
    """

    template: Template
    references: tuple[Resolved, ...]
    step: Step
    position: int

    @property
    def argument(self) -> Argument:
        """The argument as written."""
        return self.step.argument_at(self.position)


@dataclass(frozen=True, slots=True)
class Implicit:
    """The plan leaves the parameter out, and it takes a value by the law of precedence.

    `kind` is *chain* (`input` takes the previous step's output, or the plan's INPUT) or *variable* (a variable of the
    parameter's own name).
    """

    kind: Literal["chain", "variable"]
    producer: Producer


@dataclass(frozen=True, slots=True)
class Default:
    """The parameter takes its own default."""

    value: object


@dataclass(frozen=True, slots=True)
class Unbound:
    """A required parameter that nothing gives a value."""


Source = Expression | Implicit | Default | Unbound


class Binding(NamedTuple):
    """One parameter of one step, and where its value comes from."""

    parameter: Parameter
    source: Source


@dataclass(frozen=True, slots=True)
class Layout:
    """What the steps have in common that call one function with arguments of the same names.

    `given` are the function's parameters, each with the position of the argument that names it, or None where the plan
    leaves it out: those are `left_out`. `unknown` are the positions of the arguments that name no parameter: without a
    `signature`, whose lack `failure` explains, all of them. `repeated` says whether a name occurs twice, of which the
    first counts; `sets` and `appends` whether the steps have that attribute.
    """

    signature: FunctionSignature | None
    failure: LookupFailure | None
    returns: ValueType
    given: tuple[tuple[Parameter, int | None], ...]
    left_out: tuple[Parameter, ...]
    unknown: tuple[int, ...]
    repeated: bool
    sets: bool
    appends: bool

    @property
    def counted(self) -> frozenset[int]:
        """The positions of the arguments that count: the first of each name."""
        return frozenset([*self.unknown, *(at for _, at in self.given if at is not None)])


class _StepFields(NamedTuple):
    id: str
    step: Step
    layout: Layout
    referring: tuple[Expression, ...]
    left_out: tuple[Source, ...]


class BoundStep(_StepFields):
    """One step with its function and the sources of its values.

    `referring` are the expressions with references, of those that count; `left_out` the sources of the parameters that
    the layout leaves out. Everything else is made when it is asked for.
    """

    @property
    def signature(self) -> FunctionSignature | None:
        """The function, or None for the reason that `failure` tells; without one there are no bindings."""
        return self.layout.signature

    @property
    def failure(self) -> LookupFailure | None:
        """Why the function is not known."""
        return self.layout.failure

    @property
    def returns(self) -> ValueType:
        """The type of the step's output: any, where the function is not known."""
        return self.layout.returns

    def expression(self, position: int) -> Expression:
        """Return the value that the argument at `position` is written as."""
        found = self._referring_at.get(position)
        return found or Expression(parse_template(self.step.values[position]), (), self.step, position)

    @cached_property
    def _referring_at(self) -> Mapping[int, Expression]:
        return {each.position: each for each in self.referring}

    @cached_property
    def bindings(self) -> tuple[Binding, ...]:
        """Every parameter of the function, in order, with the source of its value."""
        left_out = iter(self.left_out)
        return tuple(
            Binding(parameter, next(left_out) if position is None else self.expression(position))
            for parameter, position in self.layout.given
        )

    @property
    def unknown(self) -> tuple[Expression, ...]:
        """The arguments that name no parameter: without a signature, all of them."""
        return tuple(map(self.expression, self.layout.unknown))

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Everything the plan writes as a value in this step, whether or not it names a parameter."""
        written = [source for each in self.bindings if isinstance(source := each.source, Expression)]
        return (*written, *self.unknown)


_new_producer = maker(Producer)
_new_resolved = maker(Resolved)
_new_expression = maker(Expression)
_new_step = maker(BoundStep)


@dataclass(frozen=True, eq=False)
class BoundPlan:
    """A plan bound to a registry: what every rule looks at, and the scheduler draws its edges from."""

    plan: Plan
    steps: tuple[BoundStep, ...]
    outside: Mapping[str, Producer]  # by lower-case name

    @cached_property
    def layouts(self) -> tuple[Layout, ...]:
        """The layouts of the steps, each once."""
        return tuple({id(step.layout): step.layout for step in self.steps}.values())

    def steps_where(self, concerns: Callable[[Layout], object]) -> Sequence[BoundStep]:
        """Return the steps of the layouts that something concerns: it is asked once a layout."""
        concerned = {id(layout) for layout in self.layouts if concerns(layout)}
        if len(concerned) in (0, len(self.layouts)):
            return self.steps if concerned else ()
        return [step for step in self.steps if id(step.layout) in concerned]

    @cached_property
    def references(self) -> tuple[tuple[BoundStep, Expression, Resolved], ...]:
        """Every reference of the plan, resolved, with the step and the expression it stands in, in document order."""
        return tuple(
            [
                (step, expression, resolved)
                for step in self.steps
                for expression in step.referring
                for resolved in expression.references
            ]
        )

    def placed(self) -> BoundPlan:
        """Return this with the places of the plan, if it has any: itself where it has them already."""
        plan = self.plan.placed()
        if plan is self.plan:
            return self
        steps = [_placed(each, step) for each, step in zip(self.steps, plan.steps, strict=True)]
        return BoundPlan(plan, tuple(steps), self.outside)

    def known_before(self, step: BoundStep) -> Mapping[str, Producer]:
        """Return the variables known just before `step`, by lower-case name, each as it was last set."""
        known = dict(self.outside)
        for each in takewhile(lambda each: each is not step, self.steps):
            _assign(known, each.step.sets, each.id, each.returns)
        return known


def bind(plan: Plan, skills: SkillRegistry, variables: Collection[str] | Mapping[str, object] = ()) -> BoundPlan:
    """Bind every step of `plan`; `variables` are those the caller will have besides the plan's own inputs.

    What the step says wins. What it leaves out: `input` takes the previous step's output (the variable INPUT for the
    first step), else its default; any other parameter takes its default, else a variable of its own name. Of several
    arguments, inputs or assignments of one name: the first argument, the first input, the latest assignment.

    Never fails: what cannot be bound is part of the result, for the rules to report. Linear in the number of steps;
    only the first hundred names of unknown functions come with suggestions.
    """
    outside = _outside(plan, variables)
    known = dict(outside)
    functions = _Functions(skills)
    layouts: dict[tuple[str, tuple[str, ...], bool, bool], Layout] = {}
    previous = outside.get("input")
    steps: list[BoundStep] = []
    for id_, step in plan.walk():
        sets = step.sets
        shape = step.function.text, step.names, sets is None, step.appends is None
        layout = layouts.get(shape)
        if layout is None:
            layout = layouts[shape] = _layout(functions.find(shape[0]), step)
        expressions: tuple[Expression, ...] = ()
        for value in step.values:
            if "$" in value:
                expressions = _referring(step, layout, known)
                break
        sources = tuple([_left_out(each, known, previous) for each in layout.left_out]) if layout.left_out else ()
        steps.append(_new_step((id_, step, layout, expressions, sources)))
        previous = _assign(known, sets, id_, layout.returns)
    return BoundPlan(plan, tuple(steps), outside)


class _Functions:
    """The functions of a plan, each looked up once."""

    def __init__(self, skills: SkillRegistry) -> None:
        self._skills = skills
        self._found: dict[str, FunctionSignature | LookupFailure] = {}
        self._unknown = 0

    def find(self, name: str) -> FunctionSignature | LookupFailure:
        found = self._found.get(name)
        if found is None:
            try:
                found = self._skills.find(name, suggest=self._unknown < _SUGGESTED)
            except LookupFailure as failure:
                found = failure
                self._unknown += 1
            self._found[name] = found
        return found


def _layout(function: FunctionSignature | LookupFailure, step: Step) -> Layout:
    positions: dict[str, int] = {}
    for position, name in enumerate(step.names):
        positions.setdefault(name.lower(), position)
    repeated = len(positions) < len(step.names)
    signature, failure = (None, function) if isinstance(function, LookupFailure) else (function, None)
    parameters = signature.parameters if signature else ()
    given = tuple((each, positions.pop(each.name.lower(), None)) for each in parameters)
    return Layout(
        signature=signature,
        failure=failure,
        returns=signature.returns if signature else ANY,
        given=given,
        left_out=tuple(parameter for parameter, position in given if position is None),
        unknown=tuple(positions.values()),
        repeated=repeated,
        sets=step.sets is not None,
        appends=step.appends is not None,
    )


def _outside(plan: Plan, variables: Collection[str] | Mapping[str, object]) -> dict[str, Producer]:
    given: Iterable[tuple[str, ValueType]]
    if isinstance(variables, Mapping):
        values = cast("Mapping[str, object]", variables)
        given = ((name, type_from_hint(type(value))) for name, value in values.items())
    else:
        given = ((name, ANY) for name in variables)
    known = {name.lower(): Producer(name, None, type_) for name, type_ in given}
    kinds = get_args(Kind)
    for each in reversed(plan.inputs):
        type_ = ValueType(cast("Kind", each.type)) if each.type in kinds else ANY
        known[each.name.lower()] = Producer(each.name, None, type_)
    return known


def _assign(known: dict[str, Producer], name: str | None, id_: str, returns: ValueType) -> Producer:
    """Return what a step's output is to the steps after it; a variable keeps the spelling it was first given."""
    if not name:
        return _new_producer(("input", id_, returns))
    key = name.lower()
    before = known.get(key)
    known[key] = producer = _new_producer((before.name if before else name, id_, returns))
    return producer


def _referring(step: Step, layout: Layout, known: Mapping[str, Producer]) -> tuple[Expression, ...]:
    """Return the values with references, which are resolved, of the arguments that count: the first of each name."""
    expressions: list[Expression] = []
    for position, value in enumerate(step.values):
        if "$" in value:
            template = parse_template(value)
            resolved: list[Resolved] = []
            for piece in template.pieces:
                if isinstance(piece, Reference):
                    resolved.append(_new_resolved((piece, known.get(piece.name.lower()))))
            if resolved:
                expressions.append(_new_expression((template, tuple(resolved), step, position)))
    if layout.repeated:
        counted = layout.counted
        return tuple([each for each in expressions if each.position in counted])
    return tuple(expressions)


def _left_out(parameter: Parameter, known: Mapping[str, Producer], previous: Producer | None) -> Source:
    key = parameter.name.lower()
    if key == "input" and previous is not None:
        return Implicit("chain", previous)
    if not parameter.required:
        return Default(parameter.default)
    own = known.get(key)
    return Implicit("variable", own) if own else Unbound()


def _placed(bound: BoundStep, step: Step) -> BoundStep:
    """Return the bound step with the places of `step`, which is equal but for them."""
    return bound._replace(step=step, referring=tuple(each._replace(step=step) for each in bound.referring))
