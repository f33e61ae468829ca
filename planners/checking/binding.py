"""Binding: every parameter of every step gets the one source its value will come from.

This is the law of precedence in one place.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, assert_never, cast, get_args

from forethought.kernel.errors import LookupFailure
from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import ANY, Kind, ValueType, type_from_hint
from forethought.planners.language.nodes import Block, ForEach, If, Node, Plan, Step, While, else_id, numbered
from forethought.planners.language.templates import Reference, parse_template
from forethought.planners.language.tuples import maker

from .bound import (
    BoundBlock,
    BoundBody,
    BoundNode,
    BoundPlan,
    BoundStep,
    Default,
    Expression,
    Implicit,
    Layout,
    Merge,
    Producer,
    Resolved,
    Source,
    Unbound,
)

if TYPE_CHECKING:
    from .conditions import Condition, Flaw

__all__ = ["bind"]

_SUGGESTED = 100

_new_producer = maker(Producer)
_new_resolved = maker(Resolved)
_new_expression = maker(Expression)
_new_step = maker(BoundStep)


def bind(plan: Plan, skills: SkillRegistry, variables: Collection[str] | Mapping[str, object] = ()) -> BoundPlan:
    """Bind every step of `plan`; `variables` are those the caller will have besides the plan's own inputs.

    What the step says wins. What it leaves out: `input` takes the previous step's output (the variable INPUT for the
    first step), else its default; any other parameter takes its default, else a variable of its own name. Of several
    arguments, inputs or assignments of one name: the first argument, the first input, the latest assignment.

    Never fails: what cannot be bound is part of the result, for the rules to report. Linear in the number of steps;
    only the first hundred names of unknown functions come with suggestions.
    """
    outside = _outside(plan, variables)
    binder = _Binder(skills)
    body = binder.body(plan.steps, "", dict(outside), outside.get("input"))
    return BoundPlan(plan, tuple(binder.steps), outside, tuple(binder.blocks), body)


Known = MutableMapping[str, Producer]
"""The variables known at one point of the document, by lower-case name."""


class _Binder:
    """What has been bound so far."""

    def __init__(self, skills: SkillRegistry) -> None:
        self.steps: list[BoundStep] = []
        self.blocks: list[BoundBlock] = []
        self._functions = _Functions(skills)
        self._layouts: dict[tuple[str, tuple[str, ...], bool, bool], Layout] = {}
        self._tests: dict[str, Condition | Flaw] = {}
        self._read = 0

    def body(self, nodes: Sequence[Node], prefix: str, known: Known, previous: Producer | None) -> BoundBody:
        """Bind the nodes of one body; `known` is kept up with what they set, `previous` is the output before them."""
        bound: list[BoundNode] = []
        for id_, node in numbered(nodes, prefix):
            if isinstance(node, Step):
                step = self._step(id_, node, known, previous)
                previous = _assign(known, node.sets, id_, step.layout.returns)
                bound.append(step)
            else:
                block = self._block(id_, node, known, previous)
                previous = block.output
                bound.append(block)
        return BoundBody(tuple(bound), previous)

    def _step(self, id_: str, step: Step, known: Known, previous: Producer | None) -> BoundStep:
        shape = step.function.text, step.names, step.sets is None, step.appends is None
        layout = self._layouts.get(shape)
        if layout is None:
            layout = self._layouts[shape] = _layout(self._functions.find(shape[0]), step)
        expressions: tuple[Expression, ...] = ()
        for value in step.values:
            if "$" in value:
                expressions = _referring(step, layout, known)
                break
        sources = tuple([_left_out(each, known, previous) for each in layout.left_out]) if layout.left_out else ()
        bound = _new_step((id_, step, layout, expressions, sources))
        self.steps.append(bound)
        return bound

    def _block(self, id_: str, node: Block, known: Known, previous: Producer | None) -> BoundBlock:
        """Bind a block, and set in `known` what it leaves."""
        place = len(self.blocks)
        self.blocks.append(cast("BoundBlock", None))  # kept for this block, which comes before those inside
        match node:
            case If():
                block = self._if(id_, node, known, previous)
            case ForEach():
                block = self._foreach(id_, node, known)
            case While():
                block = self._while(id_, node, known, previous)
            case _:
                assert_never(node)
        for merge in block.leaves:
            if merge.gives.how == "variable":
                known[merge.gives.name.lower()] = merge.gives
        if isinstance(node, ForEach) and node.sets:
            block = replace(block, output=_assign(known, node.sets, id_, block.output.type))
        self.blocks[place] = block
        return block

    def _if(self, id_: str, node: If, known: Known, previous: Producer | None) -> BoundBlock:
        condition, reads = self._condition(node.test, known)
        then_known, else_known = _inner(known), _inner(known)
        _make_certain(then_known, condition.ensures)
        _make_certain(else_known, condition.spares)
        then = self.body(node.then, f"{id_}.", then_known, previous)
        otherwise = self.body(node.otherwise, f"{else_id(id_)}.", else_known, previous)
        names = {**_assigned(node.then), **_assigned(node.otherwise)}
        leaves = [
            _merge(id_, "variable", name, then_known.get(key), else_known.get(key)) for key, name in names.items()
        ]
        output = _merge(id_, "output", "input", then.output, otherwise.output)
        return BoundBlock(id_, node, condition, None, reads, (then, otherwise), (*leaves, output), output.gives)

    def _foreach(self, id_: str, node: ForEach, known: Known) -> BoundBlock:
        template = parse_template(node.over)
        reads = tuple(Resolved(each, known.get(each.name.lower())) for each in template.references)
        over = Expression(template, reads, node, 0)
        inner = _inner(known)
        item = Producer(node.item, id_, _item_type(over), "item")
        names = _assigned(node.body)
        names.pop(node.item.lower(), None)
        before = _carry(id_, names, inner)
        inner[node.item.lower()] = item
        body = self.body(node.body, f"{id_}.", inner, item)
        leaves = [_merge(id_, "variable", name, inner.get(key), before[key]) for key, name in names.items()]
        kind = ValueType("array", items=body.output.type if body.output else None)
        return BoundBlock(id_, node, None, over, reads, (body,), tuple(leaves), Producer("input", id_, kind))

    def _while(self, id_: str, node: While, known: Known, previous: Producer | None) -> BoundBlock:
        inner = _inner(known)
        names = _assigned(node.body)
        before = _carry(id_, names, inner)
        condition, reads = self._condition(node.test, inner)
        _make_certain(inner, condition.ensures)
        head = previous and Producer("input", id_, ANY, "head", previous.certain)
        body = self.body(node.body, f"{id_}.", inner, head)
        leaves = [_merge(id_, "variable", name, inner.get(key), before[key]) for key, name in names.items()]
        output = _merge(id_, "output", "input", body.output, previous)
        return BoundBlock(id_, node, condition, None, reads, (body,), (*leaves, output), output.gives)

    def _condition(self, test: str, known: Known) -> tuple[Condition | Flaw, tuple[Resolved, ...]]:
        """Read a test, each once; of all there are, as many as a plan may have."""
        from .conditions import MAX_TESTS, UNREAD, Flaw, parse_condition

        condition = self._tests.get(test)
        if condition is None:
            self._read += len(test)
            condition = self._tests[test] = parse_condition(test) if self._read <= MAX_TESTS else UNREAD
        if isinstance(condition, Flaw):
            return condition, ()
        references = [Reference(each.name, each.path, False, each.name, each.offset) for each in condition.names]
        return condition, tuple(Resolved(each, known.get(each.name.lower())) for each in references)


def _inner(known: Known) -> Known:
    """Return the variables known at the head of a block: what is set there is not set outside."""
    return ChainMap({}, *known.maps) if isinstance(known, ChainMap) else ChainMap({}, known)


def _make_certain(known: Known, names: Iterable[str]) -> None:
    """Note that variables are set where a test has asked whether they are."""
    for name in names:
        if (producer := known.get(name)) and not producer.certain:
            known[name] = producer._replace(certain=True)


def _assigned(nodes: Iterable[Node]) -> dict[str, str]:
    """Return the variables that nodes set, those inside of blocks as well, by lower-case name."""
    names: dict[str, str] = {}
    for node in nodes:
        match node:
            case If():
                found = {**_assigned(node.then), **_assigned(node.otherwise)}
            case ForEach():
                found = _assigned(node.body)
                found.pop(node.item.lower(), None)
            case While():
                found = _assigned(node.body)
            case _:
                found = {}
        if not isinstance(node, If | While) and node.sets:
            found[node.sets.lower()] = node.sets
        for key, name in found.items():
            names.setdefault(key, name)
    return names


def _carry(id_: str, names: Mapping[str, str], inner: Known) -> dict[str, Producer | None]:
    """Set in `inner` the variables that a loop carries from round to round; return what they are before it."""
    before = {key: inner.get(key) for key in names}
    for key, name in names.items():
        was = before[key]
        inner[key] = Producer(was.name if was else name, id_, ANY, "carried", was is not None and was.certain)
    return before


def _merge(
    id_: str, how: Literal["output", "variable"], name: str, inside: Producer | None, other: Producer | None
) -> Merge:
    some = other or inside
    certain = inside is not None and inside.certain and other is not None and other.certain
    kind = inside.type if inside and other and inside.type == other.type else ANY
    spelling = some.name if some and how == "variable" else name
    return Merge(Producer(spelling, id_, kind, how, certain), inside, other)


def _item_type(over: Expression) -> ValueType:
    """Return what is known of the items of the list that a foreach goes over."""
    if over.template.whole is None or over.references[0].producer is None or over.template.whole.path:
        return ANY
    kind = over.references[0].producer.type
    return (kind.items if kind.kind == "array" else None) or ANY


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


def _assign(known: Known, name: str | None, id_: str, returns: ValueType) -> Producer:
    """Return what a step's output is to the steps after it; a variable keeps the spelling it was first given."""
    if not name:
        return _new_producer(("input", id_, returns, "output", True))
    key = name.lower()
    before = known.get(key)
    producer = _new_producer((before.name if before else name, id_, returns, "output", True))
    known[key] = producer
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
    if key == "input" and previous is not None and previous.certain:
        return Implicit("chain", previous)
    if not parameter.required:
        return Default(parameter.default)
    own = known.get(key)
    return Implicit("variable", own) if own else Unbound()
