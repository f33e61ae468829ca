"""Outcome: what the records of a run's steps come to, read in document order, whatever finished first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from forethought.kernel.context import Origin, Variable
from forethought.kernel.functions import Usage
from forethought.kernel.values import text
from forethought.planners.language.nodes import ForEach, Step
from forethought.planners.scheduling.schedule import ScheduledStep
from forethought.planners.scheduling.units import Decision, Loop, Unit

from .evaluation import UNSET
from .frames import Frame, Path
from .preparation import Prepared
from .result import RunResult, RunStatus, StepRecord, StepStatus

__all__ = ["Failure", "collected", "joined", "outcome", "spent"]


class Failure(NamedTuple):
    """What failed: where it stands in the document, its record, the exception, and where its values came from."""

    path: Path
    record: StepRecord
    cause: Exception
    sources: Mapping[str, str]

    def __str__(self) -> str:
        said = ", ".join(f"{name} is {source}" for name, source in self.sources.items())
        record = self.record
        return f"step {record.id}, {record.function}, failed: {record.error}" + (f" (where {said})" if said else "")


def outcome(
    prepared: Prepared, root: Frame, run: str, status: RunStatus, failures: Iterable[Failure] = ()
) -> RunResult:
    """Return the result of a run that ended; of its failures, the first in document order is the run's."""
    telling = _Telling(prepared)
    telling.frame(root)
    steps = tuple(telling.records)
    failure = min(failures, key=lambda each: each.path, default=None)
    return RunResult(
        run=run,
        status=status,
        value=telling.value(root) if status == "succeeded" else None,
        results=collected(telling.appended),
        variables=prepared.variables.with_each(telling.variables),
        steps=steps,
        usage=spent(steps),
        error=str(failure) if failure else None,
        cause=failure.cause if failure else None,
        plan=prepared.schedule.bound.plan,
        given=prepared.variables,
    )


def spent(records: Iterable[StepRecord | None]) -> Usage:
    """Return what all steps spent together."""
    usages = [record.usage for record in records if record]
    return Usage(
        sum([usage.prompt_tokens for usage in usages]),
        sum([usage.completion_tokens for usage in usages]),
        sum([usage.calls for usage in usages]),
    )


class _Telling:
    """What is told of a run, in document order: all records, what was appended by key, and what was set."""

    def __init__(self, prepared: Prepared) -> None:
        self.records: list[StepRecord] = []
        self.appended: list[tuple[str, object]] = []
        self.variables: list[Variable] = []
        self._prepared = prepared

    def frame(self, frame: Frame) -> None:
        """Tell a plan or a round."""
        for number, (unit, record) in enumerate(zip(frame.body.units, frame.records, strict=True)):
            if record is None:
                status: StepStatus = "skipped" if frame.passed(number) else "not_started"
                self._unrecorded((unit,), frame, status)
                continue
            self.records.append(record)
            if isinstance(unit, ScheduledStep):
                if record.status == "succeeded":
                    self._given(unit.bound.step, record)
            elif isinstance(unit, Loop):
                self._loop(unit, frame, number, record)

    def value(self, root: Frame) -> object:
        """Return the value of the plan: what was appended, or else the last output."""
        if self.appended:
            return joined([value for _, value in self.appended])
        slot = self._prepared.output
        value = None if slot is None else root.values[slot]
        return None if value is UNSET else value

    def _given(self, step: Step, record: StepRecord) -> None:
        if step.appends:
            self.appended.append((step.appends, record.output))
        if step.sets:
            self.variables.append(Variable(step.sets, record.output, Origin("step", record.id)))

    def _loop(self, unit: Loop, frame: Frame, number: int, record: StepRecord) -> None:
        node = unit.block.bound.node
        loop = frame.loops.get(number)
        rounds = [each for each in loop.rounds if any(each.records)] if loop else []
        for each in rounds:
            self.frame(each)
        if not rounds:
            self._unrecorded(unit.body.units, frame, "skipped" if record.status == "succeeded" else "not_started")
        if isinstance(node, ForEach) and node.sets and loop and record.status == "succeeded":
            self.variables.append(Variable(node.sets, loop.outputs, Origin("step", record.id)))

    def _unrecorded(self, units: Sequence[Unit], frame: Frame, status: StepStatus) -> None:
        """Tell units that have not run, and what is inside of them, once."""
        for unit in units:
            if isinstance(unit, ScheduledStep):
                self._blank(unit.id, unit.signature.full_name, frame, status)
            elif isinstance(unit, Decision | Loop):
                self._blank(unit.block.id, unit.block.kind, frame, status)
                if isinstance(unit, Loop):
                    self._unrecorded(unit.body.units, frame, status)

    def _blank(self, id_: str, function: str, frame: Frame, status: StepStatus) -> None:
        self.records.append(StepRecord(id=frame.id(id_), function=function, status=status, arguments={}))


def collected(appended: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Return what was appended by key; keys ignore case and keep the spelling they were first given."""
    spelling: dict[str, str] = {}
    results: dict[str, list[object]] = {}
    for key, value in appended:
        results.setdefault(spelling.setdefault(key.lower(), key), []).append(value)
    return {key: joined(values) for key, values in results.items()}


def joined(values: Sequence[object]) -> object:
    """Return the one value, or several as lines."""
    return values[0] if len(values) == 1 else "\n".join(map(text, values))
