"""Where in a model's reply the plan is: after prose, in a code fence, past the thinking."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .problems import Report

__all__ = ["Region", "find_plan"]

_MARK = re.compile(r"<!\[CDATA\[|<!--|<plan(?=[\s/>])|</plan\s*>|<think(?:ing)?>|</think(?:ing)?>", re.IGNORECASE)
_PLAN_TAG = re.compile(r"""<plan(?=[\s/>])(?:[^"'<>]++|"[^"]{0,9999}+"|'[^']{0,9999}+')*+>""", re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_THOUGHT = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_STEP = re.compile(r"<function\.", re.IGNORECASE)
_FIRST = re.compile(r"<function\.|<(?:if|while|for[ _-]?each|for|loop)[ \n\t]+[\w-]+[ \n\t]*=", re.IGNORECASE)
_CLOSERS = {"<!--": "-->", "<![cdata[": "]]>"}


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of a reply that holds a plan: `closed` with an end tag, `wrapped` in a `<plan>` at all."""

    at: int
    end: int
    closed: bool
    thought: bool
    wrapped: bool = True


def find_plan(report: Report) -> Region | None:
    """Return where the plan is: the last closed one outside the thinking, else the best there is.

    What is passed over is reported, and so is a reply without a plan.
    """
    text = report.source.text
    regions = _regions(text)
    spoken = [region for region in regions if not region.thought]
    pool = spoken or regions
    closed = [region for region in pool if region.closed]
    if not pool:
        return _loose_steps(report)
    chosen = (closed or pool)[-1]
    if chosen.thought:
        report.note("plan-in-thinking", "the only plan stands in the thinking; it is taken", chosen.at, 5)
    elif len(pool) > 1:
        which = "the last closed one" if closed else "the last one"
        message = f"the reply begins {len(pool)} plans; {which}, here, is taken"
        report.note("several-plans", message, chosen.at, 5)
    return chosen


def _loose_steps(report: Report) -> Region | None:
    """Steps without a `<plan>` around them make one."""
    text = report.source.text
    after = max((closer.end() for closer in _THOUGHT.finditer(text)), default=0)
    step = _STEP.search(text, after) or _STEP.search(text)
    if step is None:
        hint = 'a plan is <plan goal="..."> ... </plan>'
        report.add("no-plan", "there is no plan in the reply", 0, 0, hint=hint)
        return None
    first = _FIRST.search(text, after if after <= step.start() else 0) or step
    fence = _FENCE.search(text, step.end())
    message = "there is no <plan> around the steps; one is read from here"
    report.note("missing-plan-element", message, first.start(), len(first[0]))
    return Region(first.start(), fence.start() if fence else len(text), closed=False, thought=False, wrapped=False)


def _close_outer(regions: list[Region], end: int) -> None:
    """A second `</plan>` closes the plan around the one just closed: they are one region, for the parser to judge."""
    if len(regions) > 1 and regions[-1].closed and not regions[-2].closed:
        regions[-2:] = [replace(regions[-2], end=end, closed=True)]


def _regions(text: str) -> list[Region]:
    """Return every stretch that begins with a `<plan` and ends with its `</plan>`, or where it must."""
    regions: list[Region] = []
    start: int | None = None
    thinking = False
    at = told = 0

    def close(end: int, *, closed: bool) -> None:
        nonlocal start
        if start is not None:
            fence = None if closed else _FENCE.search(text, start, end)
            regions.append(Region(start, fence.start() if fence else end, closed, thinking))
        start = None

    while found := _MARK.search(text, at):
        mark, here, at = found[0].lower(), found.start(), found.end()
        if mark in _CLOSERS:
            end = text.find(_CLOSERS[mark], at)
            if end < 0:
                break
            at = end + 3
        elif mark == "<plan":
            close(here, closed=False)
            start = here
            tag = _PLAN_TAG.match(text, here)
            at = tag.end() if tag else at
            if tag and tag[0].endswith("/>"):
                close(at, closed=True)
        elif mark.startswith("</plan") and start is not None:
            close(at, closed=True)
        elif mark.startswith("</plan"):
            _close_outer(regions, at)
        else:
            close(here, closed=False)
            if mark.startswith("</") and not thinking:  # some models' thinking has no start
                regions[told:] = [replace(region, thought=True) for region in regions[told:]]
                told = len(regions)
            thinking = not mark.startswith("</")
    close(len(text), closed=False)
    return regions
