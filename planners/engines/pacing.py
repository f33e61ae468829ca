"""Pacing: a ground on which no function is called more often than its limit allows, within this process."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import StoppedError
from forethought.kernel.functions import Callee, FunctionSignature, Output
from forethought.kernel.registry import SkillRegistry
from forethought.planners.running.preparation import Ground

from .limits import Limit, Limits

__all__ = ["Pace", "Paced", "in_time"]


class Pace:
    """Lets calls start as one limit allows, in the order in which they came; all else waits."""

    def __init__(
        self,
        limit: Limit,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._limit = limit
        self._places = asyncio.Semaphore(limit.concurrency) if limit.concurrency else None
        self._turn = asyncio.Lock()
        self._starts: deque[float] = deque(maxlen=limit.starts)
        self._clock = clock
        self._sleep = sleep

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None]:
        """Wait until a call may start, and count it as running in the block."""
        if self._places is None:
            await self._wait_for_rate()
            yield
            return
        async with self._places:
            await self._wait_for_rate()
            yield

    async def _wait_for_rate(self) -> None:
        if self._limit.starts is None:
            return
        async with self._turn:
            if len(self._starts) == self._limit.starts:
                wait = self._starts[0] + self._limit.period - self._clock()
                if wait > 0:
                    await self._sleep(wait)
            self._starts.append(self._clock())


class Paced:
    """What a plan runs on: the functions of a ground, each within its limit, and stopped after `step_timeout` seconds.

    The time that a call waits for its turn is none of its own. (So it is not `run` that has the time limit.)
    """

    def __init__(
        self,
        ground: Ground,
        limits: Limits,
        *,
        step_timeout: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._ground = ground
        self._limits = limits
        self._paces = {limit.name: Pace(limit, clock=clock, sleep=sleep) for limit in limits}
        self._timeout = step_timeout

    @property
    def skills(self) -> SkillRegistry:
        """The functions, as a planner sees them."""
        return self._ground.skills

    @property
    def variables(self) -> ContextVariables:
        """The variables that every plan can read."""
        return self._ground.variables

    def bind(self, name: str, /) -> Callee:
        """Return the function that `name` means, which keeps to its limits."""
        callee = self._ground.bind(name)
        limit = self._limits.of(callee.signature.full_name)
        if limit is None and self._timeout is None:
            return callee
        return _PacedCallee(callee, self._paces[limit.name] if limit else None, self._timeout)


class _PacedCallee:
    def __init__(self, callee: Callee, pace: Pace | None, timeout: float | None) -> None:
        self._callee = callee
        self._pace = pace
        self._timeout = timeout

    @property
    def signature(self) -> FunctionSignature:
        return self._callee.signature

    async def __call__(self, arguments: Mapping[str, object], /) -> Output:
        if self._pace is None:
            return await in_time(self._callee, arguments, self._timeout)
        async with self._pace.place():
            return await in_time(self._callee, arguments, self._timeout)


async def in_time(callee: Callee, arguments: Mapping[str, object], timeout: float | None) -> Output:
    """Call a function; raises StoppedError where it takes longer than `timeout` seconds."""
    if timeout is None:
        return await callee(arguments)
    limit = asyncio.timeout(timeout)
    try:
        async with limit:
            return await callee(arguments)
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise StoppedError(callee.signature.full_name, f"it took longer than {timeout:g} seconds") from error
