"""Writing: what is kept of each event of a run, as rows of the journal."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping

from forethought.kernel.context import ContextVariables
from forethought.kernel.functions import Usage
from forethought.kernel.redacting import Redaction, is_secret_name
from forethought.planners.checking.bound import Binding, Expression, Implicit
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
from forethought.planners.scheduling.schedule import Schedule

from .keeping import Keeping, dumps, encode_text

__all__ = ["ENTRY", "Put", "Writing"]

_BLOCKS = frozenset({"if", "foreach", "while"})
ENTRY = "INSERT INTO entries (run, number, at, kind, step, data) VALUES (?, ?, ?, ?, ?, ?)"

Put = Callable[[str, tuple[object, ...]], None]
"""Takes a statement of SQL with its values, to be carried out after all before it."""


class Writing:
    """One run while it is written, as the run `number` of the journal; its next entry is the one of number `following`.

    `known` are the records of steps that the journal has as they are, `said` is how much had been said about the
    run when it began.
    """

    def __init__(self, number: int, following: int, redaction: Redaction, put: Put) -> None:
        self.number = number
        self.known: dict[str, StepRecord] = {}
        self.said = 0
        self._next = following
        self._redaction = redaction
        self._put = put
        self._keeping = Keeping(self._blob, redaction.hide)
        self._blocks: frozenset[str] = frozenset()
        self._secret: set[tuple[str, str]] = set()

    def run_started(
        self, event: RunStarted, schedule: Schedule, given: ContextVariables, *, held: bool = False
    ) -> None:
        """Keep what runs, what it is given, and what is finished already; `held` where it is not to start yet."""
        self._blocks = frozenset(each.id for each in schedule.blocks)
        self._secret = {
            (step.signature.full_name, each.parameter.name)
            for step in schedule.steps
            for each in step.bindings
            if each.parameter.secret
        }
        taken = {name.lower() for step in schedule.steps for each in step.bindings for name in _given_to_secret(each)}
        secret = frozenset(name for name in given if is_secret_name(name) or name.lower() in taken)
        for value in (*(given[name] for name in secret), *_written_to_secret(schedule)):
            self._redaction.learn(value)
        keep = self._keeping.keep
        for record in event.finished:
            if self.known.get(record.id) is not record:
                self._append(event.at, "step_taken", record.id, self._record(record))
        functions = {id(step.signature): step.signature for step in schedule.steps}.values()
        variables = [
            f'{encode_text(name)}:[{keep(given[name], secret=name in secret)},"{given.variable(name).origin.kind}"]'
            for name in given
        ]
        data = {
            "plan": keep(schedule.bound.plan.to_xml()),
            "functions": dumps({each.full_name: each.digest() for each in functions}),
            "given": f"{{{','.join(variables)}}}",
            "process": dumps([socket.gethostname(), os.getpid()]),
            "finished": dumps([record.id for record in event.finished]),
        }
        if held:
            data["agreed"] = f'"{fingerprint(schedule, given)}"'
        self._append(event.at, "run_held" if held else "run_started", None, data)
        row = "UPDATE runs SET status = ?, ended = NULL WHERE number = ?"
        self._put(row, ("waiting" if held else "running", self.number))

    def step_started(self, event: StepStarted) -> bool:
        """Keep that an attempt begins, and say whether it is one of a step, not of a block."""
        data = {"function": encode_text(event.function), "arguments": self._arguments(event)}
        self._append(event.at, "step_started", event.step, data)
        return event.function not in _BLOCKS or static_id(event.step) not in self._blocks

    def step_finished(self, event: StepFinished) -> None:
        """Keep what a step gave."""
        data = {"output": self._keeping.keep(event.output)}
        if event.usage.calls:
            data["usage"] = _usage(event.usage)
        if event.note:
            data["note"] = self._keeping.shown(event.note)
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
        self._append(event.at, _KINDS[type(event)], event.step, data)

    def run_finished(self, event: RunFinished) -> None:
        """Keep what the run came to."""
        error = event.result.error if event.result else None
        data = {"status": f'"{event.status}"', "error": self._keeping.shown(error)}
        self._append(event.at, "run_finished", None, data)
        row = "UPDATE runs SET status = ?, ended = ? WHERE number = ?"
        self._put(row, (event.status, event.at, self.number))

    def _append(self, at: float, kind: str, step: str | None, data: Mapping[str, str]) -> None:
        """Add an entry; `data` are its members, each as JSON text."""
        text = ",".join([f'"{name}":{value}' for name, value in data.items()])
        self._put(ENTRY, (self.number, self._next, at, kind, step, f"{{{text}}}"))
        self._next += 1

    def _blob(self, digest: bytes, text: str) -> None:
        self._put("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (digest, text))
        self._put("INSERT OR IGNORE INTO uses VALUES (?, ?)", (self.number, digest))

    def _arguments(self, of: StepStarted | StepWaiting | StepRecord) -> str:
        if not self._secret:
            return self._keeping.members(of.arguments, is_secret_name)
        secret, function = self._secret, of.function
        for name, value in of.arguments.items():
            if (function, name) in secret:
                self._redaction.learn(value)
        return self._keeping.members(of.arguments, lambda name: is_secret_name(name) or (function, name) in secret)

    def _record(self, record: StepRecord) -> dict[str, str]:
        """Return a record that was taken over as it is kept."""
        return {
            "function": encode_text(record.function),
            "started": dumps(record.started),
            "ended": dumps(record.ended),
            "attempts": dumps(record.attempts),
            "arguments": self._arguments(record),
            "output": self._keeping.keep(record.output),
            "usage": _usage(record.usage),
            "note": self._keeping.shown(record.note),
        }


def _written_to_secret(schedule: Schedule) -> Iterator[str]:
    """Yield what the plan itself says for secret parameters."""
    for step in schedule.steps:
        for each in step.bindings:
            source, secret = each.source, each.parameter.secret or is_secret_name(each.parameter.name)
            if secret and isinstance(source, Expression) and not source.references:
                yield source.argument.value


def _given_to_secret(binding: Binding) -> Iterator[str]:
    """Yield the variables from outside that a secret parameter is given."""
    source = binding.source
    if not binding.parameter.secret:
        return
    if isinstance(source, Implicit) and source.producer.step is None:
        yield source.producer.name
    elif isinstance(source, Expression):
        yield from (each.producer.name for each in source.references if each.producer and each.producer.step is None)


_KINDS: Mapping[type, str] = {
    StepFailed: "step_failed",
    StepRetried: "step_retried",
    StepCancelled: "step_cancelled",
    StepWaiting: "step_waiting",
}


def _usage(usage: Usage) -> str:
    return f"[{usage.prompt_tokens},{usage.completion_tokens},{usage.calls}]"
