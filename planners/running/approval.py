"""Approval: one hash stands for all that was agreed to. Change any of it, and the approval is void."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from forethought.kernel.problems import Problem
from forethought.kernel.values import jsonable
from forethought.planners.scheduling.needs import needs
from forethought.planners.scheduling.schedule import Schedule

__all__ = ["fingerprint", "void"]

_DIGITS = 32
"""Of SHA-256 in hexadecimal: 128 bits, which nobody finds a second text for, and which fit on a line."""


def fingerprint(schedule: Schedule, variables: Mapping[str, object]) -> str:
    """Return the hash of the plan, of the values that it takes from outside, and of its functions' signatures.

    `variables` are those at the start of the run, as `run` has them: the inputs as their types have them, and the
    kernel's own. Variables that the plan does not read take no part, and neither do functions that it does not call.
    """
    read = dict.fromkeys([each.name for each in schedule.bound.plan.inputs] + [*needs(schedule.bound).outside])
    agreed = {
        "plan": schedule.bound.plan.to_xml(),
        "inputs": {name.lower(): jsonable(variables[name]) for name in sorted(read, key=str.lower)},
        "functions": sorted(
            {each.digest() for each in {id(step.signature): step.signature for step in schedule.steps}.values()}
        ),
    }
    text = json.dumps(agreed, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def void(approved: str, found: str) -> Problem | None:
    """Return why a run with the hash `found` is not the one `approved`; None where it is."""
    if approved.strip().lower() == found:
        return None
    message = f"the approval '{approved}' is for another plan, other inputs or other functions: this run is '{found}'"
    return Problem(code="approval-void", message=message, hint="look at the plan again, and approve what it is now")
