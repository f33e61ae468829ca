"""Starts: which dispatches of steps have started, and which never will: each starts once at most, whoever carries it.

A worker marks a dispatch before it calls the function. Whoever takes over from a worker that is gone marks it as void.
One of the two comes first, and the other one sees that: a worker that was only away for a while starts nothing that
somebody else has taken over, and what has started is known to have, whatever became of it.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .carrying import explained

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["Starts"]

_LOCK = 0x464F524A  # the one that whoever makes the tables of the journal holds
_PATIENCE = 60
_SCHEMA = "forethought_engine"


class Starts:
    """The marks, in a table of their own beside what carries the dispatches.

    Every method waits for the database, and raises EngineError where it cannot be used.
    """

    def __init__(self, carrier: str, place: str) -> None:
        self._place = place
        with explained(place):
            import sqlalchemy as sa

        self._sql = sa.text
        url = sa.make_url(carrier)
        self._postgres = url.drivername.startswith("postgres")
        if self._postgres:
            self._engine = sa.create_engine(
                url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=2, isolation_level="AUTOCOMMIT"
            )
        else:
            self._engine = sa.create_engine(url, connect_args={"timeout": _PATIENCE}, isolation_level="AUTOCOMMIT")
        self._table = f"{_SCHEMA}.starts" if self._postgres else f"{_SCHEMA}_starts"

    def prepare(self) -> None:
        """Make the table where it is not there."""
        with self._connected() as connection:
            if not self._postgres:
                self._make(connection, "")
            elif connection.execute(self._sql(f"SELECT to_regclass('{self._table}')")).scalar() is None:
                connection.execute(self._sql(f"SELECT pg_advisory_lock({_LOCK})"))  # of two that make it, one fails
                try:
                    connection.execute(self._sql(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}"))
                    self._make(connection, 'COLLATE "C"')
                finally:
                    connection.execute(self._sql(f"SELECT pg_advisory_unlock({_LOCK})"))

    def start(self, dispatch: str, token: str) -> bool:
        """Mark a dispatch as started, and say whether it may: nobody has started it, and it is not void.

        `token` is whose mark it is: to ask again with the same one changes nothing.
        """
        return self._mark(dispatch, token) == token

    def void(self, dispatch: str) -> bool:
        """See to it that a dispatch does not start from now on, and say whether it never has."""
        return self._mark(dispatch, "") == ""

    def forget(self, run: str) -> None:
        """Remove the marks of a run that never goes on."""
        within = {"first": f"{run}/", "last": f"{run}0"}  # which comes after a slash
        with self._connected() as connection:
            connection.execute(
                self._sql(f"DELETE FROM {self._table} WHERE dispatch > :first AND dispatch < :last"), within
            )

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _connected(self) -> Generator[sa.Connection]:
        with explained(self._place), self._engine.connect() as connection:
            yield connection

    def _make(self, connection: sa.Connection, collated: str) -> None:
        connection.execute(
            self._sql(
                f"CREATE TABLE IF NOT EXISTS {self._table} (dispatch TEXT {collated} PRIMARY KEY, "
                "token TEXT NOT NULL, at DOUBLE PRECISION NOT NULL)"
            )
        )

    def _mark(self, dispatch: str, token: str) -> str:
        """Mark a dispatch unless it is, and return the mark that it has."""
        with self._connected() as connection:
            values = {"dispatch": dispatch, "token": token, "at": time.time()}
            connection.execute(
                self._sql(
                    f"INSERT INTO {self._table} VALUES (:dispatch, :token, :at) ON CONFLICT (dispatch) DO NOTHING"
                ),
                values,
            )
            statement = self._sql(f"SELECT token FROM {self._table} WHERE dispatch = :dispatch")
            return str(connection.execute(statement, values).scalar_one())
