"""Carrying: the one door to DBOS: what is to be done lies in queues of a database, until a worker has done it.

Two kinds of work are carried: turns of runs, and dispatches of steps. Each has an id that says what it is, so that
asking for it twice is asking once. Nothing is known here of what the work is.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from forethought.kernel.errors import EngineError
from forethought.planners.journaling.stores import is_address

from .engine import MOST_PRIORITY
from .limits import Limit

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions, Serializer, WorkflowStatus
    from dbos._queue import QueueRateLimit

__all__ = [
    "APPLICATION",
    "RUNS",
    "STEP",
    "STEPS",
    "TURN",
    "VERSION",
    "Carrier",
    "Fate",
    "State",
    "explained",
    "json_only",
    "limit_of",
    "queue_of",
    "quiet",
]

APPLICATION = "forethought"
VERSION = "forethought-1"
"""What workers and runs have to agree on: how work is described. Functions that changed are found by their digests."""
RUNS, STEPS = "forethought-runs", "forethought-steps"
TURN, STEP = "forethought.turn", "forethought.step"
_POLL = 0.1
_PART = 1000

State = Literal["queued", "running", "done", "lost"]
_STATES: Mapping[str, State] = {
    "ENQUEUED": "queued",
    "DELAYED": "queued",
    "PENDING": "running",
    "SUCCESS": "done",
    "ERROR": "lost",
    "CANCELLED": "lost",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "lost",
}
_QUEUED = [name for name, state in _STATES.items() if state == "queued"]
_RUNNING = ["PENDING"]
_OVER = [name for name, state in _STATES.items() if state in ("done", "lost")]


class Fate(NamedTuple):
    """What became of a piece of work of some `priority`: by which worker it is or was done, and what that gave."""

    id: str
    state: State
    worker: str | None
    outcome: Mapping[str, object] | None
    priority: int


def queue_of(limit: Limit | None) -> str:
    """Return the queue of steps whose function has this limit."""
    return f"{STEPS}:{limit.name}" if limit else STEPS


def limit_of(queue: str) -> Limit | None:
    """Return the limit whose queue of steps this is, by its name; None for any other queue."""
    name = queue.removeprefix(f"{STEPS}:")
    return Limit(name) if name != queue else None


def json_only() -> Serializer:
    """Return what makes text of work for DBOS: JSON, whatever it is, and never pickle."""
    from dbos import Serializer

    class Json(Serializer):
        def name(self) -> str:
            return "forethought_json"

        def serialize(self, data: object) -> str:
            return json.dumps(data, separators=(",", ":"), default=str)

        def deserialize(self, serialized_data: str) -> object:
            return json.loads(serialized_data)

    return Json()


def quiet() -> None:
    """Let DBOS write nothing anywhere by itself."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())  # else it adds one of its own, to standard error


