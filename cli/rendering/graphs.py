"""The dataflow of a plan as a graph in Mermaid or DOT.

Data edges are drawn through and named, effect edges dashed, control edges bold; a frame is around each loop.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from forethought.kernel.functions import EVERYTHING
from forethought.planners.checking.bound import BoundBody
from forethought.planners.scheduling.schedule import Edge, EdgeKind, Schedule, ScheduledBlock, ScheduledStep

from .plans import block_in_words, effect_in_words, inputs_read
from .styling import visible

__all__ = ["render_dot", "render_mermaid"]


@dataclass(frozen=True, slots=True)
class _Arrow:
    """One arrow between two nodes: all variables, or all resources, that are a reason for it."""

    start: str
    end: str
    labels: tuple[str, ...]
    kind: EdgeKind


@dataclass(frozen=True, slots=True)
class _Box:
    """One node: a step or a block, by an id that is safe in any graph language; `depth` is how many loops are around.

    `opens` says that it is a loop, around which a frame begins; `closes` how many frames end after it.
    """

    id: str
    lines: tuple[str, ...]
    block: bool
    opens: bool = False
    closes: int = 0


def _inputs(schedule: Schedule) -> dict[str, str]:
    """Return the inputs that are read, each by an id that is safe in any graph language."""
    nodes = sorted(schedule.by_id.values(), key=_position)
    names = dict.fromkeys(name for each in nodes for name in inputs_read(each))
    return {name: f"i{number}" for number, name in enumerate(names, 1)}


def _position(node: ScheduledStep | ScheduledBlock) -> tuple[int, ...]:
    return tuple(map(int, node.id.split(".")))


def _boxes(schedule: Schedule) -> dict[str, _Box]:
    """Return the boxes of all steps and blocks by the ids of these, in document order."""
    boxes: dict[str, _Box] = {}
    known = schedule.by_id

    def add(body: BoundBody) -> None:
        for node in body.nodes:
            scheduled, id_ = known[node.id], f"s{len(boxes) + 1}"
            if isinstance(scheduled, ScheduledStep):
                boxes[node.id] = _Box(id_, _said(scheduled), block=False)
                continue
            loop = scheduled.kind != "if"
            boxes[node.id] = _Box(id_, (f"{node.id}. {block_in_words(scheduled)}",), block=True, opens=loop)
            for inner in scheduled.bound.bodies:
                add(inner)
            if loop:
                last = next(reversed(boxes))
                boxes[last] = replace(boxes[last], closes=boxes[last].closes + 1)

    add(schedule.bound.body)
    return boxes


def _said(step: ScheduledStep) -> tuple[str, str]:
    if step.bound.failure:
        return f"{step.id}. {step.bound.step.function.text}", "unknown function"
    return f"{step.id}. {step.signature.full_name}", effect_in_words(step.signature)


def _arrows(schedule: Schedule, inputs: dict[str, str], boxes: dict[str, _Box]) -> Iterator[_Arrow]:
    nodes = schedule.by_id
    for id_, box in boxes.items():
        for name in inputs_read(nodes[id_]):
            yield _Arrow(inputs[name], box.id, (), "data")
        grouped: dict[tuple[str, EdgeKind], list[str]] = {}
        for edge in nodes[id_].edges:
            grouped.setdefault((edge.after, edge.kind), []).append(_subject(edge))
        for (after, kind), subjects in grouped.items():
            yield _Arrow(boxes[after].id, box.id, tuple(dict.fromkeys(subjects)), kind)


def _subject(edge: Edge) -> str:
    return "everything" if edge.kind == "effect" and edge.subject == EVERYTHING else edge.subject


def render_mermaid(schedule: Schedule) -> str:
    """Return a Mermaid flowchart; whatever a name holds, it stays text inside a label."""
    inputs, boxes = _inputs(schedule), _boxes(schedule)
    goal = schedule.bound.plan.goal
    lines = ["---", f"title: {json.dumps(visible(goal), ensure_ascii=False)}", "---"] if goal else []
    lines.append("flowchart TD")
    lines += [f'  {node}(["{_entities(f"${name}")}"])' for name, node in inputs.items()]
    for box in boxes.values():
        start, end = ("{{", "}}") if box.block else ("[", "]")
        label = "<br/>".join(map(_entities, box.lines))
        lines += [f"  subgraph {box.id}_rounds [ ]"] if box.opens else []
        lines.append(f'  {box.id}{start}"{label}"{end}')
        lines += ["  end"] * box.closes
    for arrow in _arrows(schedule, inputs, boxes):
        line = {"data": "-->", "effect": "-.->", "control": "==>"}[arrow.kind]
        label = f'|"{_entities(", ".join(arrow.labels))}"|' if arrow.labels else ""
        lines.append(f"  {arrow.start} {line}{label} {arrow.end}")
    return "\n".join(lines)


def render_dot(schedule: Schedule) -> str:
    """Return a DOT digraph for Graphviz; whatever a name holds, it stays text inside a label."""
    inputs, boxes = _inputs(schedule), _boxes(schedule)
    lines = ["digraph plan {", '  node [shape=box, style=rounded, fontname="sans-serif"];']
    lines.append('  edge [fontname="sans-serif", fontsize=10];')
    if schedule.bound.plan.goal:
        lines.append(f'  label="{_escaped(schedule.bound.plan.goal)}"; labelloc=t;')
    lines += [f'  {node} [label="{_escaped(f"${name}")}", shape=ellipse];' for name, node in inputs.items()]
    for box in boxes.values():
        label = "\\n".join(map(_escaped, box.lines))
        lines += [f'  subgraph cluster_{box.id} {{ label=""; style=dotted;'] if box.opens else []
        lines.append(f'  {box.id} [label="{label}"{", shape=hexagon" if box.block else ""}];')
        lines += ["  }"] * box.closes
    for arrow in _arrows(schedule, inputs, boxes):
        attributes = [f'label="{_escaped(", ".join(arrow.labels))}"'] if arrow.labels else []
        attributes += {"data": [], "effect": ["style=dashed"], "control": ["style=bold"]}[arrow.kind]
        listed = f" [{', '.join(attributes)}]" if attributes else ""
        lines.append(f"  {arrow.start} -> {arrow.end}{listed};")
    return "\n".join([*lines, "}"])


def _entities(text: str) -> str:
    """Return `text` with all but letters, digits and harmless signs as Mermaid's entity codes."""
    return re.sub(r"""[^\w\s.,:$/()*-]""", lambda found: f"#{ord(found[0])};", visible(text))


def _escaped(text: str) -> str:
    """Return `text` for a quoted DOT string: no escape, entity or record syntax is left in it."""
    return visible(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
