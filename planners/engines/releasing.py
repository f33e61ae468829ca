"""Releasing: a run goes on with another turn, which any worker takes; each turn has a number."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Collection

from forethought.planners.journaling.history import History
from forethought.planners.journaling.journal import Journal

from .carrying import RUNS, STEP, TURN, Carrier, Fate
from .places import Places
from .starts import Starts

__all__ = ["Releasing", "let_go_on", "priority_of"]

_YOUNG = 10.0
"""Seconds after which a run should be with the workers that was handed in."""
_SAMPLE = 20  # of the runs that wait for a worker: whether something carries them is asked for so many at a time
_TURNS = 8


def priority_of(history: History) -> int:
    """Return the priority that a run was handed in with last."""
    said = [json.loads(each.data) for each in history.decisions if each.kind == "submitted"]
    return int(said[-1].get("priority", 0)) if said else 0


class Releasing:
    """Lets runs go on; every method waits for the database."""

    def __init__(self, carrier: Carrier, journal: Journal) -> None:
        self._carrier = carrier
        self.journal = journal
        self._others: set[str] = set()  # runs that were not handed in to workers

    def turns(self, run: str) -> list[Fate]:
        """Return what became of the turns of a run, the last one first."""
        found: list[Fate] = []
        asked, more = 0, _TURNS
        while len(found) == asked:
            found += self._carrier.look([f"{run}~{asked + each}" for each in range(1, more + 1)])
            asked, more = asked + more, more * 2
        return sorted(found, key=_number, reverse=True)

    def release(self, run: str, priority: int, *, delay: float = 0.0) -> None:
        """Let a run take another turn, unless one waits to be taken: that one finds all that was said until then."""
        turns = self.turns(run)
        if turns and turns[0].state == "queued":
            return
        number = _number(turns[0]) + 1 if turns else 1
        id_ = f"{run}~{number}"
        work = {"id": id_, "run": run, "number": number, "priority": priority}
        self._carrier.put(RUNS, TURN, id_, work, priority=priority, delay=delay)

    def lost(self, works: Collection[Fate]) -> None:
        """Take work from workers that will not end it: what somebody waits for is dispatched anew by who waits for it.

        Of the runs whose turns are among it, each takes another one.
        """
        for work in works:
            if "/" not in work.id:  # else it is a step
                self.release(_run(work), work.priority)
        self._carrier.drop([each.id for each in works])

    def stranded(self) -> None:
        """Let those runs go on that should, and that no worker has or will take: something was lost on the way."""
        before = self.journal.now() - _YOUNG
        found = [each for each in self.journal.runs("interrupted", "queued") if each.id not in self._others]
        waiting = [each for each in found if each.status == "queued" and each.started < before]
        broken = [each for each in found if each.status == "interrupted"]
        for row in (*broken, *random.sample(waiting, min(_SAMPLE, len(waiting)))):
            turns = self.turns(row.id)
            if any(each.state in ("queued", "running") for each in turns) or any(map(_asks, turns[:1])):
                continue
            history = self.journal.history(row.id)
            if history.carried:
                self.release(row.id, priority_of(history))
            else:
                self._others.add(row.id)

    def tidy(self, starts: Starts, before: float) -> None:
        """Remove what carried the runs that never go on: they have succeeded before then, or are not in the journal."""
        for kind in (STEP, TURN):  # what a run came to is known as long as its turns are there
            skip = 0
            while part := self._carrier.finished(kind, before, skip):
                over = {run for run in map(_run, part) if self._is_over(run)}
                gone = [each.id for each in part if _run(each) in over]
                self._carrier.remove(gone)
                skip += len(part) - len(gone)
                for run in over if kind == TURN else ():
                    starts.forget(run)

    def _is_over(self, run: str) -> bool:
        outcomes = (each.outcome for each in self.turns(run))
        return any(each and each["status"] == "succeeded" for each in outcomes) or not self.journal.has(run)


def _asks(turn: Fate) -> bool:
    """Say whether a turn has found that somebody must speak before there is another one."""
    return bool(turn.outcome and turn.outcome["status"] == "in_doubt")


def _number(turn: Fate) -> int:
    return int(turn.id.rpartition("~")[2])


def _run(fate: Fate) -> str:
    return re.split("[~/]", fate.id, maxsplit=1)[0]


def let_go_on(journal: Journal, history: History, database: str, *, name: str = "") -> None:
    """Let workers go on with a run of `journal` that was handed in to them; `name` is who says so."""
    places = Places.of(database)
    carrier = Carrier(places.carrier, places.shown)
    try:
        priority = priority_of(history)
        journal.settle(history.id, "submitted", name=name, priority=priority)
        Releasing(carrier, journal).release(history.id, priority)
    finally:
        carrier.close()
