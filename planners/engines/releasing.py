"""Releasing: a run goes on with another turn, which any worker takes; each turn has a number."""

from __future__ import annotations

import json

from forethought.planners.journaling.history import History
from forethought.planners.journaling.journal import Journal

from .carrying import RUNS, Carrier
from .places import Places
from .starts import Starts

__all__ = ["TURN", "Releasing", "let_go_on", "priority_of"]

TURN = "forethought.turn"
_YOUNG = 10.0
"""Seconds after which a run should be with the workers that was handed in."""


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

    def release(self, run: str, priority: int, *, delay: float = 0.0) -> None:
        """Let a run take another turn, unless one waits to be taken: that one finds all that was said until then."""
        turns = self._carrier.turns(run, TURN)
        if turns and turns[0].state == "queued":
            return
        number = int(turns[0].id.rpartition("~")[2]) + 1 if turns else 1
        self._carrier.put(RUNS, TURN, f"{run}~{number}", {"run": run, "number": number}, priority=priority, delay=delay)

    def stranded(self) -> None:
        """Let those runs go on that should, and that no worker has or will take: something was lost on the way."""
        before = self.journal.now() - _YOUNG
        found = (each for each in self.journal.runs("interrupted", "queued") if each.id not in self._others)
        rows = [each for each in found if each.status == "interrupted" or each.started < before]
        if not rows:
            return
        carried = {each.id.rpartition("~")[0] for each in self._carrier.unfinished(TURN)}
        for row in rows:
            if row.id in carried:
                continue
            history = self.journal.history(row.id)
            if history.carried:
                self.release(row.id, priority_of(history))
            else:
                self._others.add(row.id)

    def tidy(self, starts: Starts, before: float) -> None:
        """Remove what carried the runs that never go on: they have succeeded before then, or are not in the journal."""
        skip = 0
        while turns := self._carrier.finished(TURN, before, skip):
            for turn in turns:
                run = turn.id.rpartition("~")[0]
                succeeded = turn.outcome is not None and turn.outcome["status"] == "succeeded"
                if succeeded or not self.journal.has(run):
                    self._carrier.forget(f"{run}/", f"{run}~")
                    starts.forget(run)
                else:
                    skip += 1


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
