"""Logs: every event is one record, told by its level, without the values that may be secret."""

from __future__ import annotations

import logging

import pytest

from forethought.kernel import Kernel, skill
from forethought.planners import parse, run
from forethought.planners.running.events import RunFinished
from forethought.planners.running.logs import log_event
from forethought.planners.running.retries import Retry


async def test_each_event_is_a_record_that_carries_it(caplog: pytest.LogCaptureFixture) -> None:
    tries = 0

    @skill(effect="pure", quick=True)
    def shaky(input: str) -> str:
        nonlocal tries
        tries += 1
        if tries == 1 or input == "never":
            raise ConnectionError("it is %s Monday")
        return "a secret output"

    async def no_wait(seconds: float) -> None:
        assert seconds == 0.5

    kernel = Kernel()
    kernel.add_functions(shaky, "Test")
    plan = parse('<plan><function.Test.shaky input="a secret value"/><function.Test.shaky input="never"/></plan>')
    with caplog.at_level(logging.DEBUG, "forethought.run"):
        await run(
            plan,
            kernel,
            listen=log_event,
            ids=lambda: "r1",
            retry=Retry(times=1, jitter=0),
            sleep=no_wait,
            concurrency=1,
        )
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "r1 started, with 2 steps"),
        ("DEBUG", "r1 step 1, Test.shaky, started (attempt 1)"),
        ("WARNING", "r1 step 1, Test.shaky, is tried again in 0.5 s: it is %s Monday"),
        ("DEBUG", "r1 step 1, Test.shaky, started (attempt 2)"),
        ("DEBUG", "r1 step 1, Test.shaky, finished"),
        ("DEBUG", "r1 step 2, Test.shaky, started (attempt 1)"),
        ("WARNING", "r1 step 2, Test.shaky, is tried again in 0.5 s: it is %s Monday"),
        ("DEBUG", "r1 step 2, Test.shaky, started (attempt 2)"),
        ("ERROR", "r1 step 2, Test.shaky, failed: it is %s Monday"),
        ("INFO", "r1 failed"),
    ]
    last = vars(caplog.records[-1])["event"]
    assert isinstance(last, RunFinished)
    assert last.status == "failed"


async def test_the_note_of_a_loop_is_information(caplog: pytest.LogCaptureFixture) -> None:
    @skill(effect="pure", quick=True)
    def add(input: int) -> int:
        return input + 1

    kernel = Kernel()
    kernel.add_functions(add, "Test")
    plan = parse(
        '<plan><while test="N &gt; 0" max="1"><function.Test.add input="$N" setContextVariable="N"/></while></plan>'
    )
    with caplog.at_level(logging.INFO, "forethought.run"):
        await run(plan, kernel, inputs={"N": 1}, listen=log_event, ids=lambda: "r1")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "r1 started, with 1 step"),
        ("INFO", "r1 step 1, while, finished: its test still holds after 1 round, the most that it may have"),
        ("INFO", "r1 succeeded"),
    ]


async def test_a_secret_is_in_no_message(caplog: pytest.LogCaptureFixture) -> None:
    @skill(effect="pure", quick=True)
    def enter(password: str) -> str:
        raise PermissionError(f"'{password}' is not the password, nor is sk-abcdefghijklmnopqrstuvwxyz")

    kernel = Kernel()
    kernel.add_functions(enter, "Test")
    with caplog.at_level(logging.DEBUG, "forethought.run"):
        plan = parse('<plan><function.Test.enter password="lion rampant"/></plan>')
        result = await run(plan, kernel, listen=log_event, ids=lambda: "r1")
    said = "failed: '[redacted]' is not the password, nor is [redacted]"
    assert f"r1 step 1, Test.enter, {said}" in caplog.text
    assert "lion rampant" not in caplog.text
    assert result.error == f'step 1, Test.enter, {said} (where password is "[redacted]")'
