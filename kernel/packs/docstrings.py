"""Docstrings: the first paragraph, and what is said of each parameter (Google, NumPy and Sphinx style)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

__all__ = ["first_paragraph", "parameter_descriptions"]

_SPHINX = re.compile(r":param\s([^:]*):(.*)")
_GOOGLE = re.compile(r"\*{0,2}(\w+)\s*(?:\([^)]*\)\s*)?:(.*)")
_NUMPY = re.compile(r"\*{0,2}(\w+(?:\s*,\s*\w+)*)\s*(?::.*)?")
_HEADS = frozenset({"args:", "arguments:", "parameters:", "params:"})


def first_paragraph(docstring: str) -> str:
    """Return the first paragraph on one line."""
    return " ".join(inspect.cleandoc(docstring).partition("\n\n")[0].split())


def parameter_descriptions(docstring: str) -> dict[str, str]:
    """Return what the docstring says of each parameter, each on one line."""
    lines = inspect.cleandoc(docstring).split("\n")
    found: dict[str, str] = {}
    for index, line in enumerate(lines):
        following = lines[index + 1].strip() if index + 1 < len(lines) else ""
        if (match := _SPHINX.fullmatch(line.strip())) and match[1].strip():
            found[match[1].split()[-1].lstrip("*")] = _joined([match[2], *_deeper(lines, index)])
        elif line.strip().lower() in _HEADS:
            found |= _google(lines, index)
        elif line.strip() == "Parameters" and set(following) == {"-"}:
            found |= _numpy(lines, index + 2)
    return found


def _google(lines: list[str], head: int) -> dict[str, str]:
    section = list(_deeper(lines, head))
    margin = min((_indent(line) for line in section if line.strip()), default=0)
    found: dict[str, str] = {}
    for index, line in enumerate(section):
        if _indent(line) == margin and (match := _GOOGLE.fullmatch(line.strip())):
            found[match[1]] = _joined([match[2], *_deeper(section, index)])
    return found


def _numpy(lines: list[str], start: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for index in range(start, len(lines)):
        line = lines[index]
        if not line.strip() or _indent(line):
            continue
        if index + 1 < len(lines) and set(lines[index + 1].strip()) == {"-"}:
            break
        if match := _NUMPY.fullmatch(line):
            for name in match[1].split(","):
                found[name.strip()] = _joined(_deeper(lines, index))
    return found


def _deeper(lines: list[str], index: int) -> Iterator[str]:
    """Yield the lines after `index` that are indented deeper than it; blank ones are passed over."""
    margin = _indent(lines[index])
    for number in range(index + 1, len(lines)):
        line = lines[number]
        if line.strip() and _indent(line) <= margin:
            return
        yield line


def _joined(lines: list[str] | Iterator[str]) -> str:
    return " ".join(" ".join(lines).split())


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
