"""How often a function is called within one process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import StoppedError
from forethought.planners.engines.limits import Limit, Limits
from forethought.planners.engines.pacing import Pace, Paced


class Clock:
    """A clock that goes on where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        await asyncio.sleep(0)


async def test_no_more_calls_start_in_a_period_than_the_rate_allows() -> None:
    clock, starts = Clock(), list[float]()
    pace = Pace(Limit("x", None, 3, 10.0), clock=clock, sleep=clock.sleep)

    async def call() -> None:
        async with pace.place():
            starts.append(clock.now)

    await asyncio.gather(*(call() for _ in range(8)))
    assert starts == [0, 0, 0, 10, 10, 10, 20, 20]


async def test_no_more_calls_are_there_at_one_time_than_the_limit_allows() -> None:
    pace, there, most = Pace(Limit("x", 2)), 0, 0

    async def call() -> None:
        nonlocal there, most
        async with pace.place():
            there += 1
            most = max(most, there)
            await asyncio.sleep(0)
            there -= 1

    await asyncio.gather(*(call() for _ in range(9)))
    assert most == 2


async def test_functions_of_one_pattern_share_their_limit() -> None:
    there, most = 0, 0

    def staying(name: str) -> Callable[..., object]:
        @skill(name=name)
        async def stay(name: str) -> str:
            """Stay."""
            nonlocal there, most
            there += 1
            most = max(most, there)
            await asyncio.sleep(0)
            there -= 1
            return name

        return stay

    kernel = Kernel()
    for name in ("a", "b"):
        kernel.add_functions(staying(name), "S")
    paced = Paced(kernel, Limits(Limit("S.*", 1)))
    await asyncio.gather(*(paced.bind(f"S.{name}")({"name": name}) for name in "abab"))
    assert most == 1


async def test_the_time_that_a_call_waits_for_its_turn_is_none_of_its_own() -> None:
    entered: list[str] = []

    async def stay(name: str) -> str:
        """Stay for a moment."""
        entered.append(name)
        await asyncio.sleep(0.15)
        return name

    kernel = Kernel()
    kernel.add_functions(stay, "S")
    callee = Paced(kernel, Limits(Limit("S.stay", 1)), step_timeout=0.25).bind("S.stay")
    outputs = await asyncio.gather(*(callee({"name": name}) for name in "abc"))  # the last one waits for 0.3 s
    assert [output.value for output in outputs] == entered == ["a", "b", "c"]


async def test_a_call_that_takes_too_long_is_stopped() -> None:
    async def stay() -> None:
        """Stay for ever."""
        await asyncio.Event().wait()

    kernel = Kernel()
    kernel.add_functions(stay, "S")
    callee = Paced(kernel, Limits(), step_timeout=0.01).bind("S.stay")
    with pytest.raises(StoppedError, match=r"S\.stay failed: it took longer than 0\.01 seconds"):
        await callee({})


def test_without_limits_a_function_is_what_it_was() -> None:
    async def stay() -> None:
        """Stay."""

    kernel = Kernel()
    kernel.add_functions(stay, "S")
    assert Paced(kernel, Limits()).bind("S.stay") is kernel.bind("S.stay")
