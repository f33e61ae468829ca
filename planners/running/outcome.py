"""Outcome: what the records of a run's steps come to, read in document order, whatever finished first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from forethought.kernel.context import Origin, Variable
from forethought.kernel.functions import Usage
from forethought.kernel.values import text
from forethought.planners.language.nodes import Step
from forethought.planners.scheduling.schedule import ScheduledStep

from .evaluation import sources
from .preparation import Prepared
from .result import RunResult, RunStatus, StepRecord

__all__ = ["outcome", "spent"]


def outcome(
    prepared: Prepared,
    run: str,
    status: RunStatus,
    records: Sequence[StepRecord | None],
    failure: tuple[int, Exception] | None,
) -> RunResult:
    """Return the result of a run that ended; `failure` is the slot of the first step that failed, and its exception."""
    steps = tuple([record or _not_started(prepared, slot) for slot, record in enumerate(records)])
    appended = [record.output for step, record in _finished(prepared, steps) if step.appends]
    last = steps[-1].output if steps else None
    return RunResult(
        run=run,
        status=status,
        value=(_joined(appended) if appended else last) if status == "succeeded" else None,
        results=_results(_finished(prepared, steps)),
        variables=prepared.variables.with_each(_set(_finished(prepared, steps))),
        steps=steps,
        usage=spent(steps),
        error=_sentence(prepared.steps[failure[0]], steps[failure[0]]) if failure else None,
        cause=failure[1] if failure else None,
    )


def spent(records: Iterable[StepRecord | None]) -> Usage:
    """Return what all steps spent together."""
    usages = [record.usage for record in records if record]
    return Usage(
        sum([usage.prompt_tokens for usage in usages]),
        sum([usage.completion_tokens for usage in usages]),
        sum([usage.calls for usage in usages]),
    )


def _not_started(prepared: Prepared, slot: int) -> StepRecord:
    call = prepared.call(slot)
    return StepRecord(id=call.id, function=call.function, status="not_started", arguments={})


def _sentence(step: ScheduledStep, record: StepRecord) -> str:
    said = ", ".join(f"{name} is {source}" for name, source in sources(step.bindings).items())
    return f"step {record.id}, {record.function}, failed: {record.error}" + (f" (where {said})" if said else "")


def _finished(prepared: Prepared, records: Iterable[StepRecord]) -> Iterator[tuple[Step, StepRecord]]:
    for step, record in zip(prepared.steps, records, strict=True):
        if record.status == "succeeded":
            yield step.bound.step, record


def _results(finished: Iterable[tuple[Step, StepRecord]]) -> dict[str, object]:
    """Collect what was appended by key; keys ignore case and keep the spelling they were first given."""
    spelling: dict[str, str] = {}
    appended: dict[str, list[object]] = {}
    for step, record in finished:
        if step.appends:
            key = spelling.setdefault(step.appends.lower(), step.appends)
            appended.setdefault(key, []).append(record.output)
    return {key: _joined(values) for key, values in appended.items()}


def _joined(values: Sequence[object]) -> object:
    return values[0] if len(values) == 1 else "\n".join(map(text, values))


def _set(finished: Iterable[tuple[Step, StepRecord]]) -> Iterator[Variable]:
    for step, record in finished:
        if step.sets:
            yield Variable(step.sets, record.output, Origin("step", record.id))
