"""Engines over the same few functions: whatever law is tested holds for each of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest

from forethought.kernel import Kernel, skill
from forethought.planners import Journal
from forethought.planners.engines.engine import Engine
from forethought.planners.engines.fleet import Fleet
from forethought.planners.engines.inprocess import InProcess
from forethought.planners.engines.limits import Limits
from forethought.planners.engines.working import Worker
from forethought.planners.journaling.approving import Policy
from forethought.planners.running.retries import Retry


class World:
    """What functions did, in order. `down` are the texts that fail, `gates` let those that wait go on."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.down: dict[str, int] = {}
        self.running = 0
        self.most = 0
        self.gate = asyncio.Event()
        self.begun = asyncio.Event()

    def _fails(self, text: str) -> bool:
        left = self.down.get(text, 0)
        self.down[text] = left - 1
        return left > 0

    @skill(effect="writes:mail", open_world=True)
    async def post(self, to: str) -> str:
        """Post a letter."""
        self.done.append(f"post {to}")
        if self._fails(to):
            raise ConnectionRefusedError("nobody opens")
        return f"letter to {to}"

    @skill(effect="reads:mail")
    async def look(self, at: str) -> str:
        """Look at something."""
        self.done.append(f"look {at}")
        if self._fails(at):
            raise ConnectionRefusedError("it is dark")
        return f"<{at}>"

    @skill(effect="pure")
    async def count(self, of: list[int]) -> int:
        """Add numbers up."""
        return sum(of)

    @skill(effect="writes:gate")
    async def wait(self, name: str) -> str:
        """Wait until somebody opens."""
        self.done.append(f"wait {name}")
        self.begun.set()
        await self.gate.wait()
        return name

    @skill(effect="pure")
    async def crowd(self, name: str) -> str:
        """Stay for a moment, and see how many others are there."""
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.02)
        self.running -= 1
        return name


class Opening(Protocol):
    """Opens an engine with a worker, where it has some."""

    def __call__(
        self,
        *,
        runs: int = 8,
        limits: Limits | None = None,
        policy: Policy | None = None,
        step_timeout: float | None = None,
        retry: Retry | None = None,
    ) -> AbstractAsyncContextManager[Engine]: ...


@pytest.fixture
def world() -> World:
    """What functions do."""
    return World()


@pytest.fixture
def kernel(world: World) -> Kernel:
    """A kernel with the functions of `world`, as the plugin `W`."""
    made = Kernel()
    made.add_functions(world, "W")
    return made


@pytest.fixture(params=["in-process", "dbos-sqlite", "dbos-postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where runs are kept: a file for the engine in process, else the database of the workers."""
    if request.param == "dbos-postgres":
        return str(request.getfixturevalue("database"))
    file = tmp_path / "runs.db"
    return str(file) if request.param == "in-process" else f"sqlite:///{file}"


@pytest.fixture
def journal(place: str) -> Iterator[Journal]:
    """The journal of the engine, as somebody else reads it."""
    opened = Journal(place.removeprefix("sqlite:///"))
    yield opened
    opened.close()


@pytest.fixture
def opening(place: str, kernel: Kernel, journal: Journal) -> Opening:
    """How an engine is opened."""

    @asynccontextmanager
    async def open_engine(
        *,
        runs: int = 8,
        limits: Limits | None = None,
        policy: Policy | None = None,
        step_timeout: float | None = None,
        retry: Retry | None = None,
    ) -> AsyncGenerator[Engine]:
        if "://" not in place:
            async with InProcess(
                kernel, journal, runs=runs, limits=limits, policy=policy, step_timeout=step_timeout, retry=retry
            ) as engine:
                yield engine
            return
        async with (
            Worker(kernel, place, runs=runs, limits=limits, policy=policy, step_timeout=step_timeout, retry=retry),
            Fleet(kernel, place, policy=policy) as fleet,
        ):
            yield fleet

    return open_engine
