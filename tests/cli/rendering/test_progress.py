"""Each event is a line, and nothing an output or an error holds can make it two."""

from __future__ import annotations

import pytest

from forethought.cli.rendering.progress import EventLines, usage_in_words
from forethought.cli.rendering.styling import coloured
from forethought.kernel.functions import Usage
from forethought.planners.running.events import (
    Event,
    RunFinished,
    RunStarted,
    StepCancelled,
    StepFailed,
    StepFinished,
    StepRetried,
    StepStarted,
)
from forethought.planners.running.result import StepRecord

DONE = StepRecord(id="1", function="Fun.Joke", status="succeeded", arguments={})


def started(at: float = 1.0, attempt: int = 1) -> StepStarted:
    return StepStarted("r", at, "2", "Fun.Joke", {"input": "x"}, attempt)


def finished(output: object, at: float = 1.0) -> StepFinished:
    return StepFinished("r", at, "2", "Fun.Joke", output, Usage())


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (RunStarted("r", 1.0, 1), "running 1 step"),
        (RunStarted("r", 1.0, 4), "running 4 steps"),
        (RunStarted("r", 1.0, 4, (DONE,)), "running 4 steps; what is finished does not run again"),
        (started(), "[2] Fun.Joke started"),
        (started(attempt=2), "[2] Fun.Joke started again, attempt 2"),
        (finished("a\n\x1b[2Jb"), r"[2] Fun.Joke done: a\n\x1b[2Jb"),
        (finished({"a": [1, True]}), '[2] Fun.Joke done: {"a": [1, true]}'),
        (finished(None), "[2] Fun.Joke done"),
        (finished(""), "[2] Fun.Joke done"),
        (finished("x" * 72), f"[2] Fun.Joke done: {'x' * 72}"),
        (finished("x" * 73), f"[2] Fun.Joke done: {'x' * 69}..."),
        (finished("\x00" * 10_000), "[2] Fun.Joke done: " + "\\x00" * 17 + "\\..."),
        (StepRetried("r", 1.0, "2", "Fun.Joke", 1, "no\nluck", 0.5), r"[2] Fun.Joke failed, again in 0.5 s: no\nluck"),
        (StepFailed("r", 1.0, "2", "Fun.Joke", "no luck", {}), "[2] Fun.Joke failed: no luck"),
        (StepCancelled("r", 1.0, "2", "Fun.Joke"), "[2] Fun.Joke cancelled"),
        (StepStarted("r", 1.0, "2", "if", {"X": 1}), None),
        (StepFinished("r", 1.0, "2", "if", True, Usage()), "[2] if done: true"),
        (StepFinished("r", 1.0, "2", "foreach", 1, Usage()), "[2] foreach done: 1 round"),
        (StepFinished("r", 1.0, "2", "while", 5, Usage(), "it still held"), "[2] while done (it still held): 5 rounds"),
        (RunFinished("r", 1.0, "succeeded", Usage()), "run succeeded"),
        (RunFinished("r", 1.0, "failed", Usage(1200, 45, 2)), "run failed, 2 model calls, 1,200 + 45 tokens"),
    ],
)
def test_each_event_is_one_line_or_none(event: Event, line: str | None) -> None:
    lines = EventLines()
    lines(RunStarted("r", 1.0, 1))
    assert lines(event) == line


def test_times_are_told_from_one_second_on() -> None:
    lines = EventLines()
    lines(RunStarted("r", 10.0, 2))
    lines(started(at=10.0))
    assert lines(finished("x", at=10.99)) == "[2] Fun.Joke done: x"
    assert lines(finished("x", at=11.0)) == "[2] Fun.Joke done in 1.0 s: x"
    assert lines(RunFinished("r", 72.25, "succeeded", Usage())) == "run succeeded in 62.2 s"


def test_where_running_steps_are_shown_anyway_starts_are_not_told() -> None:
    assert EventLines(starts=False)(started()) is None


def test_colours_tell_how_it_ended() -> None:
    assert EventLines(paint=coloured)(finished("x")) == "[2] \x1b[36mFun.Joke\x1b[0m \x1b[32mdone\x1b[0m: x"


def test_usage_counts_calls_and_tokens() -> None:
    assert usage_in_words(Usage(1, 2, 1)) == "1 model call, 1 + 2 tokens"
