"""From a plan to its canonical text: `parse(print_plan(plan)) == plan` for every plan that was read.

Attributes come in order, then `<arg>` children: from the first argument that wants room on, all are children, so that
their order is kept.
"""

from __future__ import annotations

from forethought.kernel.errors import PlanError
from forethought.kernel.problems import Problem

from .nodes import Argument, Input, Plan, Step
from .scanning import DASHES, FORBIDDEN, NAME

__all__ = ["print_plan"]

_ROOM = 100
"""A longer value is an `<arg>`."""

_QUOTES = 2
"""So is one with more double quotes."""

_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
)
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def print_plan(plan: Plan) -> str:
    """Return the canonical text of `plan`.

    Of a plan made in code, `--` in a comment becomes `- -`; a character that XML cannot hold raises PlanError.
    """
    tag = _tag("plan", [("goal", plan.goal)] if plan.goal else [])
    lines = [_input(each) for each in plan.inputs]
    for step in plan.steps:
        lines += _comment(step.rationale)
        lines.append(_step(step))
    if not plan.steps and plan.reason:
        lines.append(f"  {plan.reason.translate(_TEXT)}\n")
    lines += _comment(plan.remark)
    text = f"<{tag}>\n{''.join(lines)}</plan>\n" if lines else f"<{tag}/>\n"
    if forbidden := FORBIDDEN.search(text):
        message = f"the plan has the character U+{ord(forbidden[0]):04X}, which XML cannot hold"
        raise PlanError([Problem(code="forbidden-character", message=message)])
    return text


def _tag(name: str, attributes: list[tuple[str, str]]) -> str:
    return name + "".join(f' {key}="{value.translate(_ATTRIBUTE)}"' for key, value in attributes)


def _comment(text: str) -> list[str]:
    return [f"  <!-- {DASHES.sub('- ', text)} -->\n"] if text else []


def _input(declared: Input) -> str:
    attributes = [("name", declared.name), ("type", declared.type)]
    if declared.description:
        attributes.append(("description", declared.description))
    tag = _tag("input", attributes)
    if declared.value is None:
        return f"  <{tag}/>\n"
    value = declared.value.translate(_TEXT) if declared.value else _cdata("")
    return f"  <{tag}>{value}</input>\n"


def _step(step: Step) -> str:
    arguments = step.arguments
    inline = next((n for n, argument in enumerate(arguments) if _wants_room(argument)), len(arguments))
    attributes = [(argument.name, argument.value) for argument in arguments[:inline]]
    attributes += [("setContextVariable", step.sets)] if step.sets is not None else []
    attributes += [("appendToResult", step.appends)] if step.appends is not None else []
    name = f"function.{step.function.text}"
    tag = _tag(name, attributes)
    if inline == len(arguments):
        return f"  <{tag}/>\n"
    children = "".join(f"    <{_tag('arg', [('name', a.name)])}>{_value(a.value)}</arg>\n" for a in arguments[inline:])
    return f"  <{tag}>\n{children}  </{name}>\n"


def _wants_room(argument: Argument) -> bool:
    value = argument.value
    if len(value) > _ROOM or "\n" in value or value.count('"') > _QUOTES:
        return True
    return NAME.fullmatch(argument.name) is None or ":" in argument.name


def _value(value: str) -> str:
    """As it is where nothing needs escaping, else CDATA; a carriage return lives in neither but as a reference."""
    escaped = value.translate(_TEXT)
    return escaped if escaped == value or "\r" in value else _cdata(value)


def _cdata(value: str) -> str:
    return f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"
