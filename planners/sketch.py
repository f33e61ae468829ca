"""Sketches: the short notation in which a small model that has learned to plan reads functions and writes plans.

The functions are shown one a line, then comes the goal; a plan is a call a line, until a full stop:

    joke(topic): Tell a joke about something
    send(to, message, subject=): Send an email

    Email bob@example.com a joke about cats

    joke topic="cats"
    send to="bob@example.com" message=$joke
    .

A value is a JSON string or `$` and the function that made it (`$joke_2` for the second call of `joke`), or a variable
that was there before. A goal that these functions cannot reach is answered with `none.`
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from forethought.kernel.functions import FunctionSignature
from forethought.kernel.models.chat import Message
from forethought.prompts import fill

from .manual import signature_line

__all__ = ["END", "NONE", "Reading", "labels", "line", "question", "read_line", "result_label", "written"]

END = "."
NONE = "none."

_LONGEST = 90
_SIGNATURE = re.compile(r"(?P<call>[^\s(]+\(.*?\))(?: -> .*?)?(?: \[[^\]]*\])?(?P<description>: .*)?\Z")


@dataclass(frozen=True, slots=True)
class Reading:
    """A value that is the output of an earlier call, by its label, or a variable."""

    label: str


def labels(functions: Iterable[FunctionSignature]) -> dict[str, FunctionSignature]:
    """Return what each function is called in a sketch: its name alone, where no other one shown has it."""
    shown = list(functions)
    names = [each.name.lower() for each in shown]
    return {each.name if names.count(each.name.lower()) == 1 else each.full_name: each for each in shown}


def line(label: str, function: FunctionSignature) -> str:
    """Return the line that shows a function: its parameters and the first sentence of its description."""
    found = _SIGNATURE.match(signature_line(function))
    call, said = (found["call"], found["description"] or "") if found else (function.name + "()", "")
    return label + call.removeprefix(function.name) + said[:_LONGEST]


def question(functions: Sequence[FunctionSignature], goal: str, variables: Collection[str] = ()) -> list[Message]:
    """Return the conversation that asks for a sketch of a plan that reaches `goal`."""
    shown = fill("sketch", functions=[line(label, each) for label, each in labels(functions).items()])
    given = f"Given: {', '.join(f'${name}' for name in variables)}\n" if variables else ""
    return [Message("system", shown), Message("user", given + goal)]


def written(label: str, values: Mapping[str, str | Reading]) -> str:
    """Return one call as a line of a sketch, without the end of the line."""
    parts = (f" {name}={_value(value)}" for name, value in values.items())
    return label + "".join(parts)


def read_line(line: str) -> tuple[str, dict[str, str | Reading]]:
    """Read one call: its label, and its values by parameter; raises ValueError for what is none."""
    label, *_ = line.split(" ", 1)
    values: dict[str, str | Reading] = {}
    at = len(label)
    while at < len(line):
        name, equals, rest = line[at + 1 :].partition("=")
        if line[at] != " " or not equals or not rest:
            raise ValueError(f"'{line}' is no call")
        at += len(name) + 2
        if rest.startswith("$"):
            label_read = rest[1:].split(" ", 1)[0]
            values[name] = Reading(label_read)
            at += len(label_read) + 1
        else:
            value, length = json.JSONDecoder().raw_decode(rest)
            values[name] = str(value)
            at += length
    return label, values


def result_label(label: str, known: Collection[str]) -> str:
    """Return the name by which later lines read the output of a call: its function's, or with a number after it."""
    found, number = label, 1
    while found in known:
        number += 1
        found = f"{label}_{number}"
    return found


def _value(value: str | Reading) -> str:
    return f"${value.label}" if isinstance(value, Reading) else json.dumps(value, ensure_ascii=False)
