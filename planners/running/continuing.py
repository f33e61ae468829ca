"""Continuing: what an earlier run of a plan has finished is taken over, and never runs again.

A record is taken over when its turn comes, as if the step had just given its output: so the rest of the plan finds
everything as it would in one run. All of this is done before anything starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from forethought.kernel.errors import PlanError
from forethought.kernel.problems import Problem
from forethought.planners.language.nodes import ForEach, static_id
from forethought.planners.scheduling.schedule import Schedule, ScheduledBlock, ScheduledStep
from forethought.planners.scheduling.units import Carry

from .bodies import ReadyChoice, ReadyJoin, ReadyLoop, ReadyTest
from .deciding import Deciding
from .frames import Frame, Frontier, Looping
from .preparation import Prepared
from .result import StepRecord

__all__ = ["Continuation", "Earlier"]

_CONTINUED = frozenset({"foreach", "while"})


class Earlier:
    """What is known of an earlier run: `finished` are the records of what succeeded, by id.

    `begun` are the ids of loops and of rounds in which something has finished; `lists` what each foreach went over.
    Raises PlanError for records that are not of this plan.
    """

    def __init__(self, records: Iterable[StepRecord], schedule: Schedule) -> None:
        self.finished: dict[str, StepRecord] = {}
        self.begun: set[str] = set()
        self.lists: dict[str, object] = {}
        records = tuple(records)
        known: Mapping[str, ScheduledStep | ScheduledBlock] = schedule.by_id if records else {}
        for record in records:
            found = known.get(static_id(record.id))
            if found is None:
                raise _unfit(record, "the plan has no such step")
            function = found.signature.full_name if isinstance(found, ScheduledStep) else found.kind
            if function.lower() != record.function.lower():
                raise _unfit(record, f"it is of '{record.function}', and the plan has '{function}' there")
            if "in" in record.arguments and record.function == "foreach":
                self.lists[record.id] = record.arguments["in"]
            if record.status != "succeeded":
                continue
            if record.id in self.finished:
                raise _unfit(record, "there are two of them")
            self.finished[record.id] = record
            self.begun |= {record.id[:at] for at, sign in enumerate(record.id) if sign == "["}
            self.begun |= {record.id[: at + 1] for at, sign in enumerate(record.id) if sign == "]"}

    @property
    def loops(self) -> Mapping[str, StepRecord]:
        """The records of loops that have had all their rounds."""
        return {id_: each for id_, each in self.finished.items() if each.function in _CONTINUED}


class Continuation:
    """Takes over what an earlier run has finished; `deciding` begins loops again in which something has."""

    def __init__(self, earlier: Earlier, prepared: Prepared, frontier: Frontier, deciding: Deciding) -> None:
        self.taken: list[StepRecord] = []
        self._earlier = earlier
        self._left = dict(earlier.finished)
        self._prepared = prepared
        self._frontier = frontier
        self._deciding = deciding

    def take_over(self) -> tuple[StepRecord, ...]:
        """Take over every record that counts and return them; what is left to do is ready then.

        Raises PlanError where a record does not fit: what it waits for is not finished, or it would not run at all.
        """
        if not self._left:
            return ()
        waiting: list[tuple[Frame, int]] = []
        while self._frontier.ready:
            frame, unit = self._frontier.pop()
            if not self._take(frame, unit):
                waiting.append((frame, unit))
        if record := next(iter(self._left.values()), None):
            raise _unfit(record, "something that it waits for is not finished, or it would not run at all")
        if id_ := self._deciding.unended(self._earlier.loops):
            raise _unfit(self._earlier.finished[id_], "something inside is not finished")
        for frame, unit in waiting:
            self._frontier.push(frame, unit)
        return tuple(self.taken)

    def _take(self, frame: Frame, unit: int) -> bool:
        """Take over what is known of a unit; say whether that is anything."""
        match frame.body.special.get(unit):
            case None:
                step = cast("ScheduledStep", frame.body.units[unit])
                record = self._known(frame, unit, step.id)
                if record:
                    frame.values[unit] = record.output
                    self._frontier.done(frame, unit)
                return record is not None
            case ReadyChoice() as choice:
                record = self._known(frame, unit, choice.test.block.id)
                if record:
                    if not isinstance(record.output, bool):
                        raise _unfit(record, "it does not say whether the test held")
                    self._frontier.decided(frame, unit, choice, record.output)
                return record is not None
            case ReadyLoop() as deed:
                return self._begin(frame, unit, deed)
            case ReadyTest():
                return self._test(frame, unit)
            case (ReadyJoin() | Carry()) as special:
                raise AssertionError(special)

    def _known(self, frame: Frame, unit: int, static: str) -> StepRecord | None:
        record = self._left.pop(frame.id(static), None)
        if record:
            frame.records[unit] = record
            self.taken.append(record)
        return record

    def _begin(self, frame: Frame, unit: int, deed: ReadyLoop) -> bool:
        id_ = frame.id(deed.block.id)
        record = self._left.pop(id_, None)
        if record is None and id_ not in self._earlier.begun:
            return False
        if record:
            self.taken.append(record)
        failure = self._deciding.begin(self._frontier, frame, unit, deed)
        if failure:
            raise _unfit(failure.record, failure.record.error or "")
        if isinstance(deed.block.node, ForEach):
            loop, had = (frame.loops or {})[unit], self._earlier.lists.get(id_)
            if had is not None and not _same(had, loop.items):
                raise _unfit(record or _of(loop), "its list is not the one that it went over")
        return True

    def _test(self, frame: Frame, unit: int) -> bool:
        """Let a round begin that has begun, and none after the last."""
        loop = frame.loop
        assert loop
        ended = self._earlier.finished.get(loop.id)
        holds = frame.prefix in self._earlier.begun
        if not holds and not ended:
            return False
        if holds and not self._frontier.grant(1):
            raise _unfit(ended or _of(loop), "it has more rounds than a run may have")
        self._frontier.tested(frame, unit, holds)
        return True


def _same(had: object, items: Sequence[object]) -> bool:
    try:
        return had == items
    except Exception:  # values of foreign classes compare as they like
        return False


def _of(loop: Looping) -> StepRecord:
    return StepRecord(id=loop.id, function="loop", status="cancelled", arguments={})


def _unfit(record: StepRecord, why: str) -> PlanError:
    message = f"the record of step '{record.id}' does not fit: {why}"
    hint = "continue the plan that ran, with what it was given: run(result.plan, kernel, inputs=result.given, ...)"
    return PlanError([Problem(code="unfit-record", message=message, step=static_id(record.id), hint=hint)])
