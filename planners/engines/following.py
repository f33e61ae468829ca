"""Following: the events of a run that goes on elsewhere, as its journal tells them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

from forethought.kernel.functions import Usage
from forethought.planners.journaling.history import Entry, History
from forethought.planners.running.events import (
    Event,
    RunFinished,
    RunStarted,
    StepCancelled,
    StepFailed,
    StepFinished,
    StepRetried,
    StepStarted,
    StepWaiting,
)
from forethought.planners.running.result import RunStatus

__all__ = ["events"]


def events(history: History, begin: int) -> Iterator[Event]:
    """Yield what the entries of a run tell from that of number `begin` on; arguments and sources are not told."""
    functions: dict[str, str] = {}
    attempts: dict[str, int] = {}
    for number, entry in enumerate(history.entries):
        data = cast("dict[str, object]", json.loads(entry.data))
        step = entry.step or ""
        if "function" in data:
            functions[step] = str(data["function"])
        if entry.kind == "step_started":
            attempts[step] = attempts.get(step, 0) + 1
        if number >= begin:
            event = _event(history, entry, data, functions.get(step, ""), attempts.get(step, 1))
            if event is not None:
                yield event


def _event(history: History, entry: Entry, data: dict[str, object], function: str, attempt: int) -> Event | None:
    run, at, step = history.id, entry.at, entry.step or ""
    match entry.kind:
        case "run_started":
            return RunStarted(run, at, sum(1 for _ in history.plan.walk()))
        case "step_started":
            return StepStarted(run, at, step, function, {}, attempt)
        case "step_finished":
            output, _ = history.value(cast("dict[str, object]", data["output"]))
            usage = Usage(*cast("list[int]", data.get("usage", [0, 0, 0])))
            return StepFinished(run, at, step, function, output, usage, cast("str | None", data.get("note")))
        case "step_failed":
            return StepFailed(run, at, step, function, str(data["error"]), {}, bool(data.get("stopped")))
        case "step_retried":
            return StepRetried(run, at, step, function, attempt, str(data["error"]), float(cast("float", data["wait"])))
        case "step_waiting":
            return StepWaiting(run, at, step, function, {}, str(data["hash"]))
        case "step_cancelled":
            return StepCancelled(run, at, step, function)
        case "run_finished":
            return RunFinished(run, at, cast("RunStatus", data["status"]), Usage())
        case _:
            return None
