"""The same with DBOS, and print as JSON what came of it: `peer.py WHAT COUNT WAIT ADDRESS`.

WHAT is `steps` for one workflow of so many trivial steps, `queued` for so many workflows of one such step on a queue,
or `orders` for so many orders at once. ADDRESS is that of its database.
"""

from __future__ import annotations

import asyncio
import json
import logging
import statistics
import sys
import time
from collections.abc import Coroutine

from dbos import DBOS, DBOSConfig

from .at_once import resident
from .work import EFFECTS, Work, jain

__all__ = ["orders", "queued", "steps"]


@DBOS.step()
async def same(input: str) -> str:
    """Return what it is given."""
    return input


@DBOS.workflow()
async def chain(length: int) -> str:
    """Do one trivial step after the other."""
    value = "x"
    for _ in range(length):
        value = await same(value)
    return value


@DBOS.workflow()
async def single(value: str) -> str:
    """Do one trivial step."""
    return await same(value)


class Steps(Work):
    """The functions of an order, each a step of DBOS."""

    async def look(self, input: str) -> str:
        """Look at something."""
        return await DBOS.run_step_async(None, super().look, input)

    async def write(self, name: str, input: str, wait: float) -> str:
        """Change the world."""
        return await DBOS.run_step_async(None, super().write, name, input, wait)


_works: list[Steps] = []


@DBOS.workflow()
async def order(number: int) -> str:
    """Take an order: the calls of `Work.by_hand`, each kept."""
    return await _works[-1].by_hand(number)


async def steps(count: int) -> dict[str, float]:
    """Run a chain, after a short one: microseconds a step."""
    await chain(10)
    started = time.perf_counter()
    await chain(count)
    return {"step": (time.perf_counter() - started) / count * 1e6}


async def queued(count: int) -> dict[str, float]:
    """Put workflows on a queue, and wait for all: milliseconds a workflow, and runs a second."""
    queue = await DBOS.register_queue_async("trivial", worker_concurrency=32, polling_interval_sec=0.05)
    await (await DBOS.enqueue_workflow_async(queue.name, single, "warm")).get_result()
    started = time.perf_counter()
    handles = [await DBOS.enqueue_workflow_async(queue.name, single, str(number)) for number in range(count)]
    put = time.perf_counter() - started
    for each in handles:
        await each.get_result(polling_interval_sec=0.05)
    took = time.perf_counter() - started
    return {"put": put / count * 1e3, "run": took / count * 1e3, "runs/s": count / took}


async def orders(count: int, wait: float) -> dict[str, float]:
    """Take so many orders, all of them from the same moment on."""
    _works.append(Steps(1, 0))
    await order(0)
    work = Steps(count, wait)
    _works.append(work)
    before = peak = resident()
    ends: list[float] = []

    async def one(number: int) -> None:
        nonlocal peak
        await order(number)
        ends.append(time.perf_counter() - started)
        if not len(ends) % 50:
            peak = max(peak, resident())

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(one(number))
    latency = statistics.quantiles(ends, n=100, method="inclusive")
    assert len(work.effects) == count * EFFECTS
    return {
        "runs/s": count / ends[-1],
        "p50": latency[49],
        "p95": latency[94],
        "p99": latency[98],
        "first": ends[0],
        "last": ends[-1],
        "fairness": jain(work.half),
        "memory": (peak - before) / count,
        "twice": sum(each - 1 for each in work.effects.values()),
    }


async def main(what: str, count: int, wait: float, address: str) -> None:
    """Measure one of them."""
    config = DBOSConfig(name="peer", system_database_url=address, log_level="ERROR", executor_id="peer")
    DBOS(config=config)
    logging.getLogger("dbos").setLevel(logging.ERROR)
    DBOS.launch()
    measures: dict[str, Coroutine[object, object, dict[str, float]]] = {
        "steps": steps(count),
        "queued": queued(count),
        "orders": orders(count, wait),
    }
    print(json.dumps(await measures.pop(what)))
    for each in measures.values():
        each.close()
    DBOS.destroy()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]))
