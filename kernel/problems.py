"""Problem: one finding about a plan or a pack, with a code, a place, and where one exists, the way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

__all__ = ["Place", "Problem", "Severity", "has_errors"]


class Severity(StrEnum):
    """How much a problem matters: an *error* stops, a *warning* deserves a look, a *notice* tells what was done."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Place(NamedTuple):
    """A stretch of a text on one line: line and column count from 1, in characters; length may be zero."""

    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding.

    `code` is stable kebab-case (`unknown-function`), `message` one sentence that quotes the offending words, `hint`
    the way out. `step` is the id of the step in the plan, `file` the file the place lies in, where either applies.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    place: Place | None = None
    step: str | None = None
    hint: str | None = None
    file: str | None = None

    def __str__(self) -> str:
        where = f"{self.place.line}:{self.place.column}: " if self.place else ""
        where = f"{self.file}:{where or ' '}" if self.file else where
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}{self.severity}: {self.message}{hint} [{self.code}]"


def has_errors(problems: Iterable[Problem]) -> bool:
    """Say whether one of `problems` is an error."""
    return any(problem.severity is Severity.ERROR for problem in problems)
