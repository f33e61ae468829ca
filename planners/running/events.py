"""Events: everything that happens in a run, as frozen values; progress, logs and tests speak no other vocabulary.

Times are seconds since the epoch, from the clock the runner was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from forethought.kernel.context import ContextVariables
from forethought.kernel.functions import Usage
from forethought.planners.scheduling.schedule import Schedule

from .result import RunResult, RunStatus, StepRecord

__all__ = [
    "Event",
    "Listener",
    "RunFinished",
    "RunStarted",
    "StepCancelled",
    "StepFailed",
    "StepFinished",
    "StepRetried",
    "StepStarted",
    "StepWaiting",
]


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run `run` begins; `steps` is how many the plan has, those in a loop counted once.

    `finished` are the records of an earlier run that are taken over: those steps do not start. `schedule` is what runs,
    and `given` are the variables at the start. `follows` is the run that failed and goes on as this one, with another
    plan; empty for none.
    """

    run: str
    at: float
    steps: int
    finished: tuple[StepRecord, ...] = ()
    schedule: Schedule | None = field(default=None, compare=False, repr=False)
    given: ContextVariables | None = field(default=None, compare=False, repr=False)
    follows: str = ""


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step calls its function with these arguments (by canonical parameter name); attempts count from 1.

    A block starts when its test or its list is looked at: its `function` is the name of its element, its `arguments`
    are the variables its test reads, or the list as `in`; a while, which has a test for each round, has none.
    """

    run: str
    at: float
    step: str
    function: str
    arguments: Mapping[str, object]
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step gave its output. An `if` gives whether its test held, a loop how many rounds it had."""

    run: str
    at: float
    step: str
    function: str
    output: object
    usage: Usage
    note: str | None = None


@dataclass(frozen=True, slots=True)
class StepRetried:
    """An attempt failed with `error`; the next one starts `wait` seconds from now."""

    run: str
    at: float
    step: str
    function: str
    attempt: int
    error: str
    wait: float


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step failed for good: `error` is the cause in one sentence, `sources` where each argument came from.

    `stopped` is true where its function did not end by itself, so that nobody knows what it has done: it took too long.
    """

    run: str
    at: float
    step: str
    function: str
    error: str
    sources: Mapping[str, str]
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class StepCancelled:
    """A running step was cancelled, or a loop was broken off between its rounds."""

    run: str
    at: float
    step: str
    function: str


@dataclass(frozen=True, slots=True)
class StepWaiting:
    """A step waits until somebody agrees to this very call, which `hash` stands for; what needs it waits as well."""

    run: str
    at: float
    step: str
    function: str
    arguments: Mapping[str, object]
    hash: str


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run ended: `status` is *succeeded*, *failed*, *cancelled* or *waiting*.

    `result` is what `run` returns, and what it would return where the run was cancelled.
    """

    run: str
    at: float
    status: RunStatus
    usage: Usage
    result: RunResult | None = field(default=None, compare=False, repr=False)


Event = RunStarted | StepStarted | StepFinished | StepRetried | StepFailed | StepCancelled | StepWaiting | RunFinished


class Listener(Protocol):
    """Whoever wants to know: called for each event in the order things happened; it must return at once."""

    def __call__(self, event: Event, /) -> None: ...
