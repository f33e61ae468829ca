"""Pending: what is to be written of all runs, in order: before the next step starts, or at the end of the turn."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

from forethought.kernel.errors import JournalError

from .store import Operation, Store

__all__ = ["Pending"]


class Pending:
    """The `operations` that are not written yet; what could not be written stays.

    `lost` are runs that another process has taken over.
    """

    def __init__(self, store: Store, lock: threading.RLock) -> None:
        self.lost: set[int] = set()
        self._store = store
        self._lock = lock
        self.operations: list[Operation] = []
        self._leaving: set[int] = set()
        self._soon = False
        self.put = self.operations.append
        self.clear = self.operations.clear

    def flush(self) -> None:
        """Write everything, in as few statements as possible."""
        if self.operations:
            if lost := self._store.write(self.operations):
                self.lost.update(lost)
            self.operations.clear()
        self.lost -= self._leaving  # whoever takes one of them again owns it
        while self._leaving:
            self._store.release(self._leaving.pop())

    def flush_soon(self) -> None:
        """Write at the end of this turn of the event loop, unless something is about to start before."""
        if not self._soon:
            self._soon = True
            asyncio.get_running_loop().call_soon(self._flush_quietly)

    def leave(self, run: int) -> None:
        """Give a run back, once what is known of it is written."""
        self.lost.discard(run)
        if any(each[0] == run for each in self.operations):
            self._leaving.add(run)
        else:
            self._store.release(run)

    def _flush_quietly(self) -> None:
        self._soon = False
        with self._lock, suppress(JournalError):  # it is tried again before anything starts
            self.flush()
