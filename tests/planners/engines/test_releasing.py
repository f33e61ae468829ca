"""Turns of runs: one after the other, none lost, and none left behind when they are of no more use."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from forethought.kernel import Kernel
from forethought.planners import Journal, Plan, parse
from forethought.planners.engines.carrying import RUNS, STEP, STEPS, TURN, Carrier
from forethought.planners.engines.places import Places
from forethought.planners.engines.releasing import Releasing
from forethought.planners.engines.starts import Starts
from forethought.planners.engines.turns import Order


@pytest.fixture(params=["sqlite", "postgres"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Places:
    """A database of workers, of which there is none."""
    if request.param == "postgres":
        return Places.of(str(request.getfixturevalue("database")))
    return Places.of(f"sqlite:///{tmp_path / 'runs.db'}")


@pytest.fixture
def carrier(places: Places) -> Iterator[Carrier]:
    """Its queues."""
    opened = Carrier(places.carrier, places.shown)
    opened.prepare()
    yield opened
    opened.close()


@pytest.fixture
def kept(places: Places) -> Iterator[Journal]:
    """Its journal; time has gone on for a minute when it is read."""
    opened = Journal(places.journal, clock=lambda: time.time() - 60)
    yield opened
    opened.close()


@pytest.fixture
def releasing(carrier: Carrier, places: Places) -> Iterator[Releasing]:
    """What lets runs go on."""
    journal = Journal(places.journal)
    yield Releasing(carrier, journal)
    journal.close()


def plan() -> Plan:
    """Return some plan."""
    return parse('<plan><function.W.look at="x"/></plan>')


def hand_in(run: str, kernel: Kernel, journal: Journal, *, workers: bool = True) -> None:
    """Keep a run as an engine does, and no more than that."""
    order = Order.of(plan(), kernel, None, run=run, priority=0, approved=None)
    assert order.keep(journal, hold=False, name="")
    if workers:
        journal.settle(run, "submitted", priority=3)


def test_a_turn_that_waits_to_be_taken_is_enough(releasing: Releasing, carrier: Carrier) -> None:
    for _ in range(3):
        releasing.release("it", 0)
    assert [(each.id, each.state) for each in releasing.turns("it")] == [("it~1", "queued")]
    carrier.drop(["it~1"])
    releasing.release("it", 0)
    assert [(each.id, each.state) for each in releasing.turns("it")] == [("it~2", "queued"), ("it~1", "lost")]


def test_turns_are_found_however_many_there_are(releasing: Releasing, carrier: Carrier) -> None:
    for number in range(1, 31):
        carrier.put(RUNS, TURN, f"it~{number}", {"run": "it", "number": number})
    carrier.put(RUNS, TURN, "it2~1", {"run": "it2", "number": 1})
    assert [each.id for each in releasing.turns("it")] == [f"it~{number}" for number in range(30, 0, -1)]


def test_a_run_that_nothing_carries_is_found_and_no_other(releasing: Releasing, kernel: Kernel, kept: Journal) -> None:
    for run in ("lost", "carried"):
        hand_in(run, kernel, kept)
    hand_in("another", kernel, kept, workers=False)
    hand_in("young", kernel, releasing.journal)
    releasing.release("carried", 0)
    releasing.stranded()
    releasing.stranded()
    counted = {run: len(releasing.turns(run)) for run in ("lost", "carried", "another", "young")}
    assert counted == {"lost": 1, "carried": 1, "another": 0, "young": 0}


def test_what_carried_a_run_is_removed_once_the_journal_has_it_no_more(
    releasing: Releasing, carrier: Carrier, places: Places, kernel: Kernel, kept: Journal
) -> None:
    starts = Starts(places.carrier, places.shown)
    starts.prepare()
    hand_in("kept", kernel, kept)
    for run in ("kept", "gone"):
        releasing.release(run, 0)
        carrier.put(STEPS, STEP, f"{run}/1/1", {})
        carrier.drop([f"{run}~1", f"{run}/1/1"])
        assert starts.start(f"{run}/1/1", "token")
    releasing.tidy(starts, time.time() - 60)
    assert len(carrier.look(["gone~1", "gone/1/1"])) == 2  # they are not old enough
    releasing.tidy(starts, time.time() + 60)
    assert sorted(each.id for each in carrier.look(["gone~1", "gone/1/1", "kept~1", "kept/1/1"])) == [
        "kept/1/1",
        "kept~1",
    ]
    assert (starts.void("gone/1/1"), starts.void("kept/1/1")) == (True, False)
    starts.close()


def test_work_of_one_id_is_put_into_its_queue_once(carrier: Carrier) -> None:
    for number in range(2):
        carrier.put(STEPS, STEP, "it/1/1", {"number": number})
    (fate,) = carrier.look(["it/1/1", "it/1/2"])
    assert (fate.id, fate.state, fate.outcome) == ("it/1/1", "queued", None)
