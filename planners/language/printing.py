"""From a plan to its canonical text: `parse(print_plan(plan)) == plan` for every plan that was read.

Attributes come in order, then `<arg>` children: from the first argument that wants room on, all are children, so that
their order is kept.
"""

from __future__ import annotations

import functools
import re

from forethought.kernel.errors import PlanError
from forethought.kernel.problems import Problem

from .nodes import Argument, ForEach, If, Input, Node, Plan, Step, While
from .scanning import DASHES, FORBIDDEN, NAME

__all__ = ["print_plan"]

_ROOM = 100
"""A longer value is an `<arg>`."""

_QUOTES = 2
"""So is one with more double quotes."""

_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
)
_SPECIAL = re.compile('[&<>"\n\t\r]')
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def print_plan(plan: Plan) -> str:
    """Return the canonical text of `plan`.

    Of a plan made in code, `--` in a comment becomes `- -`; a character that XML cannot hold raises PlanError.
    """
    tag = _tag("plan", [("goal", plan.goal)] if plan.goal else [])
    lines = [_input(each) for each in plan.inputs]
    _add_nodes(lines, plan.steps, 1)
    if not plan.steps and plan.reason:
        lines.append(f"  {plan.reason.translate(_TEXT)}\n")
    lines += _comment(plan.remark, "  ")
    text = f"<{tag}>\n{''.join(lines)}</plan>\n" if lines else f"<{tag}/>\n"
    if forbidden := FORBIDDEN.search(text):
        message = f"the plan has the character U+{ord(forbidden[0]):04X}, which XML cannot hold"
        raise PlanError([Problem(code="forbidden-character", message=message)])
    return text


def _tag(name: str, attributes: list[tuple[str, str]]) -> str:
    return name + "".join([f' {key}="{_escaped(value)}"' for key, value in attributes])


def _escaped(value: str) -> str:
    return value.translate(_ATTRIBUTE) if _SPECIAL.search(value) else value


def _comment(text: str, indent: str) -> list[str]:
    return [f"{indent}<!-- {DASHES.sub('- ', text)} -->\n"] if text else []


def _add_nodes(lines: list[str], nodes: tuple[Node, ...], depth: int) -> None:
    """Add the lines of the nodes that stand in an element of this depth."""
    indent = "  " * depth
    for node in nodes:
        lines += _comment(node.rationale, indent)
        match node:
            case Step():
                lines.append(_step(node, indent))
            case If(test=test, then=then, otherwise=otherwise):
                _add_block(lines, "if", _test(test), then, depth)
                if otherwise:
                    _add_block(lines, "else", "", otherwise, depth)
            case ForEach(item=item, over=over, body=body):
                attributes = [("item", item), ("in", over)]
                attributes += [("max", str(node.max))] if node.max is not None else []
                attributes += [("setContextVariable", node.sets)] if node.sets is not None else []
                _add_block(lines, "foreach", _tag("", attributes), body, depth)
            case While(test=test, body=body):
                _add_block(lines, "while", _test(test) + _tag("", [("max", str(node.max))]), body, depth)


def _add_block(lines: list[str], name: str, attributes: str, body: tuple[Node, ...], depth: int) -> None:
    indent = "  " * depth
    lines.append(f"{indent}<{name}{attributes}>\n")
    _add_nodes(lines, body, depth + 1)
    lines.append(f"{indent}</{name}>\n")


def _test(test: str) -> str:
    """Print a test as it reads best: `>` is itself, and double quotes stand in single ones."""
    escaped = test.translate(_ATTRIBUTE).replace("&gt;", ">")
    if '"' in test and "'" not in test:
        return f" test='{escaped.replace('&quot;', chr(34))}'"
    return f' test="{escaped}"'


def _input(declared: Input) -> str:
    attributes = [("name", declared.name), ("type", declared.type)]
    if declared.description:
        attributes.append(("description", declared.description))
    tag = _tag("input", attributes)
    if declared.value is None:
        return f"  <{tag}/>\n"
    value = declared.value.translate(_TEXT) if declared.value else _cdata("")
    return f"  <{tag}>{value}</input>\n"


def _step(step: Step, indent: str) -> str:
    arguments = step.arguments
    inline = 0
    while inline < len(arguments) and not _wants_room(arguments[inline]):
        inline += 1
    attributes = [(argument.name, argument.value) for argument in arguments[:inline]]
    attributes += [("setContextVariable", step.sets)] if step.sets is not None else []
    attributes += [("appendToResult", step.appends)] if step.appends is not None else []
    name = f"function.{step.function.text}"
    tag = _tag(name, attributes)
    if inline == len(arguments):
        return f"{indent}<{tag}/>\n"
    children = "".join(
        f"{indent}  <{_tag('arg', [('name', a.name)])}>{_value(a.value)}</arg>\n" for a in arguments[inline:]
    )
    return f"{indent}<{tag}>\n{children}{indent}</{name}>\n"


def _wants_room(argument: Argument) -> bool:
    value = argument.value
    if len(value) > _ROOM or "\n" in value or value.count('"') > _QUOTES:
        return True
    return not _is_attribute(argument.name)


@functools.lru_cache(maxsize=1024)
def _is_attribute(name: str) -> bool:
    """Say whether an argument of this name can be an attribute; a plan has few names, many times each."""
    return NAME.fullmatch(name) is not None and ":" not in name


def _value(value: str) -> str:
    """As it is where nothing needs escaping, else CDATA; a carriage return lives in neither but as a reference."""
    escaped = value.translate(_TEXT)
    return escaped if escaped == value or "\r" in value else _cdata(value)


def _cdata(value: str) -> str:
    return f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"
