"""Binding: every parameter of every step gets the one source its value will come from.

This is the law of precedence in one place. The rules look at a bound plan, the scheduler draws its edges from it, the
runner evaluates it; none of them decides again what a name means.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Literal, cast, get_args

from forethought.kernel.errors import LookupFailure
from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import ANY, Kind, ValueType, type_from_hint
from forethought.planners.language.nodes import Argument, Plan, Step
from forethought.planners.language.templates import Reference, Template, parse_template

__all__ = [
    "Binding",
    "BoundPlan",
    "BoundStep",
    "Default",
    "Expression",
    "Implicit",
    "Producer",
    "Resolved",
    "Source",
    "Unbound",
    "bind",
]


_SUGGESTED = 100


@dataclass(frozen=True, slots=True)
class Producer:
    """What a name stands for at one point of the document.

    Either the output of a step (`step` is its id) or a variable from outside the plan: a declared `<input>` or one
    the caller has (`step` is None). `type` is what is known of its type; `name` the canonical spelling, or `input`
    for an output that sets no variable.
    """

    name: str
    step: str | None
    type: ValueType


@dataclass(frozen=True, slots=True)
class Resolved:
    """A reference and what it stands for; `producer` is None where the name is not known at this point."""

    reference: Reference
    producer: Producer | None


@dataclass(frozen=True, slots=True)
class Expression:
    """The value is written in the plan. `references` are those of the template, in order, resolved."""

    template: Template
    references: tuple[Resolved, ...]
    argument: Argument


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


@dataclass(frozen=True, slots=True)
class Binding:
    """One parameter of one step, and where its value comes from."""

    parameter: Parameter
    source: Source


@dataclass(frozen=True, slots=True)
class BoundStep:
    """One step with its function and its bindings.

    `failure` says why there is no `signature`; without one there are no bindings. `unknown` are the arguments that
    name no parameter: without a signature, all of them.
    """

    id: str
    step: Step
    signature: FunctionSignature | None
    failure: LookupFailure | None
    bindings: tuple[Binding, ...]
    unknown: tuple[Expression, ...]

    @property
    def returns(self) -> ValueType:
        """The type of the step's output: any, where the function is not known."""
        return self.signature.returns if self.signature else ANY

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Everything the plan writes as a value in this step, whether or not it names a parameter."""
        written = [source for each in self.bindings if isinstance(source := each.source, Expression)]
        return (*written, *self.unknown)


@dataclass(frozen=True)
class BoundPlan:
    """A plan bound to a registry: what every rule looks at, and the scheduler draws its edges from."""

    plan: Plan
    steps: tuple[BoundStep, ...]
    outside: Mapping[str, Producer]  # by lower-case name

    @cached_property
    def references(self) -> tuple[tuple[BoundStep, Expression, Resolved], ...]:
        """Every reference of the plan, resolved, with the step and the expression it stands in."""
        return tuple(
            (step, expression, resolved)
            for step in self.steps
            for expression in step.expressions
            for resolved in expression.references
        )

    def known_before(self, step: BoundStep) -> Mapping[str, Producer]:
        """Return the variables known just before `step`, by lower-case name, each as it was last set."""
        known = dict(self.outside)
        for each in takewhile(lambda each: each is not step, self.steps):
            _assign(known, each.step, each.id, each.returns)
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
    found: dict[str, FunctionSignature | LookupFailure] = {}
    unknown = 0
    previous = outside.get("input")
    steps: list[BoundStep] = []
    for id_, step in plan.walk():
        name = step.function.text
        function = found.get(name)
        if function is None:
            function = found[name] = _find(skills, name, suggest=unknown < _SUGGESTED)
            unknown += isinstance(function, LookupFailure)
        bound = _bind_step(id_, step, function, known, previous)
        previous = _assign(known, step, id_, bound.returns)
        steps.append(bound)
    return BoundPlan(plan, tuple(steps), outside)


def _find(skills: SkillRegistry, name: str, *, suggest: bool) -> FunctionSignature | LookupFailure:
    try:
        return skills.find(name, suggest=suggest)
    except LookupFailure as failure:
        return failure


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


def _assign(known: dict[str, Producer], step: Step, id_: str, returns: ValueType) -> Producer:
    """Return what the step's output is to the steps after it; a variable keeps the spelling it was first given."""
    if not step.sets:
        return Producer("input", id_, returns)
    key = step.sets.lower()
    before = known.get(key)
    known[key] = producer = Producer(before.name if before else step.sets, id_, returns)
    return producer


def _bind_step(
    id_: str,
    step: Step,
    function: FunctionSignature | LookupFailure,
    known: Mapping[str, Producer],
    previous: Producer | None,
) -> BoundStep:
    written: dict[str, Expression] = {}
    for argument in step.arguments:
        key = argument.name.lower()
        if key not in written:
            written[key] = _expression(argument, known)
    if isinstance(function, LookupFailure):
        return BoundStep(id_, step, None, function, (), tuple(written.values()))
    bindings: list[Binding] = []
    for parameter in function.parameters:
        key = parameter.name.lower()
        source = written.pop(key, None) or _left_out(parameter, key, known, previous)
        bindings.append(Binding(parameter, source))
    return BoundStep(id_, step, function, None, tuple(bindings), tuple(written.values()))


def _expression(argument: Argument, known: Mapping[str, Producer]) -> Expression:
    template = parse_template(argument.value)
    if "$" not in argument.value:
        return Expression(template, (), argument)
    resolved = [Resolved(each, known.get(each.name.lower())) for each in template.references]
    return Expression(template, tuple(resolved), argument)


def _left_out(parameter: Parameter, key: str, known: Mapping[str, Producer], previous: Producer | None) -> Source:
    if key == "input" and previous is not None:
        return Implicit("chain", previous)
    if not parameter.required:
        return Default(parameter.default)
    own = known.get(key)
    return Implicit("variable", own) if own else Unbound()
