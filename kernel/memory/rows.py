"""Rows: records as the database keeps them, and the statements that read and write one."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from forethought.kernel.errors import MemoryStoreError

from .labels import conditions, labels_of
from .records import Record
from .words import divided

__all__ = [
    "COLUMNS",
    "Row",
    "digest_of",
    "fetch",
    "filtered",
    "meta",
    "next_change",
    "number_of",
    "numbers_of",
    "put",
    "record_of",
    "row_of",
    "rows_by_id",
    "set_meta",
]

COLUMNS = 'r.id, r.text, r.description, r.metadata, r.source, r.chunk, r.start, r."end"'
Row = tuple[object, ...]


def meta(connection: sqlite3.Connection, key: str) -> object:
    """Return what the file says of itself under `key`, None where it says nothing."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def set_meta(connection: sqlite3.Connection, key: str, value: object) -> None:
    """Let the file say `value` of itself under `key`."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def number_of(connection: sqlite3.Connection, collection: str) -> int | None:
    """Return the number of a collection, None where there is none of this name."""
    row = connection.execute("SELECT number FROM collections WHERE name = ?", (collection,)).fetchone()
    return int(row[0]) if row else None


def numbers_of(connection: sqlite3.Connection, collections: Sequence[str] | None) -> list[int]:
    """Return the numbers of those collections that are there, or of all."""
    if collections is None:
        return [number for (number,) in connection.execute("SELECT number FROM collections")]
    found = (number_of(connection, each) for each in dict.fromkeys(collections))
    return [number for number in found if number is not None]


def next_change(connection: sqlite3.Connection, collection: int | None) -> int:
    """Count one more write of a collection and return the count."""
    connection.execute("UPDATE collections SET changed = changed + 1 WHERE number = ?", (collection,))
    return int(connection.execute("SELECT changed FROM collections WHERE number = ?", (collection,)).fetchone()[0])


def rows_by_id(connection: sqlite3.Connection, collection: int | None, ids: Sequence[str]) -> dict[str, Row]:
    """Return the rows of a collection that have these ids."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM records r WHERE r.collection = ? AND r.id IN (SELECT value FROM json_each(?))",
        (collection, json.dumps(ids)),
    )
    return {row[0]: row for row in rows}


def put(
    connection: sqlite3.Connection, record: Record, row: Row, vector: bytes, *, collection: int, change: int
) -> None:
    """Insert or replace one record, its vector and its labels."""
    words = divided(f"{record.text}\n{record.description}" if record.description else record.text)
    (number,) = connection.execute(
        "INSERT INTO records (collection, digest, words, id, text, description, metadata, source, chunk, start, "
        '"end") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET digest = excluded.digest, '
        "words = excluded.words, text = excluded.text, description = excluded.description, "
        "metadata = excluded.metadata, source = excluded.source, chunk = excluded.chunk, start = excluded.start, "
        '"end" = excluded."end" RETURNING number',
        (collection, digest_of(record.text), None if words == record.text else words, *row),
    ).fetchone()
    connection.execute("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", (number, collection, change, vector))
    connection.execute("DELETE FROM labels WHERE record = ?", (number,))
    connection.executemany(
        "INSERT OR IGNORE INTO labels VALUES (?, ?, ?)", ((number, *label) for label in labels_of(record.metadata))
    )


def fetch(connection: sqlite3.Connection, numbers: Sequence[int]) -> Iterator[tuple[int, str, Record]]:
    """Yield records by number, in this order, with the name of their collection."""
    for number in numbers:
        row = connection.execute(
            f"SELECT c.name, {COLUMNS} FROM records r JOIN collections c ON c.number = collection WHERE r.number = ?",
            (number,),
        ).fetchone()
        if row is None:
            raise sqlite3.DatabaseError("an index names a record that is not there")
        yield number, row[0], record_of(row[1:])


def filtered(where: Mapping[str, object], number: str) -> tuple[str, list[str]]:
    """Return the SQL of a filter, to come after another condition, and its values."""
    clause, values = "", list[str]()
    for key, wanted in conditions(where):
        clause += (
            f" AND {number} IN (SELECT record FROM labels WHERE key = ? AND value IN (SELECT value FROM json_each(?)))"
        )
        values += [key, json.dumps(wanted)]
    return clause, values


def row_of(record: Record, place: str) -> Row:
    """Return a record as it is kept; raises MemoryStoreError for what cannot be."""
    try:
        metadata = json.dumps(dict(record.metadata), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise MemoryStoreError(place, f"the metadata of '{record.id}' is not JSON: {error}") from error
    row = (record.id, record.text, record.description, metadata, record.source, record.chunk, record.start, record.end)
    for each in row:
        if isinstance(each, str) and not _is_unicode(each):
            raise MemoryStoreError(place, f"{record.id!a} has half a character in it (a lone surrogate)")
    return row


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def record_of(row: Row) -> Record:
    """Return the record of a row."""
    id_, text, description, metadata, source, chunk, start, end = row
    return Record(
        id=cast("str", id_),
        text=cast("str", text),
        description=cast("str", description),
        metadata=cast("dict[str, object]", json.loads(cast("str", metadata))),
        source=cast("str", source),
        chunk=cast("int | None", chunk),
        start=cast("int | None", start),
        end=cast("int | None", end),
    )


def digest_of(text: str) -> bytes:
    """Return what tells one text from another."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
