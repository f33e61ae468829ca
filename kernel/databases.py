"""Databases: files of SQLite that are ours: how they are connected to, whose they are, and how writers wait."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

__all__ = [
    "NO_LOG",
    "PATIENCE",
    "Header",
    "closed_on_error",
    "connect",
    "header",
    "make_folder",
    "reason",
    "wait_for_wal",
]

PATIENCE = 60.0
"""Seconds that one process waits for another one to write."""
NO_LOG = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
"""What SQLite says in a folder where nothing can be made: nobody writes there."""


class Header(NamedTuple):
    """Whose a file is, of which version, and whether it has anything in it."""

    application: int
    version: int
    filled: bool


def connect(name: str) -> sqlite3.Connection:
    """Return a connection to a file, or to what a `file:` URI names."""
    connection = sqlite3.connect(
        name, timeout=PATIENCE, isolation_level=None, check_same_thread=False, uri=name.startswith("file:")
    )
    with closed_on_error(connection):
        connection.execute("PRAGMA foreign_keys = ON")
        return connection


@contextlib.contextmanager
def closed_on_error(connection: sqlite3.Connection) -> Generator[None]:
    """Close a connection where the block raises."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


def header(connection: sqlite3.Connection) -> Header:
    """Return one state of the file: another process may be making the tables just now."""
    alone = not connection.in_transaction
    if alone:
        connection.execute("BEGIN")
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        tables = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    finally:
        if alone:
            connection.execute("ROLLBACK")
    return Header(application, version, tables is not None)


def make_folder(path: Path) -> None:
    """Make the folder of a file where it is not there; one named `.forethought` is not for version control."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True)
        if path.parent.name == ".forethought":
            (path.parent / ".gitignore").write_text("*\n", encoding="utf-8")


def reason(error: sqlite3.Error) -> int:
    """Return the primary result code of SQLite; text that cannot be read is damage."""
    if not hasattr(error, "sqlite_errorcode") and not isinstance(error, sqlite3.ProgrammingError):
        return sqlite3.SQLITE_CORRUPT
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def wait_for_wal(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log: readers go on while somebody writes. SQLite itself does not wait for it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if reason(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
