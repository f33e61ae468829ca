"""Leasing: a process owns runs as long as it is heard of, by the clock of the server that all of them ask.

No clock of a client counts: those differ, and go backwards. A process that was not heard of for its lease has lost its
runs to whoever wants them; until somebody does, they are still its own. A server that was away has heard of nobody: the
lease of all begins anew when it starts.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import threading
from collections.abc import Callable, Collection
from typing import LiteralString, Protocol

import psycopg

from .store import Rows

__all__ = ["LIVES", "Lease", "Link", "alive", "own", "owned"]

LIVES: LiteralString = "greatest(beat, pg_postmaster_start_time()) + make_interval(secs => lease) > clock_timestamp()"
_MOMENT = 2.0  # seconds that a process waits at its end for a sign of life that is on its way
_BEAT = """
INSERT INTO owners (name, beat, lease) VALUES (?, clock_timestamp(), ?)
ON CONFLICT (name) DO UPDATE SET beat = excluded.beat
"""


class Link(Rows, Protocol):
    """Tables over a connection that can be closed."""

    def close(self) -> None: ...


def alive(rows: Rows, owner: str) -> bool:
    """Say whether the process of this name has been heard of within its lease."""
    return rows.execute(f"SELECT 1 FROM owners WHERE name = ? AND {LIVES}", (owner,)).fetchone() is not None


def owned(rows: Rows, runs: Collection[int]) -> set[int]:
    """Return those of the runs that a process owns that lives."""
    asked = f"SELECT run FROM leases JOIN owners ON name = owner WHERE run = ANY(?) AND {LIVES}"
    return {run for (run,) in rows.execute(asked, ([*runs],))} if runs else set()


def own(rows: Rows, run: int, owner: str) -> bool:
    """Take a run within a transaction, and say whether that was possible; of two that want it, one waits and loses."""
    row = "INSERT INTO leases (run, owner) VALUES (?, ?) ON CONFLICT DO NOTHING"
    while not rows.execute(row, (run, owner)).rowcount:
        found = rows.execute("SELECT owner FROM leases WHERE run = ? FOR UPDATE", (run,)).fetchone()
        if found is None:  # it was given back in this moment
            continue
        if alive(rows, found[0]):
            return False
        rows.execute("UPDATE leases SET owner = ? WHERE run = ?", (owner, run))
        break
    return True


class Lease:
    """The sign of life of this process: every third of `seconds`, by a thread with a connection of its own.

    It begins with `keep`, and ends with `give_back`, or with the process.
    """

    def __init__(self, connect: Callable[[], Link], seconds: float) -> None:
        self.owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._connect = connect
        self._seconds = seconds
        self._link: Link | None = None
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def keep(self) -> None:
        """Be heard of from now on; raises what the database says where that is not possible."""
        if self._thread is None:
            self._beat()
            self._ended.clear()
            self._thread = threading.Thread(target=self._go_on, name="forethought-lease", daemon=True)
            self._thread.start()

    def give_back(self) -> None:
        """Be heard of no more, and own nothing: whoever wants the runs need not wait."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._ended.set()
        if thread is not threading.current_thread():  # which may be the one that finds that nobody needs it
            thread.join(_MOMENT)
        with contextlib.suppress(psycopg.Error):  # else the lease runs out
            link = self._linked()
            link.execute("DELETE FROM leases WHERE owner = ?", (self.owner,))
            link.execute("DELETE FROM owners WHERE name = ?", (self.owner,))
        self._unlink()

    def _go_on(self) -> None:
        while not self._ended.wait(self._seconds / 3):
            try:
                self._beat()
            except psycopg.Error:  # the next one may be heard
                self._unlink()

    def _beat(self) -> None:
        self._linked().execute(_BEAT, (self.owner, self._seconds))

    def _linked(self) -> Link:
        if self._link is None:
            self._link = self._connect()
        return self._link

    def _unlink(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None
