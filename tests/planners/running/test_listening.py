"""Listeners watch: they hear everything in order, and change nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from forethought.kernel import skill
from forethought.planners import RunResult
from forethought.planners.running.events import Event

Execute = Callable[..., Awaitable[RunResult]]


@skill(effect="pure", quick=True)
def say(text: object) -> object:
    return text


async def test_every_listener_hears_every_event(execute: Execute) -> None:
    one: list[Event] = []
    other: list[Event] = []
    await execute('<function.T.say text="x"/>', say, listen=[one.append, other.append])
    assert len(one) == 4
    assert one == other


async def test_a_listener_that_raises_is_logged_and_told_no_more_and_the_run_goes_on(
    execute: Execute, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Event] = []

    def broken(event: Event) -> None:
        raise BrokenPipeError("nobody reads")

    result = await execute('<function.T.say text="x"/>', say, listen=[broken, heard.append])
    assert result.value == "x"
    assert len(heard) == 4
    [record] = caplog.records
    assert record.getMessage() == "a listener failed at RunStarted and hears no more of the run"
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], BrokenPipeError)
