"""The text of a test: an expression that names its variables bare, and what a reply writes around them.

What the expression means, and whether it may be evaluated, is for the check to say: here it is text.
"""

from __future__ import annotations

import re

from .problems import Report
from .scanning import Attribute

__all__ = ["PATH", "read_test"]

PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+(?:\.[A-Za-z_][A-Za-z0-9_]*+|\[-?[0-9]{1,9}\])*+")
"""A variable, and what is in it: `ROWS[0].email`."""

_PART = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*+"?|'(?:[^'\\]|\\.)*+'?)"""
    rf"""|\$(?:\{{(?P<braced>{PATH.pattern})\}}|(?P<bare>[A-Za-z_][A-Za-z0-9_]*+))"""
    r"""|(?P<opens>\{\{)|(?P<closes>\}\})|(?P<operator>&&|\|\||[=!]==)""",
    re.DOTALL,
)
_OPERATORS = {"&&": "and", "||": "or", "===": "==", "!==": "!="}
_BOUND = re.compile(r"[\w.$)\]}]")
_GOES_ON = re.compile(r"[\w$]")
_ENTITY = re.compile(r"&(?:#[0-9]+|#x[0-9A-Fa-f]+|lt|gt|amp|quot|apos);")


def read_test(attribute: Attribute, report: Report) -> str:
    """Return the expression that an attribute gives: without `$` before its variables, and without `{{ }}`.

    What is in quotes stays as it is. A file has neither outside of them; in a reply they are left out, and operators
    of other languages are those that are meant.
    """
    text = attribute.value
    read: list[str] = []
    at, opened = 0, -1
    for part in _PART.finditer(text):
        read.append(text[at : part.start()])
        at = part.end()
        if name := part["braced"] or part["bare"]:
            read.append(name if _reference(part, name, attribute, report) else part[0])
        elif part["opens"] and opened < 0:
            opened = len(read)
            message, hint = "'{{' stands in a test, which is an expression already", "leave the braces out"
            place = _written_at(attribute, part.start(), report)
            report.add("braces-in-test", message, place, 2, hint=hint, repair="the braces are left out")
            read.append("")
        elif part["closes"] and opened >= 0:
            inside = "".join(read[opened:]).strip()
            whole = not text[at:].strip() and not any(each.strip() for each in read[:opened])
            read[opened:] = [inside if whole or PATH.fullmatch(inside) else f"({inside})"]
            opened = -1
        elif part["operator"] and report.lenient:
            read.append(_operator(part, attribute, report))
        else:
            read.append(part[0])
    read.append(text[at:])
    expression = "".join(read)
    return expression if expression == text else expression.strip()


def _reference(part: re.Match[str], name: str, attribute: Attribute, report: Report) -> bool:
    """Say whether a reference is read as its name: not where something else is written to it on either side."""
    text, (start, end) = attribute.value, part.span()
    alone = not (start and _BOUND.match(text, start - 1)) and not _GOES_ON.match(text, end)
    message = f"'{part[0]}' is a reference, and a test names its variables without the dollar"
    hint, repair = f"write {name}", f"it is read as '{name}'" if alone else ""
    place = _written_at(attribute, start, report)
    return report.add("dollar-in-name", message, place, end - start, hint=hint, repair=repair)


def _operator(part: re.Match[str], attribute: Attribute, report: Report) -> str:
    """Return the operator that is meant, with a space on either side of a word."""
    text, (start, end) = attribute.value, part.span()
    meant = _OPERATORS[part[0]]
    message = f"'{part[0]}' is read as '{meant}'"
    report.note("misspelt-operator", message, _written_at(attribute, start, report), end - start)
    if not meant.isalpha():
        return meant
    before, after = (" " if each.strip() else "" for each in (text[start - 1 : start], text[end : end + 1]))
    return f"{before}{meant}{after}"


def _written_at(attribute: Attribute, offset: int, report: Report) -> int:
    """Return where the character of a value stands in the text: after entities, later than in the value."""
    start = attribute.value_at
    raw = report.source.text[start : start + attribute.length]
    for entity in _ENTITY.finditer(raw):
        if entity.start() >= offset:
            break
        offset += len(entity[0]) - 1
    return start + offset
