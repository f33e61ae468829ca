"""Leftovers: the values of a goal that a plan leaves out, or gives oftener than the goal has them.

An address, a file, a number or a quotation stands in a goal to be used. A plan that leaves one out may still be right;
of several plans, one that leaves none is more likely to be.
"""

from __future__ import annotations

import re
from collections import Counter

from .language.nodes import Plan, Step
from .language.templates import escape

__all__ = ["leftovers"]

_VALUES = re.compile(
    r"""(?P<quoted>(?<!\w)'[^'\n]+'(?!\w)|"[^"\n]+"|“[^”\n]+”|「[^」\n]+」)"""
    r"""|https?://[^\s,;]+[\w/]|www\.[\w.-]+\w|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\d{4}-\d\d-\d\d|[\w/-]*\w\.[A-Za-z]\w{1,4}\b"""
    r"""|(?<![\w.])-?\d+(?:\.\d+)?(?![\w]|[.)]\s)"""
)


def leftovers(goal: str, plan: Plan) -> Counter[str]:
    """Return the values of `goal` that `plan` gives nowhere, and those it gives too often, with how often too often."""
    wanted: Counter[str] = Counter()
    for found in _VALUES.finditer(goal):
        wanted[found[0][1:-1] if found["quoted"] else found[0]] += 1
    values = [each.value for step in plan.steps if isinstance(step, Step) for each in step.arguments]
    left: Counter[str] = Counter()
    for value, count in wanted.items():
        written = escape(value)
        given = sum(each == written for each in values)
        if not given and not any(written in each for each in values):
            left[value] = 1
        elif given > count:
            left[value] = given - count
    return left
