"""The file of a journal: its tables, how it is opened, and which files are refused."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Generator
from pathlib import Path

from forethought.kernel.databases import (
    NO_LOG,
    PATIENCE,
    closed_on_error,
    connect,
    header,
    make_folder,
    reason,
    wait_for_wal,
)
from forethought.kernel.errors import JournalError

from .store import Synchronous, half_a_character

__all__ = ["VERSION", "explained", "explanation", "open_for_reading", "open_for_writing"]

VERSION = 1
_APPLICATION = 0x464F524A  # "FORJ": whose file it is, in its header
_CHECKPOINT = 8000  # pages, 32 MB: bringing the log into the file waits for the disk

_TABLES = f"""
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    goal TEXT NOT NULL,
    status TEXT NOT NULL,  -- running, or what it came to
    started REAL NOT NULL,
    ended REAL
);
CREATE TABLE entries (  -- what a run did; only ever added to
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    step TEXT,
    data TEXT NOT NULL,
    PRIMARY KEY (run, number)
) WITHOUT ROWID;
CREATE TABLE decisions (  -- what people said about a run; only ever added to
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    step TEXT,
    name TEXT NOT NULL,  -- who said it
    data TEXT NOT NULL
);
CREATE INDEX decisions_by_run ON decisions (run, number);
CREATE TABLE blobs (
    digest BLOB PRIMARY KEY,  -- SHA-256 of the text
    text TEXT NOT NULL
);
CREATE TABLE uses (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    digest BLOB NOT NULL REFERENCES blobs,
    PRIMARY KEY (run, digest)
) WITHOUT ROWID;
CREATE INDEX uses_by_digest ON uses (digest);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {VERSION};
"""
_STEPS: dict[int, str] = {}
"""What makes a file of one version one of the next, by the version it had."""


def open_for_writing(path: Path, synchronous: Synchronous) -> sqlite3.Connection:
    """Return a connection to the file, made with its tables where it is not there, brought to this version."""
    with explained(path):
        make_folder(path)
        connection = connect(str(path))
        with closed_on_error(connection):
            version = _version(connection, path)
            if version != VERSION:
                if not version:
                    wait_for_wal(connection)
                _bring_up(connection, path)
            connection.execute(f"PRAGMA synchronous = {synchronous}")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT}")
            return connection


def open_for_reading(path: Path) -> sqlite3.Connection | None:
    """Return a connection that never writes, None where there is nothing to read yet."""
    with explained(path):
        if not path.exists():
            return None
        connection = connect(f"{path.absolute().as_uri()}?mode=rw")
        with closed_on_error(connection):
            try:
                version = _version(connection, path)
            except sqlite3.OperationalError as error:
                if reason(error) not in NO_LOG or path.with_name(f"{path.name}-wal").exists():
                    raise
                connection.close()
                connection = connect(f"{path.absolute().as_uri()}?immutable=1")
                with closed_on_error(connection):
                    version = _version(connection, path)
            if version == VERSION:
                connection.execute("PRAGMA query_only = ON")
                return connection
        connection.close()
        if not version:
            return None
        open_for_writing(path, "normal").close()  # of an earlier version
        return open_for_reading(path)


@contextlib.contextmanager
def explained(path: Path) -> Generator[None]:
    """Raise what SQLite and the system say about the file as JournalError, with the way out."""
    place = f"'{path}'"
    try:
        yield
    except sqlite3.Error as error:
        raise explanation(error, path) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise JournalError(place, *_REASONS[sqlite3.SQLITE_CORRUPT]) from error
    except UnicodeEncodeError as error:
        raise half_a_character(error, place) from error
    except OSError as error:
        raise JournalError(place, f"{error.strerror or error}") from error


def explanation(error: sqlite3.Error, path: Path) -> JournalError:
    """Return what SQLite says about the file in a user's words."""
    return JournalError(f"'{path}'", *_REASONS.get(reason(error), (f"SQLite says '{error}'", "")))


_REASONS = {
    sqlite3.SQLITE_FULL: ("there is no space left", "what it has is kept; free some space, then resume the run"),
    sqlite3.SQLITE_IOERR: ("it cannot be read or written", "what it has is kept; look at the disk"),
    sqlite3.SQLITE_READONLY: ("it is read-only", "its file and its folder must be yours to write"),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", "it must be a file, in a folder that is yours to write"),
    sqlite3.SQLITE_BUSY: (f"another process has been writing for {PATIENCE:.0f} seconds", "try again later"),
    sqlite3.SQLITE_NOTADB: ("it is not a journal, or it is damaged", "name another file, or bring back a copy of it"),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", "move it away, or bring back a copy of it"),
}


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of our tables in the file, 0 for an empty file; raises JournalError for any other."""
    application, version, filled = header(connection)
    if application == _APPLICATION and 0 < version <= VERSION:
        return version
    place = f"'{path}'"
    if application == _APPLICATION and version > VERSION:
        raise JournalError(
            place,
            f"a later forethought wrote it (version {version} of the file; this one knows {VERSION})",
            "upgrade forethought: pip install --upgrade forethought",
        )
    if application or version or filled:
        raise JournalError(place, "it is a database of another program", "name another file")
    return 0


def _bring_up(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables, or make those of an earlier version ours: all of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection, path)  # another process may have done it in the meantime
        while version != VERSION:
            for statement in (_STEPS[version] if version else _TABLES).split(";\n"):
                connection.execute(statement)
            version = _version(connection, path)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
