"""RunResult: what a run leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from forethought.kernel.context import ContextVariables
from forethought.kernel.functions import Usage

__all__ = ["RunResult", "RunStatus", "StepRecord", "StepStatus"]

RunStatus = Literal["succeeded", "failed", "cancelled"]
StepStatus = Literal["succeeded", "failed", "cancelled", "not_started"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """What became of one step. `started` and `ended` are seconds since the epoch, None where it never did."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """The outcome of one run.

    `value` is the one appended value, several joined by newlines in document order, or the last step's output;
    `results` the appended values by key; `variables` all variables at the end with their origins; `steps` one record
    a step, in document order. `error` is the first failure in one sentence; `cause` the exception behind it.
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

    @property
    def ok(self) -> bool:
        """True when every step succeeded."""
        return self.status == "succeeded"

    def as_json(self) -> dict[str, object]:
        """Return the run in the shape that `run --json` documents."""
        raise NotImplementedError
