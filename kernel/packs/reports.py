"""Report: where a reader writes down what it changed or could not read, file by file."""

from __future__ import annotations

import re
from pathlib import Path

from forethought.kernel.problems import Place, Problem, Severity

__all__ = ["Report", "place_at"]

_LISTED = 50  # of one file; a file with more of them is hardly a configuration at all


class Report:
    """Problems of one file; every report of a pack appends to the same list, in the order of reading.

    `text` is what the file holds, once it has been read: with it, a problem of a `key` has a place. Beyond the first
    fifty problems of a file only errors are listed.
    """

    __slots__ = ("_count", "file", "found", "text")

    def __init__(self, file: Path, found: list[Problem] | None = None) -> None:
        self.file = file
        self.found: list[Problem] = [] if found is None else found
        self.text = ""
        self._count = 0

    def on(self, file: Path) -> Report:
        """Return a report about another file of the same pack."""
        return Report(file, self.found)

    def error(
        self, code: str, message: str, *, hint: str | None = None, place: Place | None = None, key: str = ""
    ) -> None:
        """Note what could not be read."""
        self._add(Severity.ERROR, code, message, hint=hint, place=place, key=key)

    def warning(
        self, code: str, message: str, *, hint: str | None = None, place: Place | None = None, key: str = ""
    ) -> None:
        """Note what was read, and most likely not as it was meant."""
        self._add(Severity.WARNING, code, message, hint=hint, place=place, key=key)

    def notice(
        self, code: str, message: str, *, hint: str | None = None, place: Place | None = None, key: str = ""
    ) -> None:
        """Note what was changed on the way."""
        self._add(Severity.NOTICE, code, message, hint=hint, place=place, key=key)

    def _add(
        self, severity: Severity, code: str, message: str, *, hint: str | None, place: Place | None, key: str
    ) -> None:
        self._count += 1
        many = self._count > _LISTED
        if self._count == _LISTED + 1:
            self._append(Severity.NOTICE, "more-problems", "more problems are not listed")
        if many and severity is not Severity.ERROR:
            return
        found = place or (_place_of_key(self.text, key) if key and not many else None)
        self._append(severity, code, message, hint=hint, place=found)

    def _append(
        self, severity: Severity, code: str, message: str, *, hint: str | None = None, place: Place | None = None
    ) -> None:
        self.found.append(
            Problem(code=code, message=message, severity=severity, hint=hint, place=place, file=str(self.file))
        )


def place_at(text: str, offset: int, length: int = 1) -> Place:
    """Return the place of a character of `text`."""
    start = text.rfind("\n", 0, offset) + 1
    return Place(text.count("\n", 0, offset) + 1, offset - start + 1, length)


def _place_of_key(text: str, key: str) -> Place | None:
    """Return where `key` is first written as a key of JSON or YAML in `text`, as far as the eye can tell."""
    match = re.search(rf"""(?<![\w$-])["']?{re.escape(key)}["']?[ \t]{{0,9}}:""", text)
    return place_at(text, match.start(), len(match.group()[:-1].rstrip())) if match else None
