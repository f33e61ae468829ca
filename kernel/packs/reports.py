"""Report: where a reader writes down what it changed or could not read, file by file."""

from __future__ import annotations

import re
from pathlib import Path

from forethought.kernel.problems import Place, Problem, Severity

__all__ = ["Report", "place_at", "place_of_key"]


class Report:
    """Problems of one file; every report of a pack appends to the same list, in the order of reading."""

    __slots__ = ("file", "found")

    def __init__(self, file: Path, found: list[Problem] | None = None) -> None:
        self.file = file
        self.found: list[Problem] = [] if found is None else found

    def on(self, file: Path) -> Report:
        """Return a report about another file of the same pack."""
        return Report(file, self.found)

    def error(self, code: str, message: str, *, hint: str | None = None, place: Place | None = None) -> None:
        """Note what could not be read."""
        self._add(Severity.ERROR, code, message, hint, place)

    def warning(self, code: str, message: str, *, hint: str | None = None, place: Place | None = None) -> None:
        """Note what was read, and most likely not as it was meant."""
        self._add(Severity.WARNING, code, message, hint, place)

    def notice(self, code: str, message: str, *, hint: str | None = None, place: Place | None = None) -> None:
        """Note what was changed on the way."""
        self._add(Severity.NOTICE, code, message, hint, place)

    def _add(self, severity: Severity, code: str, message: str, hint: str | None, place: Place | None) -> None:
        self.found.append(
            Problem(code=code, message=message, severity=severity, hint=hint, place=place, file=str(self.file))
        )


def place_at(text: str, offset: int, length: int = 1) -> Place:
    """Return the place of a character of `text`."""
    start = text.rfind("\n", 0, offset) + 1
    return Place(text.count("\n", 0, offset) + 1, offset - start + 1, length)


def place_of_key(text: str, key: str, occurrence: int = 1) -> Place | None:
    """Return where `key` is written as a key of JSON or YAML in `text`, as far as the eye can tell."""
    spelled = re.compile(rf"""(?<![\w$-])["']?{re.escape(key)}["']?\s*:""")
    for number, match in enumerate(spelled.finditer(text), start=1):
        if number == occurrence:
            return place_at(text, match.start(), len(match.group()[:-1].rstrip()))
    return None
