"""Logs: the events of runs, as records of Python's logging."""

from __future__ import annotations

import logging
from typing import assert_never

from .events import (
    Event,
    RunFinished,
    RunStarted,
    StepCancelled,
    StepFailed,
    StepFinished,
    StepRetried,
    StepStarted,
    StepWaiting,
)

__all__ = ["log_event"]

_logger = logging.getLogger("forethought.run")


def log_event(event: Event) -> None:
    """Log `event` under `forethought.run`: give it to a run as `listen=log_event`.

    A run's start and end are INFO, a step's are DEBUG, or INFO with a note, a retry is WARNING, a failure ERROR. The
    record carries the event itself as `record.event`. Arguments and outputs are not part of the message: they may be
    secret.
    """
    level, message = _told(event)
    _logger.log(level, "%s %s", event.run, message, extra={"event": event})


def _told(event: Event) -> tuple[int, str]:
    match event:
        case RunStarted(steps=steps):
            return logging.INFO, f"started, with {steps} step{'' if steps == 1 else 's'}"
        case StepStarted(attempt=attempt):
            return logging.DEBUG, f"step {event.step}, {event.function}, started (attempt {attempt})"
        case StepFinished(note=str(note)):
            return logging.INFO, f"step {event.step}, {event.function}, finished: {note}"
        case StepFinished():
            return logging.DEBUG, f"step {event.step}, {event.function}, finished"
        case StepRetried(error=error, wait=wait):
            return logging.WARNING, f"step {event.step}, {event.function}, is tried again in {wait:.1f} s: {error}"
        case StepFailed(error=error):
            return logging.ERROR, f"step {event.step}, {event.function}, failed: {error}"
        case StepWaiting():
            return logging.WARNING, f"step {event.step}, {event.function}, waits for an approval"
        case StepCancelled():
            return logging.INFO, f"step {event.step}, {event.function}, was cancelled"
        case RunFinished(status=status):
            return logging.INFO, status
        case _:
            assert_never(event)
