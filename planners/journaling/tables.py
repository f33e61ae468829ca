"""The tables of a journal in PostgreSQL: a schema of its own, made once, whoever is first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString

from forethought.kernel.errors import JournalError

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["SCHEMA", "VERSION", "bring_up", "has_tables"]

SCHEMA = "forethought"
VERSION = 1
_LOCK = 0x464F524A  # "FORJ": whoever makes the tables holds it

_TABLES: LiteralString = """
CREATE SCHEMA IF NOT EXISTS forethought;
CREATE TABLE forethought.version (number integer NOT NULL);
INSERT INTO forethought.version VALUES (1);
CREATE TABLE forethought.runs (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE,
    goal text NOT NULL,
    status text NOT NULL,  -- running, or what it came to
    started double precision NOT NULL,
    ended double precision
);
CREATE INDEX runs_unfinished ON forethought.runs (status) WHERE status IN ('queued', 'running', 'waiting');
CREATE TABLE forethought.entries (  -- what a run did; only ever added to
    run bigint NOT NULL REFERENCES forethought.runs ON DELETE CASCADE,
    number integer NOT NULL,
    at double precision NOT NULL,
    kind text NOT NULL,
    step text,
    data text NOT NULL,
    PRIMARY KEY (run, number)
);
CREATE TABLE forethought.decisions (  -- what people said about a run; only ever added to
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run bigint NOT NULL REFERENCES forethought.runs ON DELETE CASCADE,
    at double precision NOT NULL,
    kind text NOT NULL,
    step text,
    name text NOT NULL,  -- who said it
    data text NOT NULL
);
CREATE INDEX decisions_by_run ON forethought.decisions (run, number);
CREATE TABLE forethought.blobs (
    digest bytea PRIMARY KEY,  -- SHA-256 of the text
    text text NOT NULL
);
CREATE TABLE forethought.uses (
    run bigint NOT NULL REFERENCES forethought.runs ON DELETE CASCADE,
    digest bytea NOT NULL REFERENCES forethought.blobs,
    PRIMARY KEY (run, digest)
);
CREATE INDEX uses_by_digest ON forethought.uses (digest);
CREATE TABLE forethought.owners (  -- processes that own runs
    name text PRIMARY KEY,
    beat timestamptz NOT NULL,  -- when it was heard of, by the clock of the server
    lease double precision NOT NULL  -- seconds for which that counts
);
CREATE TABLE forethought.leases (  -- who owns which run
    run bigint PRIMARY KEY REFERENCES forethought.runs ON DELETE CASCADE,
    owner text NOT NULL
);
CREATE INDEX leases_by_owner ON forethought.leases (owner);
"""
_STEPS: dict[int, LiteralString] = {}
"""What makes the tables of one version those of the next, by the version they had."""


def has_tables(connection: Connection, place: str) -> bool:
    """Say whether the database has the tables; those of an earlier version are made ours. Raises JournalError."""
    version = _version(connection, place)
    if 0 < version < VERSION:
        bring_up(connection, place)
    return version > 0


def bring_up(connection: Connection, place: str) -> None:
    """Make the tables, or make those of an earlier version ours: all of it or nothing, and one process at a time."""
    if _version(connection, place) == VERSION:
        return
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        version = _version(connection, place)  # another process may have done it in the meantime
        while version != VERSION:
            connection.execute(_STEPS[version] if version else _TABLES)
            version = _version(connection, place)


def _version(connection: Connection, place: str) -> int:
    """Return the version of our tables, 0 for none; raises JournalError for those of anybody else."""
    asked = (
        "SELECT to_regclass('forethought.version'), EXISTS ("
        "SELECT 1 FROM pg_class WHERE relnamespace = to_regnamespace('forethought') AND relkind IN ('r', 'p', 'v'))"
    )
    ours, filled = connection.execute(asked).fetchone() or (None, False)
    if ours is None:
        if filled:
            raise JournalError(place, f"its schema '{SCHEMA}' is one of another program", "name another database")
        return 0
    (version,) = connection.execute("SELECT number FROM forethought.version").fetchone() or (0,)
    if version > VERSION:
        raise JournalError(
            place,
            f"a later forethought wrote it (version {version} of its tables; this one knows {VERSION})",
            "upgrade forethought: pip install --upgrade forethought",
        )
    return int(version)
