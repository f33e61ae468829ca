"""Examples: a goal that a saved plan reaches is an example of one for each function that the plan calls."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path

from forethought.kernel.errors import LookupFailure
from forethought.kernel.packs.files import read_text
from forethought.kernel.packs.reports import Report
from forethought.kernel.registry import SkillRegistry
from forethought.planners.language.parsing import read

__all__ = ["examples_of"]


def examples_of(files: Iterable[tuple[str, Path]], skills: SkillRegistry) -> Mapping[str, tuple[str, ...]]:
    """Return the goals of plan files, by the full name of each function that their steps call.

    What cannot be read, has no goal, or calls nobody here gives no example; reading recipes says what is wrong with it.
    """
    goals: dict[str, dict[str, None]] = {}
    for _, file in files:
        try:
            status = file.stat()
        except OSError:
            continue
        goal, names = _read(file, status.st_mtime_ns, status.st_size)
        for name in names if goal else ():
            try:
                goals.setdefault(skills.find(name, suggest=False).full_name, {})[goal] = None
            except LookupFailure:
                continue
    return {name: tuple(each) for name, each in goals.items()}


@functools.lru_cache(1_000)
def _read(file: Path, changed: int, size: int) -> tuple[str, tuple[str, ...]]:
    """Return the goal of a plan and the functions it names; once for a file that does not change."""
    del changed, size
    text = read_text(file, file.parent.parent, Report(file))
    plan = read(text).plan if text is not None else None
    if plan is None:
        return "", ()
    return plan.goal, tuple(dict.fromkeys(step.function.text for _, step in plan.walk()))
