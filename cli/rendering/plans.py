"""A plan as people and programs read it: what each step calls, where every value comes from, what waits for what."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Iterator, Mapping

from forethought.kernel.functions import EVERYTHING, FunctionSignature, Parameter
from forethought.kernel.values import jsonable
from forethought.planners.checking.bound import (
    Binding,
    BoundBlock,
    BoundBody,
    BoundNode,
    BoundPlan,
    BoundStep,
    Default,
    Expression,
    Implicit,
    Producer,
    Unbound,
)
from forethought.planners.checking.references import are_exclusive, parted
from forethought.planners.language.nodes import ForEach, If, Input, Plan, While, else_id
from forethought.planners.scheduling.schedule import Edge, Schedule, ScheduledBlock, ScheduledStep
from forethought.planners.scheduling.scheduling import schedule_bound

from .styling import Paint, plain, visible

__all__ = ["asks", "block_in_words", "effect_in_words", "inputs_read", "plan_as_json", "render_plan", "schedule_anyway"]

_INDENT = "   "


def schedule_anyway(bound: BoundPlan) -> Schedule:
    """Return the graph of any plan: a function that is not known takes what the plan writes, and writes everything."""
    steps = tuple(each if each.signature else _supposed(each) for each in bound.steps)
    return schedule_bound(dataclasses.replace(bound, steps=steps, body=_supposed_body(bound.body)))


def _supposed(step: BoundStep) -> BoundStep:
    plugin, _, name = step.step.function.text.rpartition(".")
    given = tuple(
        (Parameter(each.argument.name), at) for at, each in zip(step.layout.unknown, step.unknown, strict=True)
    )
    signature = FunctionSignature(plugin=plugin, name=name)
    return step._replace(layout=dataclasses.replace(step.layout, signature=signature, given=given, unknown=()))


def _supposed_body(body: BoundBody) -> BoundBody:
    return body._replace(nodes=tuple(map(_supposed_node, body.nodes)))


def _supposed_node(node: BoundNode) -> BoundNode:
    if isinstance(node, BoundBlock):
        return dataclasses.replace(node, bodies=tuple(map(_supposed_body, node.bodies)))
    return node if node.signature else _supposed(node)


def effect_in_words(signature: FunctionSignature) -> str:
    """Return what a call does to the world: `pure`, `reads Names`, `writes Emailer, open world`."""
    effect = signature.effect
    words = [
        f"{verb} {'everything' if EVERYTHING in touched else ' and '.join(sorted(touched))}"
        for verb, touched in (("reads", effect.reads), ("writes", effect.writes))
        if touched
    ] or ["pure"]
    if signature.destructive:
        words.append("destructive")
    if signature.open_world:
        words.append("open world")
    return visible(", ".join(words))


def asks(signature: FunctionSignature) -> bool:
    """Say whether somebody should agree to a call: it writes, destroys, or reaches an open world."""
    return signature.has_effects


def inputs_read(step: ScheduledStep | ScheduledBlock) -> tuple[str, ...]:
    """Return the variables from outside the plan that a step reads, or a block itself, each once."""
    return tuple(dict.fromkeys(name for name, producer in _reads(step) if producer.step is None))


def _reads(step: ScheduledStep | ScheduledBlock) -> Iterator[tuple[str, Producer]]:
    """Yield what a step reads, in the order of its parameters: a variable, or `input` for the output of a step."""
    if isinstance(step, ScheduledBlock):
        yield from ((each.producer.name, each.producer) for each in step.bound.reads if each.producer)
        return
    for source in [*(each.source for each in step.bindings), *step.bound.unknown]:
        match source:
            case Implicit("chain", producer) if producer.step:
                yield "input", producer
            case Implicit(_, producer):
                yield producer.name, producer
            case Expression(references=references):
                yield from ((each.producer.name, each.producer) for each in references if each.producer)
            case _:
                pass


def render_plan(schedule: Schedule, *, given: Mapping[str, str] | None = None, paint: Paint = plain) -> str:
    """Return the plan as text, with the values `given` to its inputs.

    Every value stands in full, so that what is approved is what was seen.
    """
    plan = schedule.bound.plan
    values = {name.lower(): value for name, value in (given or {}).items()}
    blocks: list[str] = []
    if plan.goal:
        blocks.append(f"{paint('Goal:', 'bold')} {visible(plan.goal)}")
    if plan.inputs:
        blocks.append("\n".join(_input(each, values.get(each.name.lower()), paint) for each in plan.inputs))
    if plan.impossible:
        blocks.append(f"{paint('Impossible:', 'bold')} {visible(plan.reason) or 'no reason is given'}")
    blocks.extend(_body(schedule.bound.body, schedule.by_id, parted(schedule.bound), paint))
    if plan.remark:
        blocks.append(_remark(plan.remark, paint))
    if schedule.steps:
        blocks.append(_summary(schedule))
    return "\n\n".join(blocks)


def _input(each: Input, given: str | None, paint: Paint) -> str:
    head = f"{paint('Input:', 'bold')} ${visible(each.name)} ({visible(each.type)})"
    value = each.value if given is None else given
    notes = [visible(each.description)] if each.description else []
    if given is not None and each.value is not None:
        notes.append("given, not its default")
    shown = head if value is None else _assigned(head, _quoted(value))
    return shown + (paint(f"  ({'; '.join(notes)})", "dim") if notes else "")


def _body(
    body: BoundBody, known: Mapping[str, ScheduledStep | ScheduledBlock], parted: Collection[str], paint: Paint
) -> Iterator[str]:
    """Yield the steps and blocks of a body; what is inside of a block stands further in."""
    for node in body.nodes:
        scheduled = known[node.id]
        if isinstance(scheduled, ScheduledStep):
            yield _step(scheduled, parted, paint)
            continue
        yield _block(scheduled, parted, paint)
        first, *others = scheduled.bound.bodies
        yield from (_inside(each) for each in _body(first, known, parted, paint))
        for other in others:
            if other.nodes:
                yield f"{else_id(node.id)}. {paint('else', 'bold', 'cyan')}"
                yield from (_inside(each) for each in _body(other, known, parted, paint))


def _inside(shown: str) -> str:
    return "\n".join(f"{_INDENT}{line}" for line in shown.split("\n"))


def _block(block: ScheduledBlock, parted: Collection[str], paint: Paint) -> str:
    element, _, said = block_in_words(block).partition(" ")
    notes = [f"at most {block.bound.node.max}"] if not isinstance(block.bound.node, If) and block.bound.node.max else []
    read = {each.reference.name: _origin(each.producer) for each in block.bound.reads}
    notes += [f"{visible(name)} from {origin}" for name, origin in read.items()]
    head = f"{block.id}. {paint(element, 'bold', 'cyan')} {said}"
    lines = [head + (paint(f"  ({'; '.join(notes)})", "dim") if notes else "")]
    if block.bound.node.rationale:
        lines.append(_remark(block.bound.node.rationale, paint, _INDENT))
    if block.edges:
        lines.append(f"{_INDENT}{paint('after', 'bold')} {_reasons(block, parted)}")
    return "\n".join(lines)


def block_in_words(block: ScheduledBlock) -> str:
    """Return what a block says: `if COUNT > 3`, `foreach $ROW in $ROWS -> $LIST`, `while not DONE`."""
    match block.bound.node:
        case If(test=test):
            return f"if {visible(test)}"
        case While(test=test):
            return f"while {visible(test)}"
        case ForEach(item=item, over=over, sets=sets):
            return f"foreach ${visible(item)} in {visible(over)}" + (f" -> ${visible(sets)}" if sets else "")


def _remark(text: str, paint: Paint, indent: str = "") -> str:
    return "\n".join(paint(f"{indent}# {visible(line.strip())}", "dim") for line in text.splitlines())


def _step(step: ScheduledStep, parted: Collection[str], paint: Paint) -> str:
    node = step.bound.step
    failure = step.bound.failure
    name = visible(node.function.text if failure else step.signature.full_name)
    head = f"{step.id}. {paint(name, 'bold', 'red' if failure else 'cyan')}"
    if node.sets:
        head += f" -> ${visible(node.sets)}"
    if node.appends:
        head += f" -> result {visible(node.appends)}"
    effect = "unknown function" if failure else effect_in_words(step.signature)
    head += paint(f"  [{effect}]", "yellow" if asks(step.signature) else "dim")
    lines = [head]
    if node.rationale:
        lines.append(_remark(node.rationale, paint, "   "))
    width = max((len(each.parameter.name) for each in step.bindings), default=0)
    lines += [_assigned(f"   {visible(each.parameter.name):{width}}", _source(each, paint)) for each in step.bindings]
    wrong = paint("  (no such parameter)", "red")
    lines += [
        _assigned(f"   {visible(each.argument.name):{width}}", _quoted(each.argument.value) + wrong)
        for each in step.bound.unknown
    ]
    if step.edges:
        lines.append(f"   {paint('after', 'bold')} {_reasons(step, parted)}")
    return "\n".join(lines)


def _assigned(name: str, value: str) -> str:
    return f"{name} =" + (value if value.startswith("\n") else f" {value}")


def _source(binding: Binding, paint: Paint) -> str:
    match binding.source:
        case Expression(template=template, references=references, argument=argument):
            value = visible(argument.value) if template.whole else _quoted(argument.value)
            origins = dict.fromkeys(
                _origin(each.producer) if template.whole else f"${each.reference.name} {_origin(each.producer)}"
                for each in references
            )
            return value + (paint(f"  ({', '.join(origins)})", "dim") if origins else "")
        case Implicit("chain", producer) if producer.step:
            shown = f"output of step {producer.step}" if producer.how == "output" else f"the {_origin(producer)}"
            return shown + paint("  (implicit)", "dim")
        case Implicit(_, producer):
            return f"${visible(producer.name)}{paint(f'  (implicit, {_origin(producer)})', 'dim')}"
        case Default(value):
            shown = json.dumps(jsonable(value), ensure_ascii=False)
            return f"{visible(shown)}{paint('  (default)', 'dim')}"
        case Unbound():
            return paint("missing", "red")


def _origin(producer: Producer | None) -> str:
    if producer is None:
        return "not set"
    match producer.how:
        case "item":
            return f"item of {producer.step}"
        case "carried":
            return f"last round of {producer.step}, or before"
        case "head":
            return f"output before each round of {producer.step}"
        case _:
            return f"step {producer.step}" if producer.step else "input"


def _quoted(value: str) -> str:
    """Return a text in quotes; one of several lines stands below, each line after a bar."""
    if "\n" not in value:
        return f'"{visible(value)}"'
    return "".join(f"\n      | {visible(line)}" for line in value.split("\n"))


def _reasons(step: ScheduledStep | ScheduledBlock, parted: Collection[str]) -> str:
    """Return what a step waits for, and why; in an `else` that is often the place of a step that does not run then."""
    reasons: dict[str, list[str]] = {}
    for edge in step.edges:
        after = f"in place of {edge.after}" if are_exclusive(edge.after, step.id, parted) else edge.after
        reasons.setdefault(after, []).append(_reason(edge, inside=step.id.startswith(f"{edge.after}.")))
    return ", ".join(f"{after} ({' and '.join(dict.fromkeys(each))})" for after, each in reasons.items())


def _reason(edge: Edge, *, inside: bool) -> str:
    if edge.kind == "control":
        return {"then": "if it holds", "else": "if it does not"}.get(edge.subject, "in each round")
    if edge.kind == "effect":
        return f"both touch {'everything' if edge.subject == EVERYTHING else visible(edge.subject)}"
    if edge.subject == "input":
        return "what a round begins with" if inside else "its output"
    return f"${visible(edge.subject)}"


def _summary(schedule: Schedule) -> str:
    count = len(schedule.steps)
    if count == 1:
        return "1 step"
    wide = "one at a time" if schedule.width == 1 else f"at most {schedule.width} at a time"
    return f"{count} steps, {wide}; longest chain: {' -> '.join(schedule.critical_path)}"


def plan_as_json(schedule: Schedule) -> dict[str, object]:
    """Return the plan in the shape that `show --json` documents."""
    plan = schedule.bound.plan
    return {
        "goal": plan.goal,
        "inputs": _inputs_as_json(plan),
        "steps": [_step_as_json(each) for each in schedule.steps],
        "blocks": [_block_as_json(each) for each in schedule.blocks],
        "width": schedule.width,
        "critical_path": list(schedule.critical_path),
    }


def _inputs_as_json(plan: Plan) -> list[dict[str, object]]:
    return [
        {"name": each.name, "type": each.type, "description": each.description, "default": each.value}
        for each in plan.inputs
    ]


def _step_as_json(step: ScheduledStep) -> dict[str, object]:
    node = step.bound.step
    return {
        "id": step.id,
        "function": node.function.text if step.bound.failure else step.signature.full_name,
        "arguments": _arguments_as_json(step),
        "rationale": node.rationale,
        "reads": list(dict.fromkeys(name for name, _ in _reads(step))),
        "sets": [node.sets] if node.sets else [],
        "after": list(step.after),
        "effect": str(step.signature.effect),
    }


def _block_as_json(block: ScheduledBlock) -> dict[str, object]:
    node = block.bound.node
    foreach = node if isinstance(node, ForEach) else None
    return {
        "id": block.id,
        "kind": block.kind,
        "test": None if isinstance(node, ForEach) else node.test,
        "else": else_id(block.id) if isinstance(node, If) and node.otherwise else None,
        "item": foreach and foreach.item,
        "in": foreach and foreach.over,
        "max": None if isinstance(node, If) else node.max,
        "rationale": node.rationale,
        "reads": list(dict.fromkeys(name for name, _ in _reads(block))),
        "sets": [foreach.sets] if foreach and foreach.sets else [],
        "after": list(block.after),
        "effect": str(block.effect),
    }


def _arguments_as_json(step: ScheduledStep) -> dict[str, str]:
    """Return what the plan writes, by canonical parameter name; what names no parameter keeps its own."""
    written = {
        each.parameter.name: each.source.argument.value for each in step.bindings if isinstance(each.source, Expression)
    }
    return written | {each.argument.name: each.argument.value for each in step.bound.unknown}
