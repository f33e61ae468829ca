"""The file of a journal: its tables, how it is opened, and which files are refused."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Generator
from pathlib import Path
from typing import Literal

from forethought.kernel.errors import JournalError

__all__ = ["VERSION", "Synchronous", "explained", "explanation", "open_for_reading", "open_for_writing"]

Synchronous = Literal["normal", "full"]

VERSION = 1
_APPLICATION = 0x464F524A  # "FORJ": whose file it is, in its header
_CHECKPOINT = 8000  # pages, 32 MB: bringing the log into the file waits for the disk
_PATIENCE = 60.0  # seconds that one process waits for another one to write

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
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
            if path.parent.name == ".forethought":
                (path.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        connection = _connect(str(path))
        with _closed_on_error(connection):
            version = _version(connection, path)
            if version != VERSION:
                if not version:
                    _wait_for_wal(connection)
                _bring_up(connection, path)
            connection.execute(f"PRAGMA synchronous = {synchronous}")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT}")
            return connection


def open_for_reading(path: Path) -> sqlite3.Connection | None:
    """Return a connection that never writes, None where there is nothing to read yet."""
    with explained(path):
        if not path.exists():
            return None
        connection = _connect(f"{path.absolute().as_uri()}?mode=rw")
        with _closed_on_error(connection):
            try:
                version = _version(connection, path)
            except sqlite3.OperationalError as error:
                if _primary(error) not in _NO_LOG or path.with_name(f"{path.name}-wal").exists():
                    raise
                connection.close()
                connection = _connect(f"{path.absolute().as_uri()}?immutable=1")
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
    except OSError as error:
        raise JournalError(place, f"{error.strerror or error}") from error


def explanation(error: sqlite3.Error, path: Path) -> JournalError:
    """Return what SQLite says about the file in a user's words."""
    unreadable = not hasattr(error, "sqlite_errorcode") and not isinstance(error, sqlite3.ProgrammingError)
    code = sqlite3.SQLITE_CORRUPT if unreadable else _primary(error)
    reason, hint = _REASONS.get(code, (f"SQLite says '{error}'", ""))
    return JournalError(f"'{path}'", reason, hint)


_NO_LOG = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)  # in a folder where nothing can be made, nobody writes
_REASONS = {
    sqlite3.SQLITE_FULL: ("there is no space left", "what it has is kept; free some space, then resume the run"),
    sqlite3.SQLITE_IOERR: ("it cannot be read or written", "what it has is kept; look at the disk"),
    sqlite3.SQLITE_READONLY: ("it is read-only", "its file and its folder must be yours to write"),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", "it must be a file, in a folder that is yours to write"),
    sqlite3.SQLITE_BUSY: (f"another process has been writing for {_PATIENCE:.0f} seconds", "try again later"),
    sqlite3.SQLITE_NOTADB: ("it is not a journal, or it is damaged", "name another file, or bring back a copy of it"),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", "move it away, or bring back a copy of it"),
}


def _primary(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _connect(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        name, timeout=_PATIENCE, isolation_level=None, check_same_thread=False, uri=name.startswith("file:")
    )
    with _closed_on_error(connection):
        connection.execute("PRAGMA foreign_keys = ON")
        return connection


@contextlib.contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Generator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of our tables in the file, 0 for an empty file; raises JournalError for any other."""
    alone = not connection.in_transaction
    if alone:
        connection.execute("BEGIN")  # one state of the file: another process may be making the tables just now
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        tables = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    finally:
        if alone:
            connection.execute("ROLLBACK")
    if application == _APPLICATION and 0 < version <= VERSION:
        return int(version)
    place = f"'{path}'"
    if application == _APPLICATION and version > VERSION:
        raise JournalError(
            place,
            f"a later forethought wrote it (version {version} of the file; this one knows {VERSION})",
            "upgrade forethought: pip install --upgrade forethought",
        )
    if application or version or tables:
        raise JournalError(place, "it is a database of another program", "name another file")
    return 0


def _wait_for_wal(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log: readers go on while somebody writes. SQLite itself does not wait for it."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _primary(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


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
