"""The planners: what happens to a plan, one stage a folder. Imports nothing until a name is used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .action import ActionPlanner
    from .checking.check import check
    from .journaling.journal import Journal
    from .journaling.resuming import resume
    from .language.nodes import Plan, Step
    from .language.parsing import parse
    from .recipes import add_plan, add_recipes
    from .running.preparation import approval_hash
    from .running.result import RunResult
    from .running.runner import run, run_sync
    from .scheduling.scheduling import schedule
    from .sequential import SequentialPlanner
    from .stepwise import StepwisePlanner

__all__ = [
    "ActionPlanner",
    "Journal",
    "Plan",
    "RunResult",
    "SequentialPlanner",
    "Step",
    "StepwisePlanner",
    "add_plan",
    "add_recipes",
    "approval_hash",
    "check",
    "parse",
    "resume",
    "run",
    "run_sync",
    "schedule",
]

_HOMES = {
    "ActionPlanner": "action",
    "Journal": "journaling.journal",
    "Plan": "language.nodes",
    "RunResult": "running.result",
    "SequentialPlanner": "sequential",
    "Step": "language.nodes",
    "StepwisePlanner": "stepwise",
    "add_plan": "recipes",
    "add_recipes": "recipes",
    "approval_hash": "running.preparation",
    "check": "checking.check",
    "parse": "language.parsing",
    "resume": "journaling.resuming",
    "run": "running.runner",
    "run_sync": "running.runner",
    "schedule": "scheduling.scheduling",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{home}", __name__), name)
