"""A worker in a process of its own, over functions that tell what they do in files.

`crew.py DATABASE FOLDER [NAME]...`: a NAME is that of a function that this worker lacks. What a function does to the
world is a line of `effects.txt`; one that waits tells so there, and goes on once there is a file of its name.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from forethought.kernel import Kernel, skill
from forethought.planners.engines.working import Worker
from forethought.planners.running.retries import Retry

LEASE = 1.5


async def until(holds: Callable[[], bool]) -> None:
    """Wait until another process has brought about that something holds."""
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(0.02)


def kernel(folder: Path, lacking: Collection[str] = ()) -> Kernel:
    """Return a kernel with functions that tell what they do in `folder`."""
    effects = os.open(folder / "effects.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def wait(what: str, name: str) -> str:
        os.write(effects, f"{what} {name}\n".encode())
        await until((folder / name).exists)
        return f"{what} {name}"

    @skill(effect="reads:world")
    async def look(name: str) -> str:
        """Wait for a file."""
        return await wait("look", name)

    @skill(effect="writes:world")
    async def post(name: str) -> str:
        """Wait for a file, and change the world."""
        return await wait("post", name)

    @skill(effect="pure")
    async def say(text: str) -> str:
        """Say something at once."""
        return f"{text}!"

    made = Kernel()
    for function in (look, post, say):
        if function.__name__ not in lacking:
            made.add_functions(function, "C")
    return made


async def work(database: str, folder: Path, lacking: Collection[str]) -> None:
    """Be a worker that carries out one step at a time, until SIGTERM."""
    leave = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, leave.set)
    worker = Worker(
        kernel(folder, lacking),
        database,
        steps=1,
        lease=LEASE,
        retry=Retry(first=0),
        grace=0.1,
        tell=lambda sentence: print(sentence, flush=True),
    )
    async with worker:
        print(worker.name, flush=True)
        await leave.wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
