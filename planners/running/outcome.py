"""Outcome: what the records of a run's steps come to, read in document order, whatever finished first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from forethought.kernel.context import ContextVariables, Origin, Variable
from forethought.kernel.functions import Usage
from forethought.kernel.values import text

from .evaluation import sources
from .preparation import Call, Prepared
from .result import RunResult, StepRecord

__all__ = ["outcome", "spent"]


def outcome(
    prepared: Prepared,
    run: str,
    records: Sequence[StepRecord | None],
    failure: tuple[Call, Exception] | None,
) -> RunResult:
    """Return the result of a run that ended; `failure` is the first call that failed, and what it raised."""
    steps = tuple(
        record or StepRecord(id=call.id, function=call.function, status="not_started", arguments={})
        for call, record in zip(prepared.calls, records, strict=True)
    )
    finished = [
        (call, record.output)
        for call, record in zip(prepared.calls, steps, strict=True)
        if record.status == "succeeded"
    ]
    appended = _appended(finished)
    last = steps[-1].output if steps else None
    everything = [output for call, output in finished if call.scheduled.bound.step.appends]
    return RunResult(
        run=run,
        status="failed" if failure else "succeeded",
        value=None if failure else (_joined(everything) if everything else last),
        results={key: _joined(values) for key, values in appended.items()},
        variables=_variables(prepared.variables, finished),
        steps=steps,
        usage=spent(steps),
        error=_sentence(failure[0], steps[failure[0].slot]) if failure else None,
        cause=failure[1] if failure else None,
    )


def spent(records: Iterable[StepRecord]) -> Usage:
    """Return what all steps spent together."""
    return sum((record.usage for record in records if record.usage.calls), Usage())


def _sentence(call: Call, record: StepRecord) -> str:
    said = ", ".join(f"{name} is {source}" for name, source in sources(call.scheduled.bindings).items())
    return f"step {call.id}, {call.function}, failed: {record.error}" + (f" (where {said})" if said else "")


def _appended(finished: Sequence[tuple[Call, object]]) -> dict[str, list[object]]:
    """Collect what was appended by key; keys ignore case and keep the spelling they were first given."""
    spelling: dict[str, str] = {}
    appended: dict[str, list[object]] = {}
    for call, output in finished:
        if call.scheduled.bound.step.appends:
            key = spelling.setdefault(call.scheduled.bound.step.appends.lower(), call.scheduled.bound.step.appends)
            appended.setdefault(key, []).append(output)
    return appended


def _joined(values: Sequence[object]) -> object:
    return values[0] if len(values) == 1 else "\n".join(map(text, values))


def _variables(start: ContextVariables, finished: Sequence[tuple[Call, object]]) -> ContextVariables:
    def changes() -> Iterator[Variable]:
        for call, output in finished:
            if call.scheduled.bound.step.sets:
                yield Variable(call.scheduled.bound.step.sets, output, Origin("step", call.id))

    return start.with_each(changes())
