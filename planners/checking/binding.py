"""Binding: every parameter of every step gets the one source its value will come from.

This is the law of precedence in one place. The rules look at a bound plan, the scheduler draws its edges from it, the
runner evaluates it; none of them decides again what a name means.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from forethought.kernel.errors import LookupFailure
from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import ANY, ValueType
from forethought.planners.language.nodes import Argument, Plan, Step
from forethought.planners.language.templates import Reference, Template

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


@dataclass(frozen=True, slots=True)
class Producer:
    """What a name stands for at one point of the document.

    Either the output of a step (`step` is its id) or a variable from outside the plan: a declared `<input>` or one
    the caller has (`step` is None). `type` is what is known of its type; `name` the canonical spelling.
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

    kind: str
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
    name no parameter.
    """

    id: str
    step: Step
    signature: FunctionSignature | None
    failure: LookupFailure | None
    bindings: tuple[Binding, ...]
    unknown: tuple[Argument, ...]

    @property
    def returns(self) -> ValueType:
        """The type of the step's output: any, where the function is not known."""
        return self.signature.returns if self.signature else ANY


@dataclass(frozen=True, slots=True)
class BoundPlan:
    """A plan bound to a registry: what every rule looks at, and the scheduler draws its edges from."""

    plan: Plan
    steps: tuple[BoundStep, ...]
    outside: Mapping[str, Producer]  # by lower-case name

    def known_before(self, step: BoundStep) -> Mapping[str, Producer]:
        """Return the variables known just before `step`, by lower-case name, each as it was last set."""
        known = dict(self.outside)
        for each in self.steps:
            if each is step:
                break
            if each.step.sets:
                known[each.step.sets.lower()] = Producer(each.step.sets, each.id, each.returns)
        return known


def bind(plan: Plan, skills: SkillRegistry, variables: Collection[str] | Mapping[str, object] = ()) -> BoundPlan:
    """Bind every step of `plan`; `variables` are those the caller will have besides the plan's own inputs.

    Never fails: what cannot be bound is part of the result, for the rules to report.
    """
    raise NotImplementedError
