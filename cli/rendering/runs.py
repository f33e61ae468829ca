"""Runs as people and programs read them: what was run, and what became of each step."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from forethought.kernel.values import text
from forethought.planners.journaling.history import Decision, History, Past, RunRow
from forethought.planners.running.result import RunResult, RunStatus, StepRecord

from .styling import Paint, plain, visible

__all__ = ["history_as_json", "render_call", "render_history", "render_runs", "runs_as_json"]

_LONGEST = 100
_COLOURS = {"succeeded": "green", "failed": "red", "in_doubt": "red", "interrupted": "yellow", "cancelled": "yellow"}


def render_runs(rows: Sequence[RunRow], *, paint: Paint = plain) -> str:
    """Return each run in a line: its id, its status, when it began, its goal."""
    width = max(len(each.id) for each in rows)
    lines = (f"{visible(each.id):{width}}  {_status(each.status, paint)}  {_local(each.started)}" for each in rows)
    return "\n".join(f"{line}  {visible(each.goal)}".rstrip() for line, each in zip(lines, rows, strict=True))


def runs_as_json(rows: Sequence[RunRow]) -> dict[str, object]:
    """Return the runs in the shape that `runs list --json` documents."""
    return {
        "runs": [
            {
                "run": each.id,
                "goal": each.goal,
                "status": each.status,
                "started": _iso(each.started),
                "ended": _iso(each.ended),
            }
            for each in rows
        ]
    }


def render_history(history: History, *, paint: Paint = plain) -> str:
    """Return the run, each step with what it was called with and what it gave, and what was said about it."""
    row = history.row
    head = [f"run {visible(row.id)}: {_status(row.status, paint).strip()}, began {_local(row.started)}"]
    if row.goal:
        head.append(f"{paint('Goal:', 'bold')} {visible(row.goal)}")
    blocks = ["\n".join(head), *(_step(each, history, paint) for each in _result(history).steps)]
    if history.decisions:
        blocks.append("\n".join(map(_decision, history.decisions)))
    if history.error:
        blocks.append(f"{paint('error:', 'red', 'bold')} {visible(history.error)}")
    return "\n\n".join(blocks)


def history_as_json(history: History) -> dict[str, object]:
    """Return the run as `run --json` does, with the status that it has now, its plan, and what was said about it."""
    result = _result(history)
    arguments = {
        each.id: {name: value for name, (value, _) in history.arguments(each).items()}
        for each in history.steps.values()
    }
    steps = [{**each.as_json(), "arguments": arguments.get(each.id, {})} for each in result.steps]
    return {
        **result.as_json(),
        "status": history.row.status,
        "error": history.error,
        "steps": steps,
        "plan": history.plan.to_xml(),
        "decisions": [
            {"at": _iso(each.at), "decision": each.kind, "step": each.step, "name": each.name, **json.loads(each.data)}
            for each in history.decisions
        ],
    }


def render_call(past: Past, history: History) -> str:
    """Return a call that waits for an approval, with everything that it would be given, in full."""
    arguments = history.arguments(past)
    lines = [
        f"  {past.id}. {visible(past.function)}",
        *(f"     {visible(name)} = {visible(text(value))}" for name, (value, _) in arguments.items()),
    ]
    return "\n".join(lines)


def _result(history: History) -> RunResult:
    return history.result(cast("RunStatus", history.row.status))


def _step(step: StepRecord, history: History, paint: Paint) -> str:
    past = history.steps.get(step.id)
    open_ = past is not None and past.state == "started"
    status = "started, no end" if open_ else step.status.replace("_", " ")
    colour = "yellow" if open_ else _COLOURS.get(step.status, "dim")
    lines = [f"{step.id}. {paint(visible(step.function), 'bold', 'cyan')}  {paint(status, colour)}"]
    if step.attempts > 1:
        lines[0] += f", {step.attempts} attempts"
    lines += [f"   {visible(name)} = {_shown(value)}" for name, value in step.arguments.items()]
    if step.status == "succeeded":
        lines.append(f"   -> {_shown(step.output)}")
    if step.note:
        lines.append(f"   # {visible(step.note)}")
    if step.error:
        lines.append(f"   {visible(step.error)}")
    return "\n".join(lines)


def _decision(decision: Decision) -> str:
    if decision.kind == "continued":
        return f"{_local(decision.at)}  went on with another plan as {json.loads(decision.data)['as']}"
    if decision.kind == "stepwise":
        return f"{_local(decision.at)}  reached step by step"
    about = f" step {decision.step}" if decision.step else ""
    return f"{_local(decision.at)}  {visible(decision.name) or 'somebody'}: {decision.kind}{about}"


def _shown(value: object) -> str:
    shown = visible(text(value))
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."


def _status(status: str, paint: Paint) -> str:
    return paint(f"{status.replace('_', ' '):11}", _COLOURS.get(status, "bold"))


def _local(at: float) -> str:
    return f"{datetime.fromtimestamp(at).astimezone():%Y-%m-%d %H:%M:%S}"


def _iso(at: float | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
