"""Deciding: a block, from what it reads to its record. Nothing of it waits, and nothing of it is tried again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import NamedTuple, cast

from forethought.kernel.calling import reason_of
from forethought.kernel.errors import FunctionError
from forethought.kernel.functions import Usage
from forethought.kernel.values import ValueType, coerce
from forethought.planners.checking.bound import BoundBlock, BoundPlan
from forethought.planners.checking.rules.too_many_rounds import MAX_NESTED
from forethought.planners.language.blocks import MAX_ROUNDS
from forethought.planners.language.nodes import ForEach, If, Node, While
from forethought.planners.scheduling.schedule import kind_of

from .bodies import ReadyChoice, ReadyLoop, ReadyTest
from .evaluation import UNSET, Fetch, Values, block_sources
from .events import StepCancelled, StepFailed, StepFinished, StepStarted
from .frames import Frame, Frontier, Looping, Path
from .outcome import Failure
from .result import StepRecord, StepStatus
from .stepping import Stepping
from .tracing import BlockSpan

__all__ = ["Deciding"]

_LIST = ValueType("array")
_NONE: Mapping[str, StepRecord] = MappingProxyType({})


class _Trying(NamedTuple):
    """A block that is being decided, or a loop that is under way: where it stands, and what it started with."""

    block: BoundBlock
    id: str
    frame: Frame
    unit: int
    started: float
    arguments: Mapping[str, object]
    span: BlockSpan | None


class Deciding:
    """Decides the blocks of one run, and knows the loops that are under way."""

    def __init__(self, stepping: Stepping, bound: BoundPlan, finished: Mapping[str, StepRecord] = _NONE) -> None:
        """Decide as the run of `stepping`; `finished` are the records of loops that an earlier run has ended."""
        self._stepping = stepping
        self._bound = bound
        self._finished_before = finished
        self._open: dict[Path, tuple[Looping, _Trying]] = {}

    def choose(self, frontier: Frontier, frame: Frame, unit: int, choice: ReadyChoice) -> Failure | None:
        """Decide an `if`; a failure is returned."""
        test = choice.test
        read = _read(test, frame.values)
        trying = self._try(test.block, frame, unit, read)
        self._tell_start(trying)
        try:
            holds = test.condition.holds({name.lower(): value for name, value in read.items()})
        except Exception as error:  # reading a value can run code of its class
            return self._failed(trying, (*frame.path, unit), self._cannot(test.block, error), error)
        self._finished(trying, holds, None)
        frontier.decided(frame, unit, choice, holds)
        return None

    def begin(self, frontier: Frontier, frame: Frame, unit: int, deed: ReadyLoop) -> Failure | None:
        """Begin a loop; a failure is returned, where the list of a foreach is none or too long."""
        arguments: dict[str, object] = {}
        trying = self._try(deed.block, frame, unit, arguments)
        items: list[object] = []
        if deed.over is not None and isinstance(deed.block.node, ForEach):
            try:
                items = _items(deed.over, frame.values, arguments)
            except Exception as error:  # as above
                return self._failed(trying, (*frame.path, unit), f"its list: {reason_of(error)}", error)
            if reason := _too_many(len(items), deed.block.node.max, frontier):
                return self._failed(trying, (*frame.path, unit), reason, None)
        self._tell_start(trying)
        loop = Looping(deed, frame, unit, items, trying.span)
        self._open[loop.path] = loop, trying
        frontier.begin(loop)
        return None

    def test(self, frontier: Frontier, frame: Frame, unit: int, test: ReadyTest) -> Failure | None:
        """Look at the test of a while before a round, which begins if it holds; a failure is returned."""
        loop, node = frame.loop, test.block.node
        assert loop
        assert isinstance(node, While)
        had, reason, cause = len(loop.rounds), "", None
        try:
            holds = test.condition.holds({name.lower(): each for name, each in _read(test, frame.values).items()})
        except Exception as error:  # as above
            holds, reason, cause = False, f"before round {had + 1}, {self._cannot(test.block, error)}", error
        if holds and had == node.max:
            holds, loop.note = False, f"its test still holds after {_rounds(had)}, the most that it may have"
        if holds and not frontier.grant(1):
            reason = f"all loops of a run may have {MAX_NESTED:,} rounds together, and they have had them"
        if reason:
            _, trying = self._open.pop(loop.path)
            return self._failed(trying, (*frame.path, unit), reason, cause)
        frontier.tested(frame, unit, holds)
        return None

    def ended(self, loop: Looping) -> None:
        """A loop has had its last round."""
        _, trying = self._open.pop(loop.path)
        if record := self._finished_before.get(loop.id):
            trying.frame.records[trying.unit] = record
        else:
            self._finished(trying, len(loop.rounds), loop.note)

    def unended(self, ids: Collection[str]) -> str | None:
        """Return the first of these loops that is under way."""
        return next((trying.id for _, (_, trying) in sorted(self._open.items()) if trying.id in ids), None)

    def go_on(self, stepping: Stepping) -> None:
        """Go on as another run, which has taken over the loops that are under way."""
        self._stepping = stepping
        for path, (loop, trying) in sorted(self._open.items()):
            if stepping.spans:
                loop.span = stepping.spans.block(trying.id, kind_of(trying.block.node), trying.frame.span)
                self._open[path] = loop, trying._replace(span=loop.span)

    def break_off(self, failures: list[Failure], *, waiting: bool = False) -> None:
        """End the loops that are under way, inner ones first: of what failed inside, or else as cancelled.

        Where the run is `waiting`, they wait.
        """
        for path, (loop, trying) in sorted(self._open.items(), reverse=True):
            inside = min((each for each in failures if each.path[: len(path)] == path), default=None)
            if inside:
                self._failed(trying, path, f"step {inside.record.id} failed", inside.cause.__cause__ or inside.cause)
            elif waiting:
                self._record(trying, "waiting", trying.started)
            else:
                self._cancelled(trying, len(loop.rounds))

    def _try(self, block: BoundBlock, frame: Frame, unit: int, arguments: Mapping[str, object]) -> _Trying:
        stepping, id_ = self._stepping, frame.id(block.id)
        span = stepping.spans.block(id_, kind_of(block.node), frame.span) if stepping.spans else None
        return _Trying(block, id_, frame, unit, stepping.clock(), arguments, span)

    def _tell_start(self, trying: _Trying) -> None:
        stepping = self._stepping
        if stepping.emit and trying.id not in self._finished_before:
            stepping.emit(
                StepStarted(stepping.run, trying.started, trying.id, kind_of(trying.block.node), trying.arguments)
            )

    def _finished(self, trying: _Trying, output: bool | int, note: str | None) -> None:
        stepping = self._stepping
        ended, kind = stepping.clock(), kind_of(trying.block.node)
        if trying.span:
            trying.span.finished(output)
        if stepping.emit:
            stepping.emit(StepFinished(stepping.run, ended, trying.id, kind, output, Usage(), note))
        self._record(trying, "succeeded", ended, output=output, note=note)

    def _failed(self, trying: _Trying, path: Path, reason: str, cause: BaseException | None) -> Failure:
        stepping = self._stepping
        ended, kind = stepping.clock(), kind_of(trying.block.node)
        failure = FunctionError(kind, reason)
        failure.__cause__ = cause
        if trying.span:
            trying.span.failed(failure)
        sources = block_sources(trying.block)
        if stepping.emit:
            stepping.emit(StepFailed(stepping.run, ended, trying.id, kind, reason, sources))
        return Failure(path, self._record(trying, "failed", ended, error=reason), failure, sources)

    def _cancelled(self, trying: _Trying, rounds: int) -> None:
        stepping = self._stepping
        ended = stepping.clock()
        if trying.span:
            trying.span.broken_off()
        if stepping.emit:
            stepping.emit(StepCancelled(stepping.run, ended, trying.id, kind_of(trying.block.node)))
        self._record(trying, "cancelled", ended, output=rounds)

    def _record(
        self,
        trying: _Trying,
        status: StepStatus,
        ended: float,
        *,
        output: object = None,
        error: str | None = None,
        note: str | None = None,
    ) -> StepRecord:
        record = StepRecord(
            id=trying.id,
            function=kind_of(trying.block.node),
            status=status,
            started=trying.started,
            ended=ended,
            attempts=1,
            arguments=trying.arguments,
            output=output,
            error=error,
            note=note,
        )
        trying.frame.records[trying.unit] = record
        return record

    def _cannot(self, block: BoundBlock, error: Exception) -> str:
        """Say why a test cannot be worked out, and where it stands."""
        node: Node = block.node
        if node.place is None:
            node = next((each for id_, each in self._bound.placed().plan.nodes() if id_ == block.id), node)
        place = node.test_place or node.place if isinstance(node, If | While) else None
        return reason_of(error) + (f" (at {place.line}:{place.column})" if place else "")


def _read(test: ReadyTest, values: Values) -> dict[str, object]:
    """Return the variables that a test reads, but those that nothing has set."""
    return {name: values[slot] for name, slot in test.variables if values[slot] is not UNSET}


def _items(over: Fetch, values: Values, arguments: dict[str, object]) -> list[object]:
    """Return the list that a foreach goes over; it keeps its items whatever becomes of the value it is made of."""
    arguments["in"] = values[over] if isinstance(over, int) else over(values)
    items = list(cast("list[object]", coerce(arguments["in"], _LIST)))
    arguments["in"] = items
    return items


def _too_many(count: int, most: int | None, frontier: Frontier) -> str | None:
    """Say why a foreach cannot have so many rounds."""
    if most is not None and count > most:
        return f"its list has {count:,} items, and its max is {most:,}"
    if count > MAX_ROUNDS:
        return f"its list has {count:,} items, and a loop may have {MAX_ROUNDS:,} rounds"
    if not frontier.grant(count):
        return f"its list has {count:,} items, and all loops of a run may have {MAX_NESTED:,} rounds together"
    return None


def _rounds(count: int) -> str:
    return f"{count:,} round{'' if count == 1 else 's'}"
