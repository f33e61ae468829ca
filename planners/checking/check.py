"""Checking: everything that can be known about a plan before it runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from forethought.kernel.problems import Problem
from forethought.kernel.registry import SkillRegistry
from forethought.planners.language.nodes import Plan

from .binding import bind
from .bound import BoundPlan
from .rules import RULES

__all__ = ["check", "check_bound"]


def check(
    plan: Plan, skills: SkillRegistry, *, variables: Collection[str] | Mapping[str, object] = ()
) -> tuple[Problem, ...]:
    """Return all problems of `plan` over `skills`; `variables` are those the caller will have besides."""
    return check_bound(bind(plan, skills, variables))


def check_bound(bound: BoundPlan) -> tuple[Problem, ...]:
    """Return all problems in document order: those of the plan and its inputs first, then step by step."""
    problems = _problems(bound)
    if problems and (placed := bound.placed()) is not bound:
        problems = _problems(placed)
    positions: dict[str | None, int] = {}
    if problems:
        positions = {id_: position for position, (id_, _) in enumerate(bound.plan.nodes())}

    def order(problem: Problem) -> tuple[int, int, int]:
        place = problem.place
        return positions.get(problem.step, -1), place.line if place else 0, place.column if place else 0

    return tuple(sorted(problems, key=order))


def _problems(bound: BoundPlan) -> list[Problem]:
    return [problem for rule in RULES for problem in rule(bound)]
