"""The file of a memory is told from others, whatever another process does to it at the same moment."""

from __future__ import annotations

import contextlib
import sqlite3
from functools import partial
from pathlib import Path

import pytest

from forethought.kernel.memory import schema


def test_a_file_whose_tables_are_made_while_it_is_looked_at_is_no_other_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process makes the tables after the first look at an empty file, and before the last one."""
    path = tmp_path / "memory.db"
    with contextlib.closing(sqlite3.connect(path)) as empty:
        empty.execute("PRAGMA journal_mode = WAL")
    others: list[sqlite3.Connection] = []

    class Overtaken(sqlite3.Connection):
        def execute(self, sql: str, parameters: object = (), /) -> sqlite3.Cursor:
            if "sqlite_master" in sql and not others:
                monkeypatch.undo()
                others.append(schema.open_for_writing(path))
            return super().execute(sql, parameters)  # type: ignore[arg-type]

    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Overtaken))
    reading = schema.open_for_reading(path)
    assert reading is None, "as it was: nothing to read yet"
    assert len(others) == 1
    others[0].close()
    again = schema.open_for_reading(path)
    assert again is not None
    again.close()
