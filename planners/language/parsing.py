"""From text to a plan, or to all of its problems.

`parse` and `read` are strict: a file means what it says, or nothing. `read_reply` reads what a model wrote. All go one
way: the scanner gives tokens, the parser builds nodes from them, and each irregularity is reported at one spot, which
also knows the repair; whether it is an error or a repaired notice is for the report to say. Only a long plan, strictly
read, goes a quicker way first, which leaves whatever is irregular to this one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from forethought.kernel.errors import PlanError
from forethought.kernel.problems import Place, Problem

from .grammar import Parser
from .nodes import Plan
from .problems import Report, Stop
from .replies import find_plan
from .source import MAX_REPLY, MAX_SIZE, Source, decode
from .trees import read_tree

__all__ = ["LONG", "Reading", "parse", "read", "read_file", "read_placed", "read_reply"]

LONG = 20_000
"""The most characters of a text that is read, with its places, before lxml would have been imported."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a text gave: the plan, unless a problem is an error, and all problems in document order."""

    plan: Plan | None
    problems: tuple[Problem, ...]


def parse(text: str | bytes) -> Plan:
    """Return the plan that `text` is, strictly; raises PlanError with all problems."""
    reading = read(text)
    if reading.plan is None:
        raise PlanError(reading.problems)
    return reading.plan


def read(text: str | bytes) -> Reading:
    """Read the plan that `text` is, strictly. Never raises: what is wrong is in the reading."""
    decoded, problem = decode(text)
    if problem:
        return Reading(None, (problem,))
    plan = read_tree(decoded) if len(decoded) > LONG else None
    return Reading(plan, ()) if plan else _read(Report(Source(decoded), lenient=False), 0, len(decoded))


def read_placed(text: str) -> Plan | None:
    """Return the plan that `text`, the source of a plan, is, with the place of every part."""
    return _read(Report(Source(text), lenient=False), 0, len(text)).plan


def read_file(path: Path) -> Reading:
    """Read the plan in a file, strictly; raises OSError where there is no such file."""
    with path.open("rb") as file:
        reading = read(file.read(MAX_SIZE + 1))
    return Reading(reading.plan, tuple(replace(problem, file=str(path)) for problem in reading.problems))


def read_reply(text: str) -> Reading:
    """Read the plan in a model's reply, repairing what can only be meant one way; each repair is a notice."""
    decoded, problem = decode(text, MAX_REPLY)
    if problem:
        return Reading(None, (problem,))
    report = Report(Source(decoded), lenient=True)
    found = find_plan(report)
    return _read(report, found.at, found.end, wrapped=found.wrapped) if found else _reading(report, None)


def _read(report: Report, at: int, end: int, *, wrapped: bool = True) -> Reading:
    """Read the plan that stands in the report's source from `at` to `end`; `wrapped` in a `<plan>`, as it should."""
    try:
        parser = Parser(report, at, end)
        plan = parser.document() if wrapped else parser.steps_alone()
    except Stop:
        plan = None
    return _reading(report, plan)


def _reading(report: Report, plan: Plan | None) -> Reading:
    problems = sorted(report.problems, key=lambda problem: problem.place or Place(0, 0))
    return Reading(None if report.errors else plan, tuple(problems))
