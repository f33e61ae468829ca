"""BoundPlan: a plan in which every value has the one source it will come from.

The rules look at it, the scheduler draws its edges from it, the runner evaluates it; none of them decides again what a
name means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from forethought.kernel.errors import LookupFailure
from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.values import ValueType
from forethought.planners.language.nodes import Argument, Block, ForEach, Plan, Step
from forethought.planners.language.templates import Reference, Template, parse_template

if TYPE_CHECKING:
    from .conditions import Condition, Flaw

__all__ = [
    "Binding",
    "BoundBlock",
    "BoundBody",
    "BoundNode",
    "BoundPlan",
    "BoundStep",
    "Default",
    "Expression",
    "Implicit",
    "Layout",
    "Merge",
    "Producer",
    "Resolved",
    "Source",
    "Unbound",
]


class Producer(NamedTuple):
    """What a name stands for at one point of the document.

    `step` is the id of the step or block that gives it, None for a variable from outside the plan: a declared
    `<input>` or one the caller has. `name` is the canonical spelling, or `input` for an output that sets no variable;
    `type` what is known of its type. `how` the node gives it:

    - *output*: it is the output of the step or block;
    - *variable*: it is the variable as the block leaves it, for those after the block;
    - *item*: it is the item that a foreach holds, for those inside;
    - *carried*: it is the variable as a loop has it at the head of a round, for those inside;
    - *head*: it is the output before a round of a while, for those inside.

    It is `certain` unless there is a way through the document on which nothing has set it.
    """

    name: str
    step: str | None
    type: ValueType
    how: Literal["output", "variable", "item", "carried", "head"] = "output"
    certain: bool = True


class Resolved(NamedTuple):
    """A reference and what it stands for; `producer` is None where the name is not known at this point."""

    reference: Reference
    producer: Producer | None


class Expression(NamedTuple):
    """The value is written in the plan: by `step`, as its argument at `position`, or as the `in` of a foreach.

    `references` are those of the template, in order, resolved.
    """

    template: Template
    references: tuple[Resolved, ...]
    step: Step | ForEach
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


class BoundBody(NamedTuple):
    """The inside of a block; `output` is the last output at its end, None where there can be none."""

    nodes: tuple[BoundNode, ...]
    output: Producer | None


class Merge(NamedTuple):
    """A value that a block leaves to those after it: which one it is turns out when the plan runs.

    Of an `if` it is the value `inside` where the test holds, else the `other`: that of the else branch, or the one from
    before. Of a loop it is the one `inside` at the end of the last round, or where there was none the `other`, from
    before. None says that nothing has set it on that way. `gives` is what it is to readers after the block.
    """

    gives: Producer
    inside: Producer | None
    other: Producer | None


@dataclass(frozen=True, eq=False)
class BoundBlock:
    """A block with the sources of what it decides by, and what it leaves.

    `condition` is the test of an `if` or `while`, `over` the list of a foreach, `reads` the references in either.
    `bodies` are those of the two branches of an `if`, the second perhaps empty, or the one of a loop. `leaves` are the
    variables set inside, and of an `if` or `while` its output; `output` is what the block is to `input` after it.
    """

    id: str
    node: Block
    condition: Condition | Flaw | None
    over: Expression | None
    reads: tuple[Resolved, ...]
    bodies: tuple[BoundBody, ...]
    leaves: tuple[Merge, ...]
    output: Producer


BoundNode = BoundStep | BoundBlock


@dataclass(frozen=True, eq=False)
class BoundPlan:
    """A plan bound to a registry: what every rule looks at, and the scheduler draws its edges from.

    `steps` are all steps in document order, those in blocks as well, `blocks` all blocks; `body` is the same as a tree,
    its output the plan's last.
    """

    plan: Plan
    steps: tuple[BoundStep, ...]
    outside: Mapping[str, Producer]  # by lower-case name
    blocks: tuple[BoundBlock, ...]
    body: BoundBody

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
        nodes = dict(plan.nodes())
        steps = tuple([_placed(each, cast("Step", nodes[each.id])) for each in self.steps])
        blocks = tuple([replace(each, node=cast("Block", nodes[each.id])) for each in self.blocks])
        return BoundPlan(plan, steps, self.outside, blocks, self.body)


def _placed(bound: BoundStep, step: Step) -> BoundStep:
    """Return the bound step with the places of `step`, which is equal but for them."""
    return bound._replace(step=step, referring=tuple(each._replace(step=step) for each in bound.referring))
