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
    return _Test(attribute, report).read()


class _Test:
    """One test being read; `at` is the offset that has been reached in the value, `written` the one in the text."""

    def __init__(self, attribute: Attribute, report: Report) -> None:
        self.text = attribute.value
        self.report = report
        start, end = attribute.value_at, attribute.value_at + attribute.length
        self.entities = _ENTITY.finditer(report.source.text, start, end)
        self.entity = next(self.entities, None)
        self.shift = start

    def read(self) -> str:
        text, read = self.text, list[str]()
        at, opened = 0, -1
        for part in _PART.finditer(text):
            read.append(text[at : part.start()])
            at = part.end()
            if name := part["braced"] or part["bare"]:
                read.append(self.reference(part, name))
            elif part["operator"] and self.report.lenient:
                read.append(self.operator(part))
            elif part["opens"] and opened < 0:
                opened = len(read)
                message, hint = "'{{' stands in a test, which is an expression already", "leave the braces out"
                place = self.place(part.start())
                self.report.add("braces-in-test", message, place, 2, hint=hint, repair="the braces are left out")
            elif part["closes"] and opened >= 0:
                inside = "".join(read[opened:]).strip()
                whole = not text[at:].strip() and not any(each.strip() for each in read[:opened])
                read[opened:] = [inside if whole or PATH.fullmatch(inside) else f"({inside})"]
                opened = -1
            else:
                read.append(part[0])
        read.append(text[at:])
        expression = "".join(read)
        return expression if expression == text else expression.strip()

    def reference(self, part: re.Match[str], name: str) -> str:
        """Return the name of a reference, or where something else is written to it on either side, what it was."""
        start, end = part.span()
        alone = not (start and _BOUND.match(self.text, start - 1)) and not _GOES_ON.match(self.text, end)
        message = f"'{part[0]}' is a reference, and a test names its variables without the dollar"
        hint, repair = f"write {name}", f"it is read as '{name}'" if alone else ""
        place, length = self.place(start), end - start
        return name if self.report.add("dollar-in-name", message, place, length, hint=hint, repair=repair) else part[0]

    def operator(self, part: re.Match[str]) -> str:
        """Return the operator that is meant; a word has spaces around it."""
        start, end = part.span()
        meant = _OPERATORS[part[0]]
        message = f"'{part[0]}' is read as '{meant}'"
        self.report.note("misspelt-operator", message, self.place(start), end - start)
        if not meant.isalpha():
            return meant
        before, after = (
            " " if each.strip() else "" for each in (self.text[start - 1 : start], self.text[end : end + 1])
        )
        return f"{before}{meant}{after}"

    def place(self, offset: int) -> int:
        """Return where the character of the value stands in the text: each entity before it has been longer there.

        To be asked in order, so that a long test is gone through once.
        """
        while self.entity and self.entity.start() < self.shift + offset:
            self.shift += len(self.entity[0]) - 1
            self.entity = next(self.entities, None)
        return self.shift + offset
