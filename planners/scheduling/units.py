"""Units: what a plan comes down to when it runs, in which no name is left to look up.

A *body* is the plan, or the inside of a loop. Its ifs are laid flat: the steps of both branches are units of the body,
next to the decision that lets them run or be skipped, and behind them, one unit for each value that the `if` leaves and
somebody reads, the joins. A loop is one unit with a body of its own, which runs once a round.

Units stand in document order, and wait only for units before them, so a body is a topological order of itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forethought.planners.checking.bound import BoundBlock, Merge, Producer

from .schedule import ScheduledBlock, ScheduledStep

__all__ = ["Body", "Carry", "Decision", "Join", "Key", "Loop", "Test", "Unit", "key_of"]

Key = str | tuple[str, str, str]
"""What a producer is, whatever its type: the id whose output it is; or the block's id, how it gives it, and a name."""


def key_of(producer: Producer) -> Key:
    """Return the key of what a step or block gives; a producer outside the plan has none."""
    assert producer.step is not None
    return producer.step if producer.how == "output" else (producer.step, producer.how, producer.name.lower())


@dataclass(frozen=True, slots=True)
class Decision:
    """The test of an `if`: the units of one of its branches run, those of the other are skipped."""

    block: ScheduledBlock
    then: range
    otherwise: range


@dataclass(frozen=True, slots=True)
class Join:
    """A value that an `if` leaves: that of the branch which `decision` lets run."""

    merge: Merge
    decision: int


@dataclass(frozen=True, slots=True)
class Carry:
    """A value at the head of a round: from the end of the round before, or in the first round from before the loop."""

    key: Key
    merge: Merge


@dataclass(frozen=True, slots=True)
class Test:
    """The test of a `while` at the head of a round: everything else in the round waits for it."""

    block: BoundBlock


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop: it waits for all that its rounds need from before it, and leaves what somebody reads.

    Of a foreach, the output among `leaves` is the list of what is `inside` in each round.
    """

    block: ScheduledBlock
    body: Body
    leaves: tuple[Merge, ...]


Unit = ScheduledStep | Decision | Join | Carry | Test | Loop


@dataclass(frozen=True, slots=True)
class Body:
    """The units of a plan or of a loop, by their positions.

    `waits` are the units that each one waits for. Of a step in a branch that is not taken, only the effects before it
    are waited for, so that order is not lost through it: these are its `orders`. A join waits for its decision alone,
    and then for the value it takes. `across` are the effects that a round must wait for in the round before: pairs of
    the unit there and the one here. `givers` are the units that give what is read, None for a loop's item; `captured`
    is what comes from before the loop.
    """

    units: tuple[Unit, ...]
    waits: tuple[tuple[int, ...], ...]
    orders: Mapping[int, tuple[int, ...]]
    across: tuple[tuple[int, int], ...]
    givers: Mapping[Key, int | None]
    captured: Mapping[Key, Producer]
