"""History: what a journal knows of one run, folded into what became of each step."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, NamedTuple, cast

from forethought.kernel.context import ContextVariables, Origin, Variable
from forethought.kernel.functions import Usage
from forethought.kernel.values import ANY, ValueType
from forethought.planners.language.nodes import ForEach, Node, Plan, Step, static_id
from forethought.planners.language.parsing import parse
from forethought.planners.running.outcome import collected, joined, spent
from forethought.planners.running.result import RunResult, RunStatus, StepRecord, StepStatus

from .keeping import bring_back

__all__ = ["Decision", "DecisionKind", "Entry", "History", "Past", "RunRow", "in_order"]

_Data = Mapping[str, object]
_STARTS = ("run_held", "run_queued", "run_started")
_NUMBERS = re.compile(r"\d+")
State = Literal["started", "succeeded", "failed", "stopped", "retried", "cancelled", "waiting"]


class RunRow(NamedTuple):
    """One run in the list of all: `status` is *interrupted* where it was running and its process is gone.

    It is *queued* where it waits for a process to run it.
    """

    id: str
    goal: str
    status: str
    started: float
    ended: float | None


class Entry(NamedTuple):
    """One thing that a run did: `data` is JSON text."""

    at: float
    kind: str
    step: str | None
    data: str


DecisionKind = Literal[
    "done", "redo", "abandoned", "approved", "denied", "cancelled", "forked", "continued", "submitted", "stepwise"
]


class Decision(NamedTuple):
    """One thing that somebody said about a run: `data` is JSON text."""

    at: float
    kind: DecisionKind
    step: str | None
    name: str
    data: str


@dataclass(slots=True)
class Past:
    """What became of one step: `state` is *started* where it has no end, *stopped* where its function did not end.

    `hash` is what an approval is bound to of one that is *waiting*.
    """

    id: str
    function: str
    state: State = "started"
    started: float | None = None
    ended: float | None = None
    attempts: int = 0
    arguments: Mapping[str, _Data] = field(default_factory=lambda: {})
    output: _Data | None = None
    error: str | None = None
    usage: Usage = Usage()
    note: str | None = None
    hash: str = ""

    @property
    def open(self) -> bool:
        """True where nobody knows what its function has done."""
        return self.state in ("started", "stopped", "cancelled")


class History:
    """One run: what it did, what was said about it, and what follows from that."""

    def __init__(
        self, row: RunRow, entries: Sequence[Entry], decisions: Sequence[Decision], blobs: Mapping[str, str]
    ) -> None:
        self.row = row
        self.entries = entries
        self.decisions = decisions
        self._blobs = blobs

    @property
    def id(self) -> str:
        """The run's id."""
        return self.row.id

    @cached_property
    def start(self) -> _Data:
        """What the run started with, when it did so last."""
        return cast("_Data", json.loads(next(each.data for each in reversed(self.entries) if each.kind in _STARTS)))

    @property
    def held(self) -> bool:
        """True where the run waits for an approval before it starts."""
        return self.row.status == "waiting" and all(each.kind != "run_started" for each in self.entries)

    @property
    def denied(self) -> Decision | None:
        """Who has denied the plan, so that it never begins; None where nobody has."""
        if any(each.kind == "run_started" for each in self.entries):
            return None
        said = [each for each in self.decisions if each.step is None and each.kind in ("approved", "denied")]
        return said[-1] if said and said[-1].kind == "denied" else None

    @cached_property
    def plan(self) -> Plan:
        """What ran."""
        return parse(cast("str", self.value(cast("_Data", self.start["plan"]))[0]))

    @property
    def hides(self) -> bool:
        """True where the plan has secrets in its text, so that what is kept is not what ran."""
        return "redacted" in cast("_Data", self.start["plan"])

    @property
    def functions(self) -> Mapping[str, str]:
        """The functions that the plan calls, with the digests of their signatures."""
        return cast("Mapping[str, str]", self.start["functions"])

    @property
    def agreed(self) -> str:
        """The hash that an approval of a run is bound to that is *held*."""
        return cast("str", self.start["agreed"])

    @property
    def error(self) -> str | None:
        """What the run failed of, where it did so last."""
        last = next((each.data for each in reversed(self.entries) if each.kind == "run_finished"), "{}")
        return cast("str | None", json.loads(last).get("error"))

    def given(self) -> Iterator[tuple[str, object, Origin, bool]]:
        """Yield the variables at the start, with their origins, and whether each came back as it was."""
        for name, (kept, origin) in cast(
            "Mapping[str, tuple[_Data, Literal['goal', 'input']]]", self.start["given"]
        ).items():
            value, whole = self.value(kept)
            yield name, value, Origin(origin), whole

    def export(self) -> Iterator[dict[str, object]]:
        """Yield everything that is known of the run in the order in which it happened, each as JSON has it.

        Large values stand in full in place of their digests.
        """
        nobody: dict[str, str] = {}
        told = [(each.at, str(each.kind), each.step, nobody, each.data) for each in self.entries]
        said = [(each.at, str(each.kind), each.step, {"name": each.name}, each.data) for each in self.decisions]
        for at, kind, step, who, data in sorted([*told, *said], key=lambda each: each[0]):
            yield {"run": self.id, "at": at, "kind": kind, "step": step, **who, **self._unfolded(json.loads(data))}

    def _unfolded(self, data: dict[str, object]) -> dict[str, object]:
        """Return an entry with its blobs in place."""
        if "blob" in data and isinstance(data["blob"], str) and data["blob"] in self._blobs:
            rest = {key: value for key, value in data.items() if key != "blob"}
            return {"value": json.loads(self._blobs[data["blob"]]), **rest}
        found = dict(data)
        for key, value in data.items():
            if isinstance(value, dict) and key != "value":
                found[key] = self._unfolded(cast("dict[str, object]", value))
            elif isinstance(value, list) and value and isinstance(value[0], dict) and key != "value":  # with its origin
                found[key] = [self._unfolded(cast("dict[str, object]", value[0])), *cast("list[object]", value[1:])]
        return found

    def value(self, kept: _Data, expected: ValueType = ANY) -> tuple[object, bool]:
        """Return a kept value, and whether it is what was kept."""
        return bring_back(kept, lambda digest: json.loads(self._blobs[digest]), expected)

    @cached_property
    def steps(self) -> Mapping[str, Past]:
        """What became of each step and block that started, by id, in the order in which they started first."""
        steps: dict[str, Past] = {}
        for entry in self.entries:
            data = cast("_Data", json.loads(entry.data))
            if entry.step is None:
                if entry.kind in _STARTS:
                    finished = frozenset(cast("list[str]", data["finished"]))
                    steps = {id_: each for id_, each in steps.items() if id_ in finished or each.open}
                continue
            _fold(steps, entry, entry.step, data)
        return steps

    def variables(self) -> ContextVariables:
        """Return the variables at the start, as far as they came back."""
        found = (Variable(name, value, origin) for name, value, origin, _ in self.given())
        return ContextVariables().with_each(found)

    @property
    def carried(self) -> bool:
        """True where the run was handed in to workers: one of them goes on with it, and nobody else."""
        return any(each.kind == "submitted" for each in self.decisions)

    @property
    def continued(self) -> str:
        """The run as which this one went on, with another plan; empty for none."""
        went_on = next((each for each in self.decisions if each.kind == "continued"), None)
        return str(json.loads(went_on.data)["as"]) if went_on else ""

    @property
    def stepwise(self) -> Mapping[str, object] | None:
        """The limits of a goal that is reached step by step; None for a run of a plan that was there before."""
        said = next((each for each in self.decisions if each.kind == "stepwise"), None)
        return cast("_Data", json.loads(said.data)) if said else None

    @property
    def due(self) -> bool:
        """True where workers are to go on with the run: it has not ended, or was handed in once more after it began."""
        match self.row.status:
            case "succeeded" | "abandoned":
                return False
            case "waiting" | "failed":
                heard = cast("int", self.start.get("said", 0))
                return any(each.kind == "submitted" for each in self.decisions[heard:])
            case "cancelled":  # by somebody, or by a worker that has left
                said = [each.kind for each in self.decisions if each.kind in ("submitted", "cancelled")]
                return said[-1:] != ["cancelled"]
            case _:
                return True

    def decided(self, past: Past, *kinds: DecisionKind) -> Decision | None:
        """Return the last word on a step as it stands now: what was said before it started again does not count."""
        for decision in reversed(self.decisions):
            if decision.step == past.id and decision.kind in kinds:
                return decision if json.loads(decision.data).get("attempts") == past.attempts else None
        return None

    def result(self, status: RunStatus, error: str | None = None, doubts: Collection[str] = ()) -> RunResult:
        """Return the result of the run as it stands, with these steps in doubt; nothing has run for it.

        It has what finished steps have set and appended, as far as that came back; what a loop with blocks inside has
        collected is not there.
        """
        records = {each.id: self.record(each)[0] for each in self.steps.values()}
        for id_ in doubts:
            records[id_] = replace(records[id_], status="in_doubt")
        for id_, step in self.plan.walk():
            if not any(static_id(each) == id_ for each in records):
                blank = StepRecord(id=id_, function=step.function.text, status="not_started", arguments={})
                records[id_] = blank
        steps = in_order(records.values())
        nodes = dict(self.plan.nodes())
        done = [(nodes[static_id(each.id)], each) for each in steps if each.status == "succeeded"]
        appended = [(node.appends, each.output) for node, each in done if isinstance(node, Step) and node.appends]
        last = self.plan.steps[-1] if self.plan.steps else None
        value: object = None
        if status == "succeeded":
            value = joined([output for _, output in appended]) if appended else None
            if not appended and done and done[-1][0] is last and isinstance(last, Step):
                value = done[-1][1].output
        return RunResult(
            run=self.id,
            status=status,
            value=value,
            results=collected(appended),
            variables=self.variables().with_each(_set_by(done)),
            steps=steps,
            usage=spent(steps),
            error=error,
            plan=self.plan,
            given=self.variables(),
        )

    def arguments(self, past: Past) -> Mapping[str, tuple[object, bool]]:
        """Return what a step was called with, each value with whether it came back; a list is none unless it did."""
        found = {name: self.value(kept) for name, kept in past.arguments.items()}
        return {name: each for name, each in found.items() if each[1] or past.function != "foreach"}

    def record(self, past: Past, returns: ValueType = ANY) -> tuple[StepRecord, bool]:
        """Return the record of a step, and whether its output came back as it was."""
        output, whole = self.value(past.output, returns) if past.output else (None, True)
        return StepRecord(
            id=past.id,
            function=past.function,
            status=_STATUS[past.state],
            started=past.started,
            ended=past.ended,
            attempts=past.attempts,
            arguments={name: value for name, (value, _) in self.arguments(past).items()},
            output=output,
            error=past.error,
            usage=past.usage,
            note=past.note,
        ), whole


