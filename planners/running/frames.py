"""Frames: the plan and each round of a loop while they run; and the frontier, the units of all that may start now.

Nothing here calls a function or waits for one: a unit is done when the frontier is told so, and what waited for it
alone becomes ready. Ready units come in document order: by the path of their round, then by their position.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush

from forethought.planners.checking.rules.too_many_rounds import MAX_NESTED
from forethought.planners.language.nodes import While

from .bodies import ReadyBody, ReadyChoice, ReadyJoin, ReadyLoop
from .evaluation import UNSET
from .result import StepRecord
from .tracing import BlockSpan

__all__ = ["Frame", "Frontier", "Looping", "Path"]

Path = tuple[int, ...]
"""Where something stands in the document: positions of units, and between them the numbers of rounds."""

_DONE = -1

_Todo = list["tuple[Frame, int]"]
"""Units that are done, while those that waited for them are not yet told."""


class Frame:
    """One run through a body: its values, its records, and how many others each unit waits for.

    The ids inside begin with `prefix`. `across` counts what a unit waits for in the round before, `late` are the joins
    that wait for a value, each with its slot, `skipped` the units of branches that are not taken, `loops` those that
    have begun. Once a round is over, it keeps its records and nothing else.
    """

    __slots__ = (
        *("across", "body", "late", "left", "loop", "loops", "next", "path", "prefix"),
        *("records", "skipped", "values", "waits"),
    )

    def __init__(
        self, body: ReadyBody, values: list[object], path: Path = (), prefix: str = "", loop: Looping | None = None
    ) -> None:
        self.body = body
        self.values = values
        self.path = path
        self.prefix = prefix
        self.loop = loop
        self.next: Frame | None = None
        self.waits = list(body.waits)
        self.across: dict[int, int] | None = None
        self.late: dict[int, list[tuple[int, int]]] | None = None
        self.skipped: set[int] | None = None
        self.left = len(body.units)
        self.records: list[StepRecord | None] = [None] * len(body.units)
        self.loops: dict[int, Looping] = {}

    @property
    def span(self) -> BlockSpan | None:
        """The span of the loop that this is a round of."""
        return self.loop.span if self.loop else None

    def id(self, static: str) -> str:
        """Return the id in this frame of what has this id in the plan."""
        return self.prefix + static[self.body.cut :]

    def passed(self, unit: int) -> bool:
        """Say whether a unit that has no record was skipped."""
        return not self.left or unit in (self.skipped or ())


class Looping:
    """A loop while it runs: the rounds it has had or has, and what they have given.

    `values` are those that each round begins with; `complete` says that no further round begins. `note` is what is to
    be told of it besides.
    """

    __slots__ = (
        *("complete", "deed", "frame", "id", "items", "last", "note", "outputs"),
        *("path", "rounds", "running", "span", "unit", "values"),
    )

    def __init__(
        self, deed: ReadyLoop, frame: Frame, unit: int, items: Sequence[object], span: BlockSpan | None = None
    ) -> None:
        self.deed = deed
        self.span = span
        self.frame = frame
        self.unit = unit
        self.items = items
        self.id = frame.id(deed.block.id)
        self.path: Path = (*frame.path, unit)
        self.values = list(deed.body.values)
        for before, slot in deed.before:
            self.values[slot] = frame.values[before]
        self.rounds: list[Frame] = []
        self.outputs: list[object] = [None] * len(items)
        self.last: tuple[Path, Sequence[object]] = ((), ())
        self.running = 0
        self.complete = False
        self.note: str | None = None


class Frontier:
    """What may start now, of the plan and of all rounds of its loops; `ended` is told of each loop that ends."""

    def __init__(self, body: ReadyBody, ended: Callable[[Looping], None]) -> None:
        self.root = Frame(body, list(body.values))
        self.ready: list[tuple[Path, Frame, int]] = []  # a heap
        self._ended = ended
        self._rounds = 0
        self._push_free(self.root)

    def pop(self) -> tuple[Frame, int]:
        """Return the first of what is ready, in document order."""
        _, frame, unit = heappop(self.ready)
        return frame, unit

    def push(self, frame: Frame, unit: int) -> None:
        """Make a unit ready that was popped, and is still to be done."""
        heappush(self.ready, ((*frame.path, unit), frame, unit))

    def done(self, frame: Frame, unit: int) -> None:
        """A call has given its value."""
        body = frame.body
        if body.special or frame.loop:
            self._settle([(frame, unit)])
            return
        waits = frame.waits
        for follower in body.followers(unit):
            waits[follower] -= 1
            if not waits[follower]:
                heappush(self.ready, ((follower,), frame, follower))

    def decided(self, frame: Frame, unit: int, choice: ReadyChoice, holds: bool) -> None:
        """The test of an `if` holds, or not: the units of the other branch are skipped.

        What is skipped no longer waits for values, but still for the effects before it: who waits for it, does so for
        their sake.
        """
        frame.values[unit] = holds
        todo: _Todo = [(frame, unit)]
        across = frame.across or {}
        for skipped in choice.otherwise if holds else choice.then:
            frame.skipped = frame.skipped or set()
            frame.skipped.add(skipped)
            effects = sum(frame.waits[each] != _DONE for each in frame.body.orders.get(skipped, ()))
            frame.waits[skipped] = effects + across.get(skipped, 0)
            if not frame.waits[skipped]:
                todo.append((frame, skipped))
        self._settle(todo)

    def grant(self, rounds: int) -> bool:
        """Say whether so many more rounds may begin, and count them."""
        if self._rounds + rounds > MAX_NESTED:
            return False
        self._rounds += rounds
        return True

    def begin(self, loop: Looping) -> None:
        """Begin a loop: all rounds of a foreach at once, and with the first test of a while."""
        loop.frame.loops[loop.unit] = loop
        todo: _Todo = []
        if isinstance(loop.deed.block.node, While):
            self._round(loop, todo)
        else:
            loop.running = len(loop.items)
            for item in loop.items:
                loop.rounds.append(self._round(loop, todo, item))
            self._complete(loop, todo)
        self._settle(todo)

    def tested(self, frame: Frame, unit: int, holds: bool) -> None:
        """The test of a while holds, and the round begins, and with it the next test; or there is no further round."""
        loop = frame.loop
        assert loop
        todo: _Todo = []
        if holds:
            loop.rounds.append(frame)
            loop.running += 1
            self._round(loop, todo)
            todo.append((frame, unit))
        else:
            self._complete(loop, todo)
        self._settle(todo)

    def _round(self, loop: Looping, todo: _Todo, item: object = None) -> Frame:
        """Return a new round, with what it waits for in the round before."""
        deed = loop.deed
        number = len(loop.rounds) + 1
        values = loop.values.copy()
        if deed.item is not None:
            values[deed.item] = item
        frame = Frame(deed.body, values, (*loop.path, number), f"{loop.id}[{number}]", loop)
        if loop.rounds:
            _follow(loop.rounds[-1], frame, todo)
        else:
            for carry, slot in deed.heads:
                values[carry] = UNSET if slot is None else loop.frame.values[slot]
                todo.append((frame, carry))
        self._push_free(frame)
        return frame

    def _push_free(self, frame: Frame) -> None:
        for unit, waits in enumerate(frame.waits):
            if not waits:
                heappush(self.ready, ((*frame.path, unit), frame, unit))

    def _settle(self, todo: _Todo) -> None:
        """Tell all who wait for these units that they are done, and so on."""
        while todo:
            frame, unit = todo.pop()
            body = frame.body
            frame.waits[unit] = _DONE
            frame.left -= 1
            skipped = frame.skipped or ()
            for follower in body.followers(unit):
                if follower not in skipped or unit in body.orders.get(follower, ()):
                    self._one_less(frame, follower, todo)
            for slot, join in frame.late.pop(unit, ()) if frame.late else ():
                frame.values[join] = frame.values[slot]
                todo.append((frame, join))
            if frame.next:
                self._hand_on(frame, frame.next, unit, todo)
            if not frame.left and frame.loop:
                self._over(frame, frame.loop, todo)

    def _one_less(self, frame: Frame, unit: int, todo: _Todo) -> None:
        frame.waits[unit] -= 1
        if frame.waits[unit]:
            return
        special = frame.body.special.get(unit)
        if frame.skipped and unit in frame.skipped:
            todo.append((frame, unit))
        elif isinstance(special, ReadyJoin):
            _join(frame, unit, special, todo)
        else:
            heappush(self.ready, ((*frame.path, unit), frame, unit))

    def _hand_on(self, frame: Frame, after: Frame, unit: int, todo: _Todo) -> None:
        """Tell the next round that a unit is done."""
        if after.across:
            for follower in frame.body.across.get(unit, ()):
                after.across[follower] -= 1
                self._one_less(after, follower, todo)
        for slot, carry in frame.body.carries.get(unit, ()):
            after.values[carry] = frame.values[slot]
            todo.append((after, carry))

    def _over(self, frame: Frame, loop: Looping, todo: _Todo) -> None:
        """A round is over; with the last one the loop is."""
        if loop.deed.collects:
            loop.outputs[frame.path[-1] - 1] = frame.values[loop.deed.collects[0]]
        loop.last = max(loop.last, (frame.path, frame.values), key=lambda last: last[0])
        frame.values, frame.waits = [], []
        frame.next = frame.across = frame.late = frame.skipped = None
        loop.running -= 1
        if loop.complete and not loop.running:
            self._end(loop, todo)

    def _complete(self, loop: Looping, todo: _Todo) -> None:
        loop.complete = True
        if not loop.running:
            self._end(loop, todo)

    def _end(self, loop: Looping, todo: _Todo) -> None:
        deed, values = loop.deed, loop.frame.values
        last = loop.last[1]
        for slot, inside, other in deed.leaves:
            source, taken = (last, inside) if loop.rounds else (values, other)
            values[slot] = UNSET if taken is None else source[taken]
        if deed.collects:
            values[deed.collects[1]] = loop.outputs
        self._ended(loop)
        todo.append((loop.frame, loop.unit))


def _follow(before: Frame, frame: Frame, todo: _Todo) -> None:
    """Let a round wait for the effects and the values of the one before it."""
    before.next = frame
    frame.across = across = dict[int, int]()
    for unit, followers in frame.body.across.items():
        if before.waits[unit] != _DONE:
            for follower in followers:
                frame.waits[follower] += 1
                across[follower] = across.get(follower, 0) + 1
    for unit, takers in frame.body.carries.items():
        if before.waits[unit] == _DONE:
            for slot, carry in takers:
                frame.values[carry] = before.values[slot]
                todo.append((frame, carry))


def _join(frame: Frame, unit: int, join: ReadyJoin, todo: _Todo) -> None:
    """Take the value of the branch that runs, as soon as it is there."""
    slot = join.inside if frame.values[join.decision] else join.other
    giver = None if slot is None else frame.body.giver(slot)
    if giver is not None and slot is not None and frame.waits[giver] != _DONE:
        frame.late = frame.late or {}
        frame.late.setdefault(giver, []).append((slot, unit))
        return
    frame.values[unit] = UNSET if slot is None else frame.values[slot]
    todo.append((frame, unit))
