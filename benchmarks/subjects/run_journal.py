"""Microseconds a step for a chain of trivial functions, each kept in a journal before and after; see run_ours.py.

`run_journal.py STEPS normal|full [DATABASE]`: in a file, or at the address of a PostgreSQL.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import cast

from run_ours import chain, same

from forethought.kernel import Kernel
from forethought.planners import Journal, run, schedule
from forethought.planners.journaling.store import Synchronous


async def main(steps: int, synchronous: Synchronous, database: str | None = None) -> float:
    kernel = Kernel()
    kernel.add_functions(same, "Text")
    ready = schedule(chain(steps), kernel.skills)
    times: list[float] = []
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:  # a disk, where there is one, and not memory
        journal = Journal(database or Path(folder) / "runs.db", synchronous=synchronous)
        for _ in range(15 if synchronous == "normal" else 3):
            started = time.perf_counter()
            result = await run(ready, kernel, journal=journal)
            times.append(time.perf_counter() - started)
            assert result.value == "x"
        journal.close()
    return statistics.median(times) / steps * 1e6


if __name__ == "__main__":
    print(asyncio.run(main(int(sys.argv[1]), cast("Synchronous", sys.argv[2]), *sys.argv[3:])))
