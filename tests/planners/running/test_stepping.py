"""One step: how often it is tried, how long it may take."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from forethought.kernel import skill
from forethought.kernel.errors import ModelError, SettingsError
from forethought.planners import RunResult
from forethought.planners.running.events import Event, StepRetried, StepStarted
from forethought.planners.running.retries import Retry

Execute = Callable[..., Awaitable[RunResult]]


def flaky(effect: str, failures: int, *, idempotent: bool | None = None) -> tuple[Callable[..., object], list[str]]:
    """A function that fails so many times before it succeeds, and the list of its calls."""
    calls: list[str] = []

    @skill(effect=effect, idempotent=idempotent)
    async def answer(input: str) -> str:
        calls.append(input)
        if len(calls) <= failures:
            raise ModelError("scripted", f"busy ({len(calls)})")
        return "an answer"

    return answer, calls


class Naps:
    """A sleep that takes no time and remembers how long it should have been."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)


@pytest.mark.parametrize(
    ("effect", "idempotent"), [("pure", None), ("reads:web", None), ("writes:web", True), ("pure", False)]
)
async def test_a_step_that_may_be_repeated_is_tried_three_times(
    execute: Execute, effect: str, idempotent: bool | None
) -> None:
    answer, calls = flaky(effect, 2, idempotent=idempotent)
    naps = Naps()
    result = await execute('<function.T.answer input="x"/>', answer, sleep=naps, random=lambda: 0.0)
    assert result.value == "an answer"
    assert result.steps[0].attempts == len(calls) == 3
    assert naps.waits == [0.5, 1.0]


async def test_a_step_that_writes_and_is_not_idempotent_is_never_tried_again(execute: Execute) -> None:
    answer, calls = flaky("writes:web", 1)
    result = await execute('<function.T.answer input="x"/>', answer, sleep=Naps())
    assert result.status == "failed"
    assert calls == ["x"]


async def test_a_step_that_fails_every_time_fails_the_run_with_its_last_cause(execute: Execute) -> None:
    answer, calls = flaky("pure", 9)
    result = await execute('<function.T.answer input="x"/>', answer, sleep=Naps())
    assert len(calls) == 3
    assert result.error == 'step 1, T.answer, failed: model scripted: busy (3) (where input is "x")'
    assert result.steps[0].attempts == 3


async def test_retries_are_told_with_attempt_error_and_wait(execute: Execute) -> None:
    answer, _ = flaky("pure", 1)
    events: list[Event] = []
    await execute('<function.T.answer input="x"/>', answer, sleep=Naps(), random=lambda: 1.0, listen=events.append)
    assert [event.attempt for event in events if isinstance(event, StepStarted)] == [1, 2]
    [retried] = [event for event in events if isinstance(event, StepRetried)]
    assert (retried.attempt, retried.error, retried.wait) == (1, "model scripted: busy (1)", 0.25)


async def test_the_policy_says_how_many_retries_there_are(execute: Execute) -> None:
    answer, calls = flaky("pure", 9)
    await execute('<function.T.answer input="x"/>', answer, sleep=Naps(), retry=Retry(times=0))
    assert len(calls) == 1


async def test_a_failure_that_would_come_back_is_not_worth_another_try(execute: Execute) -> None:
    calls: list[str] = []

    @skill(effect="pure")
    async def unset(input: str) -> None:
        calls.append(input)
        raise SettingsError("set `smtp.host`")

    result = await execute('<function.T.unset input="x"/>', unset, sleep=Naps())
    assert calls == ["x"]
    assert result.steps[0].error == "set `smtp.host`"


async def test_a_step_that_takes_too_long_fails_and_is_stopped(execute: Execute) -> None:
    stopped: list[str] = []

    @skill(effect="writes:x")
    async def dawdle(input: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(input)

    before = asyncio.all_tasks()
    result = await execute('<function.T.dawdle input="x"/>', dawdle, step_timeout=0.01)
    assert result.steps[0].error == "it took longer than 0.01 seconds"
    assert stopped == ["x"]
    assert asyncio.all_tasks() == before


async def test_each_attempt_has_the_whole_time(execute: Execute) -> None:
    attempts = 0

    @skill(effect="pure")
    async def slow_at_first(input: str) -> str:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            await asyncio.Event().wait()
        return "in time"

    result = await execute('<function.T.slow_at_first input="x"/>', slow_at_first, step_timeout=0.01, sleep=Naps())
    assert (result.value, attempts) == ("in time", 2)


async def test_a_group_of_failures_is_told_by_its_members(execute: Execute) -> None:
    @skill(effect="writes:x")
    async def gather(input: str) -> None:
        raise ExceptionGroup("several", [ValueError("no such town"), ExceptionGroup("more", [KeyError("rain")])])

    result = await execute('<function.T.gather input="x"/>', gather)
    assert result.steps[0].error == "no such town; KeyError: 'rain'"


@pytest.mark.parametrize("seconds", [0, -1.5])
async def test_a_step_without_any_time_is_refused(execute: Execute, seconds: float) -> None:
    answer, calls = flaky("pure", 0)
    with pytest.raises(ValueError, match=f"step_timeout must be more than 0 seconds, not {seconds}"):
        await execute('<function.T.answer input="x"/>', answer, step_timeout=seconds)
    assert calls == []


async def test_a_timeout_that_the_function_raises_is_its_own_failure(execute: Execute) -> None:
    @skill(effect="writes:x")
    async def give_up(input: str) -> None:
        raise TimeoutError("the server said nothing")

    result = await execute('<function.T.give_up input="x"/>', give_up, step_timeout=60)
    assert result.steps[0].error == "the server said nothing"


async def test_a_run_that_is_cancelled_between_two_attempts_ends_there(execute: Execute) -> None:
    answer, calls = flaky("pure", 9)
    asleep = asyncio.Event()

    async def sleep(_: float) -> None:
        asleep.set()
        await asyncio.Event().wait()

    events: list[Event] = []
    task = asyncio.ensure_future(execute('<function.T.answer input="x"/>', answer, sleep=sleep, listen=events.append))
    await asleep.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(calls) == 1
    assert [type(event).__name__ for event in events[-2:]] == ["StepCancelled", "RunFinished"]
