"""The file of a memory: its tables, how it is opened, and which files are refused."""

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
from forethought.kernel.errors import MemoryStoreError

from .words import TOKENIZER

__all__ = ["VERSION", "explained", "open_for_reading", "open_for_writing", "place_of"]

VERSION = 1
_APPLICATION = 0x464F5245  # "FORE": whose file it is, in its header

_TABLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE collections (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    changed INTEGER NOT NULL DEFAULT 0,  -- counts writes; a vector has the count of its last one
    removed INTEGER NOT NULL DEFAULT 0   -- the count at the last removal
);
CREATE TABLE records (
    number INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: what is new comes last
    collection INTEGER NOT NULL REFERENCES collections,
    id TEXT NOT NULL,
    text TEXT NOT NULL,
    description TEXT NOT NULL,
    metadata TEXT NOT NULL,
    source TEXT NOT NULL,
    chunk INTEGER,
    start INTEGER,
    "end" INTEGER,
    digest BLOB NOT NULL,  -- SHA-256 of the text
    words TEXT,            -- what keywords are looked up in, where that is not the text
    UNIQUE (collection, id)
);
CREATE INDEX records_by_digest ON records (digest);
CREATE INDEX records_by_source ON records (collection, source, chunk, id);
CREATE TABLE vectors (
    record INTEGER PRIMARY KEY REFERENCES records ON DELETE CASCADE,
    collection INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    vector BLOB NOT NULL  -- float32, little-endian
);
CREATE INDEX vectors_by_change ON vectors (collection, changed);
CREATE TABLE labels (
    record INTEGER NOT NULL REFERENCES records ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (record, key, value)
) WITHOUT ROWID;
CREATE INDEX labels_by_value ON labels (key, value);
CREATE TABLE reindexed (digest BLOB PRIMARY KEY, vector BLOB NOT NULL);  -- until all are there
CREATE VIEW searched AS
    SELECT number, 'c' || collection AS collection, coalesce(words, text) AS text FROM records;
CREATE VIRTUAL TABLE words USING fts5 (
    collection, text, content = 'searched', content_rowid = 'number', tokenize = "{TOKENIZER}"
);
INSERT INTO words (words, rank) VALUES ('rank', 'bm25(0.0, 1.0)');
CREATE TRIGGER record_added AFTER INSERT ON records BEGIN
    INSERT INTO words (rowid, collection, text)
    VALUES (new.number, 'c' || new.collection, coalesce(new.words, new.text));
END;
CREATE TRIGGER record_removed AFTER DELETE ON records BEGIN
    INSERT INTO words (words, rowid, collection, text)
    VALUES ('delete', old.number, 'c' || old.collection, coalesce(old.words, old.text));
END;
CREATE TRIGGER record_changed AFTER UPDATE OF text, words ON records
WHEN coalesce(old.words, old.text) <> coalesce(new.words, new.text) BEGIN
    INSERT INTO words (words, rowid, collection, text)
    VALUES ('delete', old.number, 'c' || old.collection, coalesce(old.words, old.text));
    INSERT INTO words (rowid, collection, text)
    VALUES (new.number, 'c' || new.collection, coalesce(new.words, new.text));
END;
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {VERSION};
"""


def open_for_writing(path: Path | None) -> sqlite3.Connection:
    """Return a connection to the file, made with its tables where it is not there; None is one in this process."""
    if path is None:
        connection = connect(":memory:")
        _create(connection, path)
        return connection
    with explained(path):
        make_folder(path)
        connection = connect(str(path))
        with closed_on_error(connection):
            if not _is_ours(connection, path):
                wait_for_wal(connection)
                _create(connection, path)
            connection.execute("PRAGMA synchronous = FULL")
            return connection


def open_for_reading(path: Path) -> sqlite3.Connection | None:
    """Return a connection that never writes, None where there is nothing to read yet."""
    with explained(path):
        if not path.exists():
            return None
        try:
            return _reading(path, "mode=rw")
        except sqlite3.OperationalError as error:
            if reason(error) not in NO_LOG or path.with_name(f"{path.name}-wal").exists():
                raise
            return _reading(path, "immutable=1")


@contextlib.contextmanager
def explained(path: Path | None) -> Generator[None]:
    """Raise what SQLite and the system say about the file as MemoryStoreError, with the way out."""
    place = place_of(path)
    try:
        yield
    except sqlite3.Error as error:
        raise MemoryStoreError(place, *_REASONS.get(reason(error), (f"SQLite says '{error}'", ""))) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise MemoryStoreError(place, *_REASONS[sqlite3.SQLITE_CORRUPT]) from error
    except OSError as error:
        raise MemoryStoreError(place, f"{error.strerror or error}") from error


def place_of(path: Path | None) -> str:
    """Return the words for where a memory is, as errors begin with them."""
    return f"'{path}'" if path else "of this process"


_REASONS = {
    sqlite3.SQLITE_FULL: ("there is no space left", "what was kept before is there; free some space and save again"),
    sqlite3.SQLITE_IOERR: ("it cannot be read or written", "what was kept before is there; look at the disk"),
    sqlite3.SQLITE_READONLY: ("it is read-only", "its file and its folder must be yours to write"),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", "it must be a file, in a folder that you may read"),
    sqlite3.SQLITE_BUSY: (f"another process has been writing for {PATIENCE:.0f} seconds", "try again later"),
    sqlite3.SQLITE_NOTADB: ("it is not a memory, or it is damaged", "name another file, or bring back a copy of it"),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", "bring back a copy of it, or add the texts to a new file"),
}


def _reading(path: Path, how: str) -> sqlite3.Connection | None:
    connection = connect(f"{path.absolute().as_uri()}?{how}")
    with closed_on_error(connection):
        if not _is_ours(connection, path):
            connection.close()
            return None
        connection.execute("PRAGMA query_only = ON")
        return connection


def _is_ours(connection: sqlite3.Connection, path: Path | None) -> bool:
    """Say whether the file has our tables, False for an empty one; raises MemoryStoreError for any other."""
    application, version, filled = header(connection)
    if application == _APPLICATION and version == VERSION:
        return True
    place = place_of(path)
    if application == _APPLICATION and version > VERSION:
        raise MemoryStoreError(
            place,
            f"a later forethought wrote it (version {version} of the file; this one knows {VERSION})",
            "upgrade forethought: pip install --upgrade forethought",
        )
    if application or version or filled:
        raise MemoryStoreError(place, "it is a database of another program", "name another file")
    return False


def _create(connection: sqlite3.Connection, path: Path | None) -> None:
    try:
        connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} COMMIT;")
    except sqlite3.OperationalError:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if not _is_ours(connection, path):  # nor did another process make them in the meantime
            raise
