"""The dataflow of a plan as a graph in Mermaid or DOT: data edges drawn through and named, effect edges dashed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from forethought.kernel.functions import EVERYTHING
from forethought.planners.scheduling.schedule import Edge, Schedule

from .plans import effect_in_words, inputs_read
from .styling import visible

__all__ = ["render_dot", "render_mermaid"]


@dataclass(frozen=True, slots=True)
class _Arrow:
    """One arrow between two nodes: all variables, or all resources, that are a reason for it."""

    start: str
    end: str
    labels: tuple[str, ...]
    dashed: bool


def _nodes(schedule: Schedule) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Return the inputs that are read and the steps, each by an id that is safe in any graph language."""
    inputs = dict.fromkeys(name for step in schedule.steps for name in inputs_read(step))
    boxes = {
        step.id: (
            step.bound.step.function.text if step.bound.failure else step.signature.full_name,
            "unknown function" if step.bound.failure else effect_in_words(step.signature),
        )
        for step in schedule.steps
    }
    return {name: f"i{number}" for number, name in enumerate(inputs, 1)}, boxes


def _arrows(schedule: Schedule, inputs: dict[str, str], steps: dict[str, str]) -> Iterator[_Arrow]:
    for step in schedule.steps:
        for name in inputs_read(step):
            yield _Arrow(inputs[name], steps[step.id], (), dashed=False)
        grouped: dict[tuple[str, bool], list[str]] = {}
        for edge in step.edges:
            grouped.setdefault((edge.after, edge.kind == "effect"), []).append(_subject(edge))
        for (after, dashed), subjects in grouped.items():
            yield _Arrow(steps[after], steps[step.id], tuple(dict.fromkeys(subjects)), dashed)


def _subject(edge: Edge) -> str:
    return "everything" if edge.kind == "effect" and edge.subject == EVERYTHING else edge.subject


def render_mermaid(schedule: Schedule) -> str:
    """Return a Mermaid flowchart; whatever a name holds, it stays text inside a label."""
    inputs, boxes = _nodes(schedule)
    steps = {id_: f"s{number}" for number, id_ in enumerate(boxes, 1)}
    goal = schedule.bound.plan.goal
    lines = ["---", f"title: {json.dumps(visible(goal), ensure_ascii=False)}", "---"] if goal else []
    lines.append("flowchart TD")
    lines += [f'  {node}(["{_entities(f"${name}")}"])' for name, node in inputs.items()]
    lines += [
        f'  {steps[id_]}["{_entities(f"{id_}. {name}")}<br/>{_entities(effect)}"]'
        for id_, (name, effect) in boxes.items()
    ]
    for arrow in _arrows(schedule, inputs, steps):
        line = "-.->" if arrow.dashed else "-->"
        label = f'|"{_entities(", ".join(arrow.labels))}"|' if arrow.labels else ""
        lines.append(f"  {arrow.start} {line}{label} {arrow.end}")
    return "\n".join(lines)


def render_dot(schedule: Schedule) -> str:
    """Return a DOT digraph for Graphviz; whatever a name holds, it stays text inside a label."""
    inputs, boxes = _nodes(schedule)
    steps = {id_: f"s{number}" for number, id_ in enumerate(boxes, 1)}
    lines = ["digraph plan {", '  node [shape=box, style=rounded, fontname="sans-serif"];']
    lines.append('  edge [fontname="sans-serif", fontsize=10];')
    if schedule.bound.plan.goal:
        lines.append(f'  label="{_escaped(schedule.bound.plan.goal)}"; labelloc=t;')
    lines += [f'  {node} [label="{_escaped(f"${name}")}", shape=ellipse];' for name, node in inputs.items()]
    lines += [
        f'  {steps[id_]} [label="{_escaped(f"{id_}. {name}")}\\n{_escaped(effect)}"];'
        for id_, (name, effect) in boxes.items()
    ]
    for arrow in _arrows(schedule, inputs, steps):
        attributes = [f'label="{_escaped(", ".join(arrow.labels))}"'] if arrow.labels else []
        attributes += ["style=dashed"] if arrow.dashed else []
        listed = f" [{', '.join(attributes)}]" if attributes else ""
        lines.append(f"  {arrow.start} -> {arrow.end}{listed};")
    return "\n".join([*lines, "}"])


def _entities(text: str) -> str:
    """Return `text` with all but letters, digits and harmless signs as Mermaid's entity codes."""
    return re.sub(r"""[^\w\s.,:$/()*-]""", lambda found: f"#{ord(found[0])};", visible(text))


def _escaped(text: str) -> str:
    """Return `text` for a quoted DOT string: no escape, entity or record syntax is left in it."""
    return visible(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
