"""Answering: what a reply says before its step, or in place of one."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterator, Sequence
from html import unescape
from typing import cast

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import PathError
from forethought.kernel.problems import Problem
from forethought.kernel.values import follow, text

from .language.nodes import Node, Plan, Step
from .language.scanning import FORBIDDEN
from .language.templates import Reference, Text, parse_template

__all__ = ["ANSWER", "marked", "rendered", "said_in", "unanswerable", "with_thought"]

ANSWER = "RESULT__ANSWER"
"""The key of the result that the answer names, where it is not the last one anyway."""

_STEP = re.compile(r"<(?:plan|function\.|if|foreach|while)(?=[\w\s/>.])", re.IGNORECASE)
_ANSWER = re.compile(r"<answer\s*(?:/>|>(.*?)(?:</answer\s*>|\Z))", re.DOTALL | re.IGNORECASE)
_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)|\A.*</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_THOUGHT = 300
"""The characters of a thought that are kept as the comment of its step."""


def said_in(reply: str) -> tuple[str | None, str]:
    """Return the answer that a reply gives, None for one with a step, and the thought before the step in one line.

    A reply that has both has gone ahead of what it can know: its step counts.
    """
    said = _THINKING.sub("", reply)
    before, *step = _STEP.split(said, maxsplit=1)
    found = None if step else _ANSWER.search(said)
    words = " ".join(FORBIDDEN.sub("", before.replace("`", " ")).split()).removesuffix("xml").rstrip()
    thought = words if len(words) <= _THOUGHT else f"{words[:_THOUGHT]}…"
    return None if found is None else unescape((found[1] or "").strip()), thought


def with_thought(tail: Plan, thought: str) -> Plan:
    """Return a step whose comment says why it is taken, where it has none of its own."""
    first = tail.steps[0]
    if first.rationale or not thought:
        return tail
    named = (
        first._replace(rationale=thought) if isinstance(first, Step) else dataclasses.replace(first, rationale=thought)
    )
    return dataclasses.replace(tail, steps=(named, *tail.steps[1:]))


def unanswerable(answer: str, nodes: Sequence[Node], variables: Collection[str]) -> Iterator[Problem]:
    """Complain of an answer that rests on nothing, or on variables that are not there."""
    if not nodes:
        yield Problem(code="no-step", message="nothing was called yet", hint="an answer rests on what a call gave")
    known = {each.lower() for each in variables}
    for each in parse_template(answer).references:
        if each.name.lower() not in known:
            names = ", ".join(f"${name}" for name in variables)
            message = f"there is no variable '{each.name}' to answer with"
            yield Problem(code="undefined-variable", message=message, hint=f"there are {names}" if names else None)


def marked(nodes: Sequence[Node], answer: str) -> tuple[Node, ...]:
    """Return steps of which the one that the answer names gives the value, where the last one would."""
    whole = parse_template(answer).whole
    inside = Plan(steps=tuple(nodes))
    if whole is None or whole.path or any(step.appends for _, step in inside.walk()):
        return inside.steps
    setting = [
        at
        for at, each in enumerate(nodes)
        if isinstance(each, Step) and (each.sets or "").lower() == whole.name.lower()
    ]
    if not setting or setting[-1] == len(nodes) - 1:
        return inside.steps
    at = setting[-1]
    step = cast("Step", nodes[at])
    return (*nodes[:at], step._replace(appends=ANSWER), *nodes[at + 1 :])


def rendered(answer: str, variables: ContextVariables) -> str:
    """Return an answer with the values of its variables; what is not there stays as it is written."""

    def piece(each: Text | Reference) -> str:
        if isinstance(each, Text):
            return each.text
        try:
            value = variables[each.name]
            if isinstance(value, str) and not each.braced:
                return value + each.path_text
            return text(follow(value, each.path))
        except (KeyError, PathError):
            return each.source

    return "".join(map(piece, parse_template(answer).pieces))
