"""Model: a fleet as queues, and what it can carry by their closed forms.

A run takes one of the slots, and then does its steps one after the other. Each step takes its worker's processor and
that of the database, lies there until somebody looks for it, and then takes the time of its function, which is long for
the calls of a language model. Those may be limited: to so many at once, or a second. Times are seconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

__all__ = [
    "COSTS",
    "DAY",
    "FREE",
    "Costs",
    "Fleet",
    "Load",
    "Station",
    "capacity",
    "demands",
    "enough",
    "erlang_c",
    "needed",
    "servers",
    "utilisation",
    "wait_mm",
]

DAY = 86_400.0

Station = Literal["model", "slots", "processor", "database"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Runs as they come, Poisson, so many a day; in the busiest hour `peak` times as many as on average.

    A run has `steps` steps, of which `calls` ask a model: `thinking` seconds on average, with the tail of a lognormal
    distribution of `spread`. The others take `working`, exponential.
    """

    runs: float
    peak: float = 3.0
    steps: int = 12
    calls: int = 4
    thinking: float = 4.0
    spread: float = 1.0
    working: float = 0.05

    @property
    def busiest(self) -> float:
        """Runs a second in the busiest hour."""
        return self.runs / DAY * self.peak

    @property
    def duration(self) -> float:
        """Seconds of a run that waits for nobody, without what the engine costs."""
        return self.calls * self.thinking + (self.steps - self.calls) * self.working


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What the engine costs a run of twelve steps, as measured, in shares of a step.

    A step computes for `processor` seconds at its worker and for `database` seconds at the server, has so many
    `transactions`, and lies for `pause` seconds until somebody looks for it. A run keeps `stored` bytes.
    """

    processor: float
    database: float
    transactions: float
    pause: float
    stored: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """So many workers of one core, each with so many slots for runs, over databases with so many `cores` each.

    `at_once` and `a_second` limit the calls of the model; None is no limit.
    """

    workers: int = 1
    slots: int = 100
    databases: int = 1
    cores: int = 4
    at_once: int | None = None
    a_second: float | None = None


COSTS = Costs(processor=0.009, database=0.006, transactions=12, pause=0.12, stored=31_000)
FREE = Costs(processor=0, database=0, transactions=0, pause=0, stored=0)


def demands(load: Load, costs: Costs) -> Mapping[Station, float]:
    """Return the seconds that a run takes of each station when nothing is in its way."""
    processor, database = load.steps * costs.processor, load.steps * costs.database
    return {
        "model": load.calls * load.thinking,
        "slots": load.duration + processor + database + load.steps * costs.pause,
        "processor": processor,
        "database": database,
    }


def servers(load: Load, fleet: Fleet) -> Mapping[Station, float]:
    """Return how many runs each station can serve at a time."""
    model = math.inf if fleet.at_once is None else fleet.at_once
    if fleet.a_second is not None:
        model = min(model, fleet.a_second * load.thinking)
    return {
        "model": model,
        "slots": fleet.workers * fleet.slots,
        "processor": fleet.workers,
        "database": fleet.databases * fleet.cores,
    }


def capacity(load: Load, costs: Costs, fleet: Fleet) -> tuple[float, Station]:
    """Return the most runs a second that the fleet can carry, and the station that says so: the utilisation law."""
    needs, has = demands(load, costs), servers(load, fleet)
    return min((has[each] / needs[each], each) for each in needs)


def utilisation(load: Load, costs: Costs, fleet: Fleet) -> Mapping[Station, float]:
    """Return how busy each station is in the busiest hour; it can do no more than one."""
    needs, has = demands(load, costs), servers(load, fleet)
    return {each: load.busiest * needs[each] / has[each] for each in needs}


def needed(load: Load, costs: Costs, fleet: Fleet) -> Fleet:
    """Return the smallest fleet of such workers and databases that is `enough` everywhere in the busiest hour.

    Of processors and databases, which serve many short requests, at most 70 % are taken.
    """
    needs = {station: load.busiest * each for station, each in demands(load, costs).items()}
    slots = enough(needs["slots"])
    return replace(
        fleet,
        workers=max(1, math.ceil(slots / fleet.slots), math.ceil(needs["processor"] / 0.7)),
        databases=max(1, math.ceil(needs["database"] / fleet.cores / 0.7)),
        at_once=enough(needs["model"]),
        a_second=None,
    )


def enough(load: float, *, wait: float = 0.05, most: float = 0.8) -> int:
    """Return the fewest servers of which one is free for all but so many that come, and `most` are busy at most."""
    servers = max(math.floor(load) + 1, math.ceil(load / most))
    while erlang_c(load, servers) > wait:
        servers += 1
    return servers


def erlang_c(load: float, servers: int) -> float:
    """Return the chance to wait in M/M/c with so many servers, offered `load` Erlangs: Erlang's second formula."""
    blocked = 1.0
    for each in range(1, servers + 1):
        blocked = load * blocked / (each + load * blocked)  # Erlang's first formula, one server more at a time
    busy = load / servers
    return blocked / (1 - busy * (1 - blocked))


def wait_mm(rate: float, service: float, servers: int, quantile: float | None = None) -> float:
    """Return how long one waits in M/M/c on average, or the `quantile` of it; the queue must be stable."""
    load = rate * service
    if load >= servers:
        return math.inf
    waits, pace = erlang_c(load, servers), (servers - load) / service
    if quantile is None:
        return waits / pace
    return max(0.0, math.log(waits / (1 - quantile)) / pace)
