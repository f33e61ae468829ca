"""Cancelling: a run is asked to end, by whichever process."""

from __future__ import annotations

import os
import signal
import socket
from typing import cast

from forethought.kernel.errors import JournalError

from .journal import Journal

__all__ = ["cancel"]


def cancel(journal: Journal, run: str, *, name: str = "", interrupt: bool = False) -> str:
    """Ask a run to end, and return its id: no further step of it starts, and those that run are finished.

    Where `interrupt` is set, its process is told at once, by SIGTERM, if it is on this machine: so `forethought run`
    ends, with its grace period. A process of another kind would end altogether; a worker, which has other runs, is not
    told so. Raises JournalError for a run that is not running.
    """
    history = journal.history(run)
    if history.row.status != "running":
        reason = f"'{history.id}' is not running: it is {history.row.status.replace('_', ' ')}"
        raise JournalError(f"'{journal.path}'", reason)
    journal.settle(history.id, "cancelled", name=name)
    host, process = cast("list[object]", history.start["process"])
    if interrupt and not history.carried and host == socket.gethostname() and process != os.getpid():
        os.kill(cast("int", process), signal.SIGTERM)  # whoever runs it holds its lock, and has not ended
    return history.id
