"""Writing: what is kept of each event of a run, as rows of the journal."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Mapping
from typing import Literal

from forethought.kernel.context import ContextVariables
from forethought.kernel.functions import Usage
from forethought.kernel.redacting import Redaction
from forethought.planners.language.nodes import static_id
from forethought.planners.running.approval import fingerprint
from forethought.planners.running.events import (
    RunFinished,
    RunStarted,
    StepCancelled,
    StepFailed,
    StepFinished,
    StepRetried,
    StepStarted,
    StepWaiting,
)
from forethought.planners.running.result import StepRecord
from forethought.planners.running.secrecy import Secrecy
from forethought.planners.scheduling.schedule import Schedule

from .keeping import Keeping, dumps, encode_text
from .store import ENTRY, Operation

__all__ = ["Started", "Writing"]

_BLOCKS = frozenset({"if", "foreach", "while"})

Started = Literal["started", "held", "queued"]
"""Whether a run goes on at once, once somebody agrees to it, or once a process takes it."""


class Writing:
    """One run while it is written, as the run `number` of the journal; its next entry is the one of number `following`.

    `known` are the records of steps that the journal has as they are, `said` is how much had been said about the
    run when it began; `cancelled` is set once somebody has cancelled it.
    """

    def __init__(self, number: int, following: int, redaction: Redaction, put: Callable[[Operation], None]) -> None:
        self.number = number
        self.following = following
        self.cancelled = False
        self.known: dict[str, StepRecord] = {}
        self.said = 0
        self._put = put
        self._keeping = Keeping(self._blob, redaction.hide)
        self._blocks: frozenset[str] = frozenset()
        self._secrecy = Secrecy(redaction)
        self._labels: dict[tuple[str, ...], list[str] | None] = {}  # of arguments of a function, None for secret ones

    def run_started(
        self, event: RunStarted, schedule: Schedule, given: ContextVariables, *, how: Started = "started"
    ) -> None:
        """Keep what runs, what it is given, and what is finished already; `how` says whether it is to start yet."""
        self._blocks = frozenset(each.id for each in schedule.blocks)
        secrecy, keep = self._secrecy, self._keeping.keep
        secrecy.begin(schedule.bound, given)
        self._labels.clear()
        for record in event.finished:
            if self.known.get(record.id) is not record:
                self._append(event.at, "step_taken", record.id, _members(self._record(record)))
                self.known[record.id] = record
        functions = {id(step.signature): step.signature for step in schedule.steps}.values()
        kept = {name: keep(given[name], secret=secrecy.variable(name)) for name in given}
        variables = [
            f'{encode_text(name)}:[{value},"{given.variable(name).origin.kind}"]' for name, value in kept.items()
        ]
        data = {
            "plan": keep(schedule.bound.plan.to_xml()),
            "functions": dumps({each.full_name: each.digest() for each in functions}),
            "given": f"{{{','.join(variables)}}}",
            "process": dumps([socket.gethostname(), os.getpid()]),
            "finished": dumps([record.id for record in event.finished]),
            "said": str(self.said),
        }
        if how != "started":
            data["agreed"] = f'"{fingerprint(schedule, given)}"'
        self._append(event.at, f"run_{how}", None, _members(data))
        row = "UPDATE runs SET goal = ?, status = ?, ended = NULL WHERE number = ?"
        goal = json.loads(self._keeping.shown(schedule.bound.plan.goal))
        self._put((self.number, row, (goal, _STATUS[how], self.number)))

    def step_started(self, event: StepStarted) -> bool:
        """Keep that an attempt begins, and say whether it is one of a step, not of a block."""
        function = encode_text(event.function)
        self._append(
            event.at, "step_started", event.step, f'"function":{function},"arguments":{self._arguments(event)}'
        )
        return event.function not in _BLOCKS or static_id(event.step) not in self._blocks

    def step_finished(self, event: StepFinished) -> None:
        """Keep what a step gave."""
        data = f'"output":{self._output(event.step, event.output)}'
        if event.usage.calls:
            data += f',"usage":{_usage(event.usage)}'
        if event.note:
            data += f',"note":{self._keeping.shown(event.note)}'
        self._append(event.at, "step_finished", event.step, data)

    def step_not_done(self, event: StepFailed | StepRetried | StepCancelled | StepWaiting) -> None:
        """Keep why a step gave nothing."""
        shown = self._keeping.shown
        data = {"function": encode_text(event.function)}
        match event:
            case StepFailed(error=error, stopped=stopped):
                data |= {"error": shown(error)} | ({"stopped": "true"} if stopped else {})
            case StepRetried(error=error, wait=wait):
                data |= {"error": shown(error), "wait": dumps(wait)}
            case StepWaiting(hash=hash_):
                data |= {"arguments": self._arguments(event), "hash": encode_text(hash_)}
            case StepCancelled():
                pass
        self._append(event.at, _KINDS[type(event)], event.step, _members(data))

    def run_finished(self, event: RunFinished) -> None:
        """Keep what the run came to."""
        error = event.result.error if event.result else None
        data = {"status": f'"{event.status}"', "error": self._keeping.shown(error)}
        self._append(event.at, "run_finished", None, _members(data))
        row = "UPDATE runs SET status = ?, ended = ? WHERE number = ?"
        self._put((self.number, row, (event.status, event.at, self.number)))

    def _append(self, at: float, kind: str, step: str | None, members: str) -> None:
        """Add an entry; `members` are those of an object, as JSON text."""
        number, following = self.number, self.following
        self._put((number, ENTRY, (number, following, at, kind, step, f"{{{members}}}")))
        self.following = following + 1

    def _blob(self, digest: bytes, text: str) -> None:
        number = self.number
        self._put((number, "INSERT INTO blobs VALUES (?, ?) ON CONFLICT DO NOTHING", (digest, text)))
        self._put((number, "INSERT INTO uses VALUES (?, ?) ON CONFLICT DO NOTHING", (number, digest)))

    def _arguments(self, of: StepStarted | StepWaiting | StepRecord) -> str:
        function, arguments, secrecy = of.function, of.arguments, self._secrecy
        shape = (function, *arguments)
        if shape not in self._labels:
            secret = any(secrecy.argument(function, name) for name in arguments)
            self._labels[shape] = None if secret else [f"{encode_text(name)}:" for name in arguments]
        labels = self._labels[shape]
        if labels is None:
            secrecy.called(function, arguments)
            return self._keeping.members(arguments, lambda name: secrecy.argument(function, name))
        keep = self._keeping.keep
        return f"{{{','.join([label + keep(value) for label, value in zip(labels, arguments.values(), strict=True)])}}}"

    def _output(self, step: str, output: object) -> str:
        self._secrecy.gave(step, output)
        return self._keeping.keep(output, secret=self._secrecy.output(step))

    def _record(self, record: StepRecord) -> dict[str, str]:
        """Return a record that was taken over as it is kept."""
        return {
            "function": encode_text(record.function),
            "started": dumps(record.started),
            "ended": dumps(record.ended),
            "attempts": dumps(record.attempts),
            "arguments": self._arguments(record),
            "output": self._output(record.id, record.output),
            "usage": _usage(record.usage),
            "note": self._keeping.shown(record.note),
        }


_STATUS: Mapping[Started, str] = {"started": "running", "held": "waiting", "queued": "queued"}
_KINDS: Mapping[type, str] = {
    StepFailed: "step_failed",
    StepRetried: "step_retried",
    StepCancelled: "step_cancelled",
    StepWaiting: "step_waiting",
}


def _members(data: Mapping[str, str]) -> str:
    """Return the members of an object, each of which is JSON text, as JSON text."""
    return ",".join([f'"{name}":{value}' for name, value in data.items()])


def _usage(usage: Usage) -> str:
    return f"[{usage.prompt_tokens},{usage.completion_tokens},{usage.calls}]"
