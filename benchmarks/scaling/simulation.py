"""Simulation: the fleet of `model` event by event, with what the closed forms leave out: tails, bursts, a daily peak.

A run that finds no slot waits in one queue for all workers, and goes to the one with the most slots free.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import simpy

from .model import DAY, Costs, Fleet, Load, Station

__all__ = ["Seen", "daily", "quantiles", "simulate", "steady"]

T = TypeVar("T")
Events = Generator[simpy.Event, object, T]
Pace = Callable[[float], float]
"""Runs a second at a moment, in seconds from midnight."""


def steady(load: Load) -> Pace:
    """Return the pace of the busiest hour, always."""
    return lambda at: load.busiest


def daily(load: Load) -> Pace:
    """Return a pace that is busiest at noon and rests at midnight; its mean over the day is that of the load."""
    sharpness = _sharpness(load.peak)
    return lambda at: load.busiest * (0.5 - 0.5 * math.cos(2 * math.pi * at / DAY)) ** sharpness


def _sharpness(peak: float) -> float:
    """Return the power of a raised cosine whose peak is so many times its mean, by halving."""
    low, high = 0.0, 400.0
    for _ in range(50):
        middle = (low + high) / 2
        mean = math.exp(math.lgamma(middle + 0.5) - math.lgamma(middle + 1)) / math.sqrt(math.pi)
        low, high = (middle, high) if 1 / mean < peak else (low, middle)
    return low


@dataclass(slots=True)
class Seen:
    """What was seen: how long each run waited for a slot, and in all; how long the servers of each station were busy.

    `most` is how many runs went on at one time.
    """

    started: list[float] = field(default_factory=list[float])
    waited: list[float] = field(default_factory=list[float])
    busy: dict[Station, float] = field(
        default_factory=lambda: {"model": 0.0, "slots": 0.0, "processor": 0.0, "database": 0.0}
    )
    most: int = 0


class _Simulated:
    """A fleet while it runs; what comes before `warm` is not counted."""

    def __init__(self, load: Load, costs: Costs, fleet: Fleet, chance: random.Random, warm: float) -> None:
        self.now = simpy.Environment()
        self.seen = Seen()
        self._load, self._costs, self._chance, self._warm = load, costs, chance, warm
        self._slots = simpy.Resource(self.now, fleet.workers * fleet.slots)
        self._taken = [0] * fleet.workers
        self._processors = [simpy.Resource(self.now, 1) for _ in range(fleet.workers)]
        self._database = simpy.Resource(self.now, fleet.databases * fleet.cores)
        self._model = simpy.Resource(self.now, fleet.at_once) if fleet.at_once else None
        self._between = 1 / fleet.a_second if fleet.a_second else 0.0
        self._next_call = 0.0
        self._middle = math.log(load.thinking) - load.spread**2 / 2

    def arrivals(self, pace: Pace, most: float, end: float) -> Events[None]:
        """Let runs come at a pace of `most` at most: a Poisson process, thinned."""
        at, chance = 0.0, self._chance
        while (at := at + chance.expovariate(most)) < end:
            if chance.random() * most <= pace(at):
                yield self.now.timeout(at - self.now.now)
                self.now.process(self._run())

    def _run(self) -> Events[None]:
        came = self.now.now
        slot = self._slots.request()
        yield slot
        started = self.now.now
        worker = min(range(len(self._taken)), key=self._taken.__getitem__)
        self._taken[worker] += 1
        self.seen.most = max(self.seen.most, self._slots.count)
        useful = yield from self._steps(worker, came >= self._warm)
        self._taken[worker] -= 1
        self._slots.release(slot)
        if came >= self._warm:
            self.seen.started.append(started - came)
            self.seen.waited.append(self.now.now - came - useful)
            self.seen.busy["slots"] += self.now.now - started

    def _steps(self, worker: int, counted: bool) -> Events[float]:
        """Do all steps, and return the time that they were served."""
        load = self._load
        calls = set(self._chance.sample(range(load.steps), load.calls))
        useful = 0.0
        for step in range(load.steps):
            useful += yield from self._engine(worker, counted)
            useful += yield from self._called(counted) if step in calls else self._worked()
        return useful

    def _engine(self, worker: int, counted: bool) -> Events[float]:
        """Take what the engine costs a step."""
        costs = self._costs
        at_worker, at_server = self._drawn(costs.processor), self._drawn(costs.database)
        yield from self._served("processor", self._processors[worker], at_worker, counted)
        yield from self._served("database", self._database, at_server, counted)
        if costs.pause:
            yield self.now.timeout(costs.pause)
        return at_worker + at_server + costs.pause

    def _called(self, counted: bool) -> Events[float]:
        """Call the model, when its limits let one."""
        took = self._chance.lognormvariate(self._middle, self._load.spread)
        if self._between:
            at = max(self._next_call, self.now.now)
            self._next_call = at + self._between
            yield self.now.timeout(at - self.now.now)
        if self._model:
            yield from self._served("model", self._model, took, counted)
        else:
            yield self.now.timeout(took)
        return took

    def _worked(self) -> Events[float]:
        took = self._drawn(self._load.working)
        yield self.now.timeout(took)
        return took

    def _served(self, station: Station, resource: simpy.Resource, took: float, counted: bool) -> Events[None]:
        if not took:
            return
        turn = resource.request()
        yield turn
        yield self.now.timeout(took)
        resource.release(turn)
        if counted:
            self.seen.busy[station] += took

    def _drawn(self, mean: float) -> float:
        return self._chance.expovariate(1 / mean) if mean else 0.0


def simulate(
    load: Load,
    costs: Costs,
    fleet: Fleet,
    *,
    pace: Pace | None = None,
    end: float = DAY,
    warm: float = 0.0,
    seed: int = 1,
) -> Seen:
    """Let runs come for so many seconds, and all of them end; those of the first `warm` are not counted.

    They come at the `pace` of the busiest hour, if no other is given. What is drawn depends on `seed` alone.
    """
    simulated = _Simulated(load, costs, fleet, random.Random(seed), warm)
    simulated.now.process(simulated.arrivals(pace or steady(load), load.busiest, end))
    simulated.now.run()
    return simulated.seen


def quantiles(values: Sequence[float], *asked: float) -> list[float]:
    """Return these quantiles of what was seen, each the value of one run."""
    ordered = sorted(values)
    return [ordered[min(len(ordered) - 1, int(each * len(ordered)))] for each in asked]
