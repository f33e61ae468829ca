"""The retry policy: how long to wait, and what it refuses to be."""

from __future__ import annotations

import pytest

from forethought.kernel.errors import FunctionError, SettingsError
from forethought.kernel.functions import Effect, FunctionSignature
from forethought.planners.running.retries import Retry


def test_waits_grow_by_the_factor_up_to_the_longest() -> None:
    policy = Retry(first=1, factor=3, longest=20)
    assert [policy.wait(attempt, lambda: 0.0) for attempt in (1, 2, 3, 4)] == [1, 3, 9, 20]


def test_chance_takes_off_no_more_than_the_jitter() -> None:
    assert Retry(first=4, jitter=0.25).wait(1, lambda: 1.0) == 3
    assert Retry(first=4, jitter=0).wait(1, lambda: 1.0) == 4


def test_a_late_attempt_waits_the_longest_and_no_longer() -> None:
    assert Retry(times=100_000).wait(100_000, lambda: 0.0) == 30


@pytest.mark.parametrize(
    "wrong", [{"times": -1}, {"first": -1.0}, {"factor": 0.5}, {"longest": -1.0}, {"jitter": 1.5}, {"jitter": -0.1}]
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="a retry policy needs"):
        Retry(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cause", "again"),
    [
        (TimeoutError("slow"), True),
        (ConnectionResetError("gone"), True),
        (ValueError("half an answer"), True),
        (KeyError("Steven"), False),
        (FileNotFoundError("a.txt"), False),
        (ZeroDivisionError(), False),
        (SettingsError("set it"), False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_a_failure_that_would_come_back_as_it_was_is_not_tried_again(cause: Exception, again: bool) -> None:
    failure = FunctionError("Names.find", str(cause))
    failure.__cause__ = cause
    reading = FunctionSignature(plugin="Names", name="find", effect=Effect(reads=frozenset({"names"})))
    assert Retry().allows(reading, failure, 1) is again
