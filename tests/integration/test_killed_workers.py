"""Workers that are killed, paused and cut off from their database: others go on, and nothing happens twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forethought.planners import Plan, parse
from tests.integration.killing_workers import LEASE, PLAN, REPEATABLE, Ended, Workers, alone, any_plan, killed, sweep

if TYPE_CHECKING:
    from tests.servers.postgres import Postgres

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")


def counted(ended: Ended) -> Counter[tuple[str, str]]:
    """Return how often each effect has happened, of those that may be repeated whether they have."""
    found = Counter(ended.effects)
    return Counter({effect: 1 if effect[0] in REPEATABLE else count for effect, count in found.items()})


async def check(
    database: str,
    folder: Path,
    plans: Sequence[Plan],
    disturb: Callable[[Workers, random.Random], Awaitable[None]],
    times: int,
) -> None:
    """Disturb workers, and check that each run came to what it comes to undisturbed, and did everything once.

    What is idempotent may be done again.
    """
    whole = [await alone(folder, plan) for plan in plans]
    ended = await sweep(database, folder, plans, disturb, times=times, seed=7)
    for each in ended:
        assert each.outcome == whole[each.plan].outcome
        assert counted(each) == counted(whole[each.plan])


async def test_runs_end_as_if_no_worker_had_been_killed_and_no_effect_happens_twice(
    database: str, tmp_path: Path
) -> None:
    """And what parallel calls of one function gave is never swapped, whatever the plan."""
    chance = random.Random(3)
    plans = [parse(PLAN), *(any_plan(chance) for _ in range(5))]
    await check(database, tmp_path, plans, killed, 10)


async def test_a_worker_that_was_away_for_longer_than_its_lease_repeats_nothing(database: str, tmp_path: Path) -> None:
    async def paused(workers: Workers, chance: random.Random) -> None:
        await workers.all_at_work()
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        worker = chance.choice(workers.living)
        os.kill(worker, signal.SIGSTOP)
        await asyncio.sleep(2 * LEASE)
        if worker in workers.living:
            os.kill(worker, signal.SIGCONT)

    await check(database, tmp_path, [parse(PLAN)], paused, 2)


async def test_runs_end_right_though_the_database_is_stopped_and_though_it_crashes(
    database: str, postgres: Postgres, tmp_path: Path
) -> None:
    ways = iter([postgres.stop, postgres.kill])

    async def restarted(workers: Workers, chance: random.Random) -> None:
        await workers.all_at_work()
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        await asyncio.to_thread(next(ways))
        await asyncio.sleep(chance.uniform(0.0, 2.0))
        await asyncio.to_thread(postgres.start)

    await check(database, tmp_path, [parse(PLAN)], restarted, 2)
