"""Plan files: read with all their problems, written whole or not at all."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from forethought.kernel.problems import Problem, has_errors
from forethought.planners.language.nodes import Plan
from forethought.planners.language.parsing import read
from forethought.planners.language.source import MAX_SIZE

from .console import Console, UsageError

__all__ = ["PlanFile", "check_writable", "is_file_name", "read_plan", "read_text", "refuse", "write_text"]

STDIN = "-"


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan as it stands in a file: `plan` is None where it cannot be read; `source` is what places point into."""

    name: str
    source: str
    plan: Plan | None
    problems: tuple[Problem, ...]


def is_file_name(word: str) -> bool:
    """Say whether `word` is a file and not a goal: `-`, what ends with .xml, and whatever exists and is no folder."""
    there = os.path.exists(word) and not os.path.isdir(word)  # noqa: PTH110, PTH112 - these never raise
    return word == STDIN or word.lower().endswith(".xml") or there


def read_plan(name: str, console: Console) -> PlanFile:
    """Read the plan in the file `name`, or on standard input for `-`. Raises UsageError where there is no such file."""
    data = _bytes(name, console)
    reading = read(data)
    text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8", errors="replace")
    source = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return PlanFile("<stdin>" if name == STDIN else name, source, reading.plan, reading.problems)


def read_text(name: str, console: Console) -> str:
    """Return the text of a file, or of standard input for `-`; it must be UTF-8."""
    try:
        return _bytes(name, console).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"'{name}' is not UTF-8 text (byte {error.start})") from error


def _bytes(name: str, console: Console) -> bytes:
    """Return what the file holds, but no more than one byte beyond what a plan may have."""
    if name == STDIN:
        return console.input.buffer.read(MAX_SIZE + 1) if console.input else b""
    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_SIZE + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise _cannot("read", name, error) from error


def refuse(file: PlanFile, problems: tuple[Problem, ...], console: Console) -> int:
    """Show why a plan cannot be used and return the exit status."""
    if console.json:
        from .rendering.problems import count_problems, problem_as_json

        listed = [problem_as_json(each) for each in problems]
        errors = count_problems(each for each in problems if has_errors([each]))
        console.print_json({"error": f"{file.name}: {errors}", "problems": listed})
    console.tell_problems(problems, file=file.name, source=file.source)
    return 1


def check_writable(name: str) -> None:
    """Raise UsageError where `write_text` would surely fail: asked before something costly is made."""
    try:
        target = Path(os.path.realpath(name))
        if not target.parent.is_dir():
            raise UsageError(f"cannot write '{name}': there is no folder '{target.parent}'")
        if target.is_dir():
            raise UsageError(f"cannot write '{name}': it is a folder")
        if not os.access(target if target.exists() else target.parent, os.W_OK):
            raise UsageError(f"cannot write '{name}': permission denied")
    except (OSError, ValueError) as error:
        raise _cannot("write", name, error) from error


def write_text(name: str, text: str) -> None:
    """Write a file whole: a reader never sees half of it, and what was there stays where writing fails."""
    target = Path(os.path.realpath(name))
    try:
        if target.exists() and not target.is_file():  # a device or a pipe
            target.write_text(text, encoding="utf-8")
            return
        draft = target.with_name(f".{target.name[:20]}.{os.getpid()}")
        try:
            draft.write_text(text, encoding="utf-8")
            if target.exists():
                shutil.copymode(target, draft)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise _cannot("write", name, error) from error


def _cannot(what: str, name: str, error: OSError | ValueError) -> UsageError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return UsageError(f"cannot {what} '{name}': {reason[:1].lower()}{reason[1:]}")
