"""What docs/scaling.md says of sizes that were not run: the simulation holds to closed forms where there are any."""

from __future__ import annotations

import statistics
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from forethought.planners import parse, run

sys.path.append(str(Path(__file__).parents[2]))  # benchmarks are no part of what is installed
from benchmarks.scaling.at_once import Kind, at_once
from benchmarks.scaling.fleet import Finished, overtaken
from benchmarks.scaling.model import (
    COSTS,
    DAY,
    FREE,
    Fleet,
    Load,
    capacity,
    demands,
    enough,
    erlang_c,
    needed,
    servers,
    utilisation,
    wait_mm,
)
from benchmarks.scaling.picture import Line, draw
from benchmarks.scaling.simulation import daily, quantiles, simulate
from benchmarks.scaling.work import EFFECTS, PLAN, STEPS, Work, jain

BEGAN = [(0, 1.0), (0, 6.0), (9, 0.0), (0, 2.0), (0, 3.0), (0, 7.0)]


def _single(rate: float) -> Load:
    """Return runs of one step of a second on average, exponential."""
    return Load(runs=rate * DAY, peak=1, steps=1, calls=0, working=1.0)


@pytest.mark.parametrize(("load", "count", "chance"), [(0.3, 1, 0.3), (1.0, 2, 1 / 3), (2.0, 3, 4 / 9)])
def test_erlangs_formula_gives_the_values_of_the_textbook(load: float, count: int, chance: float) -> None:
    assert erlang_c(load, count) == pytest.approx(chance)


@pytest.mark.parametrize("busy", [0.5, 0.8])
@pytest.mark.parametrize("slots", [1, 4])
def test_the_simulation_waits_as_erlangs_formula_says(busy: float, slots: int) -> None:
    """Poisson arrivals, exponential times, one queue: 60,000 runs, which leaves an eighth to chance."""
    rate = busy * slots
    waited = simulate(_single(rate), FREE, Fleet(slots=slots), end=500 + 60_000 / rate, warm=500, seed=7).waited
    assert statistics.mean(waited) == pytest.approx(wait_mm(rate, 1.0, slots), rel=0.125)
    assert sum(each > 1e-9 for each in waited) / len(waited) == pytest.approx(erlang_c(rate, slots), rel=0.05)
    assert quantiles(waited, 0.99)[0] == pytest.approx(wait_mm(rate, 1.0, slots, 0.99), rel=0.125)


def test_every_station_of_a_simulated_fleet_is_as_busy_as_the_utilisation_law_says() -> None:
    load = Load(runs=1e5)
    fleet = needed(load, COSTS, Fleet())
    long = 2000.0
    busy = simulate(load, COSTS, fleet, end=300 + long, warm=300, seed=3).busy
    expected, has = utilisation(load, COSTS, fleet), servers(load, fleet)
    for station, seconds in busy.items():
        assert seconds / long / has[station] == pytest.approx(expected[station], rel=0.08), station


def test_a_limit_of_calls_a_second_is_kept() -> None:
    """Twice as many runs as it lets through take twice as long."""
    load = Load(runs=2 * DAY, peak=1, steps=2, calls=2, thinking=0.1)
    waited = simulate(load, FREE, Fleet(slots=10_000, a_second=2.0), end=100, seed=5).waited
    assert max(waited) == pytest.approx(2 * len(waited) / 2.0 - 100, rel=0.1)


def test_the_station_that_a_run_takes_most_of_is_the_limit() -> None:
    load, fleet = Load(runs=1), Fleet(workers=4, slots=1000)
    assert capacity(load, COSTS, replace(fleet, at_once=8)) == (8 / 16, "model")
    needs = demands(load, COSTS)
    assert capacity(load, COSTS, replace(fleet, slots=1)) == (4 / needs["slots"], "slots")
    assert capacity(load, COSTS, replace(fleet, workers=1)) == (1 / needs["processor"], "processor")
    assert capacity(load, COSTS, replace(fleet, workers=1000))[1] == "database"


def test_enough_servers_are_the_fewest_that_keep_the_promise() -> None:
    assert erlang_c(16.0, enough(16.0)) <= 0.05 < erlang_c(16.0, enough(16.0) - 1)
    assert enough(800.0) == 1000  # of many, a fifth is to spare


def test_a_day_has_its_mean_and_its_peak() -> None:
    pace = daily(Load(runs=DAY, peak=3.0))
    moments = [pace(float(second)) for second in range(0, int(DAY), 60)]
    assert statistics.mean(moments) == pytest.approx(1.0)
    assert max(moments) == pytest.approx(3.0)
    assert min(moments) == pytest.approx(0.0)


@pytest.mark.parametrize("kind", ["plain", "ours", "normal", "full"])
async def test_orders_at_once_do_each_effect_once_however_they_are_run(kind: Kind, tmp_path: Path) -> None:
    outcome = await at_once(kind, 30, 0.001, str(tmp_path))
    assert outcome.twice == 0
    assert len(outcome.ends) == 30
    assert outcome.fairness > 0.5


async def test_an_order_by_hand_is_the_plan() -> None:
    """The same effects and the same outcome; half of its steps are counted as half."""
    planned, by_hand = Work(1, 0.001), Work(1, 0.001)
    result = await run(parse(PLAN), planned.kernel(), inputs={"NUMBER": 0})
    assert await by_hand.by_hand(0) == str(result.value).replace('"', "'")
    assert planned.half == by_hand.half == [STEPS // 2]
    assert len(planned.effects) == len(by_hand.effects) == EFFECTS


def test_jains_index_is_one_for_equal_shares_and_the_share_of_the_one_that_has_all() -> None:
    assert jain([3, 3, 3]) == 1
    assert jain([5, 0, 0, 0]) == 0.25


def test_a_run_is_overtaken_by_those_of_its_priority_that_began_before_it_and_came_later() -> None:
    runs = [Finished(str(at), priority, at, began, 9.0, "succeeded") for at, (priority, began) in enumerate(BEGAN)]
    assert overtaken(runs) == 2


def test_a_picture_is_an_svg_whose_lines_stay_inside() -> None:
    line = Line("p50", "#000", [(0.5, 0.0001), (1.0, 1e9)])
    drawn = ElementTree.fromstring(draw([line], across="<load>", up="wait", xs=[0.5, 1.0], ys=[0.01, 100]))
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    paths = [each.get("d") for each in drawn.iter("{http://www.w3.org/2000/svg}path")]
    assert paths[-1] == "M64.0 312.0L490.0 20.0"