def in_order(steps: Iterable[StepRecord]) -> tuple[StepRecord, ...]:
    """Return steps in the order of the plan, and those of a loop in that of its rounds."""
    return tuple(sorted(steps, key=lambda each: [int(part) for part in _NUMBERS.findall(each.id)]))


_STATUS: Mapping[State, StepStatus] = {
    "started": "cancelled",
    "stopped": "failed",
    "retried": "failed",
    "succeeded": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
    "waiting": "waiting",
}


def _set_by(done: Sequence[tuple[Node, StepRecord]]) -> Iterator[Variable]:
    """Yield what finished steps have set, and the lists of loops whose bodies have no blocks, in document order."""
    for node, record in done:
        if isinstance(node, Step) and node.sets:
            yield Variable(node.sets, record.output, Origin("step", record.id))
        elif isinstance(node, ForEach) and node.sets and all(isinstance(each, Step) for each in node.body):
            last = re.compile(rf"{re.escape(record.id)}\[\d+\]\.{len(node.body)}")
            outputs = [each.output for _, each in done if last.fullmatch(each.id)]
            yield Variable(node.sets, outputs, Origin("step", record.id))


def _fold(steps: dict[str, Past], entry: Entry, id_: str, data: _Data) -> None:
    """Take one entry of a step into account."""
    if entry.kind in ("step_started", "step_taken", "step_waiting"):
        known = None if entry.kind == "step_taken" else steps.get(id_)
        past = steps[id_] = Past(id_, cast("str", data["function"]))
        past.arguments = cast("Mapping[str, _Data]", data["arguments"])
        past.attempts = (known.attempts if known else 0) + (entry.kind != "step_waiting")
        past.started = known.started if known and known.state == "retried" else entry.at
    past = steps.setdefault(id_, Past(id_, cast("str", data.get("function", ""))))
    match entry.kind:
        case "step_taken":
            past.state = "succeeded"
            past.started, past.ended = (cast("float | None", data[key]) for key in ("started", "ended"))
            past.attempts = cast("int", data["attempts"])
        case "step_finished":
            past.state, past.ended = "succeeded", entry.at
        case "step_failed":
            past.state, past.ended = ("stopped" if data.get("stopped") else "failed"), entry.at
        case "step_retried":
            past.state = "retried"
        case "step_waiting":
            past.state, past.started, past.hash = "waiting", None, cast("str", data["hash"])
        case "step_cancelled":
            past.state, past.ended = "cancelled", entry.at
        case _:
            return
    past.error = cast("str | None", data.get("error"))
    if past.state == "succeeded":
        past.output = cast("_Data", data["output"])
        past.usage = Usage(*cast("list[int]", data.get("usage", [0, 0, 0])))
        past.note = cast("str | None", data.get("note"))