class Carrier:
    """The queues of a database. All methods wait for it, and raise EngineError where it cannot be used."""

    def __init__(self, address: str, place: str) -> None:
        """Use the database at `address`; people read `place`. Raises EngineError where DBOS is not installed."""
        self._address = address
        self._place = place
        self._client: DBOSClient | None = None
        self._lock = threading.Lock()
        with explained(self._place):
            quiet()
            import dbos

            self._dbos = dbos

    def prepare(self) -> None:
        """Make the tables where they are not there, or not of this version; a database of PostgreSQL must be there."""
        with explained(self._place):
            if is_address(self._address):
                import psycopg

                psycopg.connect(self._address).close()  # DBOS would make one of whatever name was mistyped
            self._dbos.DBOS.migrate(self._address)

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            client, self._client = self._client, None
        if client:
            client.destroy()

    def open_queue(self, name: str, *, each: int | None = None, limit: Limit | None = None) -> None:
        """Make a queue, or change it: every worker does at most `each` pieces of its work at one time."""
        rate: QueueRateLimit | None = None
        if limit and limit.starts is not None:
            rate = {"limit": limit.starts, "period": limit.period}
        with self._using() as client:
            client.register_queue(
                name,
                worker_concurrency=each,
                global_concurrency=limit.concurrency if limit else None,
                limiter=rate,
                polling_interval_sec=_POLL,
                application_name=APPLICATION,
            )

    def filled(self) -> list[str]:
        """Return the queues in which work waits, whoever has opened them."""
        with self._using() as client:
            queues = [each.name for each in client.list_queues(application_name=APPLICATION)]
            return [
                each
                for each in queues
                if client.list_workflows(queue_name=each, status=_QUEUED, limit=1, load_input=False)
            ]

    def put(
        self, queue: str, kind: str, id_: str, work: Mapping[str, object], *, priority: int = 0, delay: float = 0.0
    ) -> None:
        """Put work of a kind into a queue, unless work of this id is or was there; after `delay` seconds it counts."""
        options: EnqueueOptions = {
            "workflow_name": kind,
            "queue_name": queue,
            "workflow_id": id_,
            "app_version": VERSION,
            "priority": _turned(priority),
        }
        if delay:
            options["delay_seconds"] = delay
        with self._using() as client:
            client.enqueue(options, work)

    def look(self, ids: Collection[str]) -> list[Fate]:
        """Return what became of work, of what is there."""
        if not ids:
            return []
        with self._using() as client:
            return _fates(client.list_workflows(workflow_ids=[*ids], load_input=False))

    def over(self, ids: Collection[str]) -> list[Fate]:
        """Return what became of work that is over, whatever it came to."""
        with self._using() as client:
            return _fates(client.list_workflows(workflow_ids=[*ids], status=_OVER, load_input=False)) if ids else []

    def running(self) -> list[Fate]:
        """Return the work that workers have."""
        with self._using() as client:
            found = client.list_workflows(
                status=_RUNNING, load_input=False, load_output=False, application_name=APPLICATION
            )
        return _fates(found)

    def drop(self, ids: Sequence[str]) -> None:
        """Take work out of its queue, or from the worker that has it; what is over stays so."""
        if ids:
            with self._using() as client:
                client.cancel_workflows([*ids])

    def finished(self, kind: str, before: float, skip: int) -> list[Fate]:
        """Return work of a kind that is over since before then: a part of it, after so many others."""
        with self._using() as client:
            found = client.list_workflows(
                status=_OVER,
                name=kind,
                completed_before=datetime.fromtimestamp(before, UTC).isoformat(),
                limit=_PART,
                offset=skip,
                load_input=False,
                application_name=APPLICATION,
            )
        return _fates(found)

    def remove(self, ids: Sequence[str]) -> None:
        """Remove work that is over, and what is known of it."""
        if ids:
            with self._using() as client:
                client.delete_workflows([*ids])

    @contextmanager
    def _using(self) -> Generator[DBOSClient]:
        with explained(self._place):
            with self._lock:
                if self._client is None:
                    self._client = self._dbos.DBOSClient(
                        system_database_url=self._address,
                        serializer=json_only(),
                        application_name=APPLICATION,
                        retry_connection_errors=False,
                    )
            yield self._client


@contextmanager
def explained(place: str) -> Generator[None]:
    """Raise what DBOS and its database say as EngineError; people read `place`."""
    try:
        yield
    except EngineError:
        raise
    except ImportError as error:
        hint = "pip install 'forethought[dbos]'"
        raise EngineError(place, f"{error.name or 'dbos'} is not installed", hint) from error
    except Exception as error:  # DBOS raises what its database says, each database its own
        hint = "see whether it runs, and has this name and user"
        raise EngineError(place, _said(error), hint, gone=_is_gone(error)) from error


def _is_gone(error: Exception) -> bool:
    from sqlalchemy import exc

    return isinstance(error, exc.OperationalError | exc.InterfaceError | exc.TimeoutError)


def _fates(found: Sequence[WorkflowStatus]) -> list[Fate]:
    return [
        Fate(
            each.workflow_id,
            _STATES.get(each.status, "lost"),
            each.executor_id,
            _outcome(each.output),
            _turned(each.priority or 0),
        )
        for each in found
    ]


def _turned(priority: int) -> int:
    """Return our priority as one of DBOS, of which the lowest comes first, or the other way round."""
    return MOST_PRIORITY + 1 - priority


def _outcome(output: object) -> Mapping[str, object] | None:
    return cast("Mapping[str, object]", output) if isinstance(output, dict) else None


def _said(error: Exception) -> str:
    """Return the first sentence of what a database says, below what wraps it."""
    cause = getattr(error, "orig", None) or error
    first = str(cause).strip().partition("\n")[0].removeprefix("connection failed: ")
    return f"the database says '{first or type(cause).__name__}'"
