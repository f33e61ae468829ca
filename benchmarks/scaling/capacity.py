"""Say what a number of runs a day needs, where the bottleneck is and how long runs wait; and draw the picture of it.

    python -m benchmarks.scaling.capacity [--picture docs/images/waiting.svg] [--seeds 3]

Needs come of closed forms; how long runs wait is simulated, some thousands of them in the busiest hour.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import replace
from pathlib import Path

from .model import COSTS, DAY, Fleet, Load, capacity, demands, needed, utilisation
from .picture import Line, draw
from .simulation import daily, quantiles, simulate

__all__ = ["day", "main", "picture", "sizes", "steps_of_growth"]

RUNS = 8000
"""Runs that are simulated for a row, after as many seconds as the longest of them take."""
WARM = 300.0


def waiting(load: Load, fleet: Fleet, seeds: int) -> tuple[float, float]:
    """Return the median and the 99th percentile of what a run waits in the busiest hour, in seconds."""
    found = [
        quantiles(simulate(load, COSTS, fleet, end=WARM + RUNS / load.busiest, warm=WARM, seed=seed).waited, 0.5, 0.99)
        for seed in range(seeds)
    ]
    return statistics.median(each[0] for each in found), statistics.median(each[1] for each in found)


def sizes(seeds: int) -> None:
    """Print one table: what so many runs a day need."""
    print("| runs a day | at the peak | calls of the model at once | workers | databases | transactions/s", end="")
    print(" | busy: model, slots, processor, database | waits, p50 | p99 | kept a day |")
    print(f"|---|{'---|' * 9}")
    for runs in (1e3, 1e4, 1e5, 1e6):
        load = Load(runs=runs)
        fleet = needed(load, COSTS, Fleet())
        busy = ", ".join(f"{each:.0%}" for each in utilisation(load, COSTS, fleet).values())
        half, most = waiting(load, fleet, seeds)
        transactions = load.busiest * load.steps * COSTS.transactions
        print(
            f"| {runs:,.0f} | {load.busiest:.3g}/s | {fleet.at_once} | {fleet.workers} | {fleet.databases} "
            f"| {transactions:,.0f} | {busy} | {abs(half):.2f} s | {most:.2f} s | {runs * COSTS.stored / 1e9:.3g} GB |",
            flush=True,
        )


def steps_of_growth() -> None:
    """Print one table: what limits a fleet that grows, and how many runs a day it carries in its busiest hour."""
    print("\n| fleet | carries, a day | limited by |\n|---|---|---|")
    load = Load(runs=1)
    for name, fleet in (
        ("1 worker, 1 database, 10 calls of the model at once", Fleet(at_once=10)),
        ("… 100 calls of the model at once", Fleet(at_once=100)),
        ("… any number of calls, 100 runs at a time", Fleet()),
        ("… 400 runs at a time", Fleet(slots=400)),
        ("4 workers of 400", Fleet(workers=4, slots=400)),
        ("16 workers of 400", Fleet(workers=16, slots=400)),
        ("64 workers of 400", Fleet(workers=64, slots=400)),
        ("64 workers of 400, 4 databases", Fleet(workers=64, slots=400, databases=4)),
    ):
        most, station = capacity(load, COSTS, fleet)
        print(f"| {name} | {most * DAY / load.peak:,.0f} | {station} |")
    shares = ", ".join(f"{station} {each:.3g} s" for station, each in demands(load, COSTS).items())
    print(f"\nA run takes: {shares}.")


def day() -> None:
    """Print one table: a day with a peak of three times its mean, and a limit of the model somewhere between."""
    load = Load(runs=10_000)
    at_mean = load.calls * load.thinking * load.runs / DAY
    print("\n| limit of the model, × the mean of the day | waits, p50 | p99 | longest | later than a minute |")
    print("|---|---|---|---|---|")
    for share in (1.2, 1.5, 2, 3, 4):
        fleet = Fleet(workers=4, slots=1000, at_once=round(at_mean * share))
        waited = simulate(load, COSTS, fleet, pace=daily(load), end=DAY).waited
        half, most = quantiles(waited, 0.5, 0.99)
        late = sum(each > 60 for each in waited) / len(waited)
        print(f"| {share:g} | {half:,.1f} s | {most:,.0f} s | {max(waited):,.0f} s | {late:.0%} |", flush=True)


def picture(seeds: int) -> str:
    """Return the picture: what a run waits, against how busy the model's limit is, for three such limits."""
    lines: list[Line] = []
    for at_once, colour in ((8, "#c0392b"), (80, "#2471a3"), (800, "#1e8449")):
        halves: list[tuple[float, float]] = []
        worst: list[tuple[float, float]] = []
        for busy in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95):
            base = Load(runs=1)
            load = replace(base, runs=busy * at_once / (base.calls * base.thinking) * DAY / base.peak)
            fleet = replace(needed(load, COSTS, Fleet()), at_once=at_once)
            half, most = waiting(load, fleet, seeds)
            halves.append((busy, half))
            worst.append((busy, most))
        lines.append(Line(f"{at_once} at once, p99", colour, worst))
        lines.append(Line("p50", colour, halves, dashed=True))
    return draw(
        lines,
        across="how busy the limit of the model's calls is",
        up="what a run of 17 s waits",
        xs=[0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0],
        ys=[0.01, 0.1, 1, 10, 100, 1000],
    )


def main() -> None:
    """Print the tables; with --picture, draw the picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling.capacity")
    parser.add_argument("--picture", type=Path, help="draw the picture here")
    parser.add_argument("--seeds", type=int, default=3, help="how often each row is simulated (default 3)")
    chosen = parser.parse_args()
    sizes(chosen.seeds)
    steps_of_growth()
    day()
    if chosen.picture:
        chosen.picture.write_text(picture(chosen.seeds), encoding="utf-8")


if __name__ == "__main__":
    main()
