"""RunResult: what a run leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from forethought.kernel.context import ContextVariables
from forethought.kernel.functions import Usage
from forethought.kernel.values import jsonable
from forethought.planners.language.nodes import Plan

if TYPE_CHECKING:
    from .patch import Patch

__all__ = ["RunResult", "RunStatus", "StepRecord", "StepStatus"]

RunStatus = Literal["succeeded", "failed", "cancelled", "waiting", "in_doubt"]
StepStatus = Literal["succeeded", "failed", "cancelled", "skipped", "not_started", "waiting", "in_doubt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """What became of one step or block. `started` and `ended` are seconds since the epoch, None where it never did.

    A block has the name of its element for its `function`. Its `output` is what it came to: of an `if`, whether its
    test held; of a loop, the number of its rounds. A `note` tells what is worth knowing besides.
    """

    id: str
    function: str
    status: StepStatus
    started: float | None = None
    ended: float | None = None
    attempts: int = 0
    arguments: Mapping[str, object]
    output: object = None
    error: str | None = None
    usage: Usage = Usage()
    note: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the step as an item of `steps` in `run --json`; it has a `note` only where there is one."""
        noted = {"note": self.note} if self.note else {}
        return {
            "id": self.id,
            "function": self.function,
            "status": self.status,
            "started": _iso(self.started),
            "ended": _iso(self.ended),
            "output": jsonable(self.output),
            "error": self.error,
            **noted,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """The outcome of one run.

    `value` is the one appended value, several joined by newlines in document order, or the last step's output;
    `results` the appended values by key; `variables` all variables at the end with their origins. `steps` are the
    records of all steps and blocks in document order, those in a loop once for each round in which something started,
    or else once. `error` is the first failure, in document order, in one sentence; `cause` the exception behind it.
    `plan` is what ran, and `given` the variables at the start: with them and `steps` the run can be continued.
    `patches` are the new ends that were sought for it; where one was taken, `plan` is the one with its new end.
    """

    run: str
    status: RunStatus
    value: object
    results: Mapping[str, object]
    variables: ContextVariables
    steps: tuple[StepRecord, ...]
    usage: Usage
    error: str | None = None
    cause: BaseException | None = None
    plan: Plan = field(repr=False)
    given: ContextVariables = field(repr=False)
    patches: tuple[Patch, ...] = ()

    @property
    def ok(self) -> bool:
        """True when every step succeeded."""
        return self.status == "succeeded"

    def as_json(self) -> dict[str, object]:
        """Return the run in the shape that `run --json` documents; times are ISO 8601 texts in UTC."""
        return {
            "run": self.run,
            "status": self.status,
            "value": jsonable(self.value),
            "results": {key: jsonable(value) for key, value in self.results.items()},
            "variables": {name: jsonable(value) for name, value in self.variables.items()},
            "steps": [step.as_json() for step in self.steps],
            "usage": {
                "prompt_tokens": self.usage.prompt_tokens,
                "completion_tokens": self.usage.completion_tokens,
                "calls": self.usage.calls,
            },
            "error": self.error,
            **({"patches": [patch.as_json() for patch in self.patches]} if self.patches else {}),
        }


def _iso(at: float | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
