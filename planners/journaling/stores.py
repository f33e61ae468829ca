"""Stores: which one an address or a path means."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeGuard

from forethought.kernel.errors import JournalError

from .sqlite import SqliteStore
from .store import Store, Synchronous

__all__ = ["FILE", "is_address", "open_store", "place_of", "without_password"]

FILE = "sqlite:///"
"""What comes before the path of a file where the address of a database is expected."""

_ADDRESS = re.compile(r"(postgres(?:ql)?://)(?:([^:/?#@]*)(?::.*)?@)?([^?#@]*)", re.DOTALL)


def is_address(path: str | Path) -> TypeGuard[str]:
    """Say whether this is the address of a database, and not the path of a file."""
    return isinstance(path, str) and _ADDRESS.match(path) is not None


def place_of(path: str | Path) -> str | Path:
    """Return the address of a database as it is, and else the path of a file, which may have `FILE` before it."""
    return path if is_address(path) else Path(str(path).removeprefix(FILE))


def without_password(address: str) -> str:
    """Return an address of a database as it may be shown: options can hold a password as well."""
    scheme, user, rest = _ADDRESS.match(address).groups()  # type: ignore[union-attr]
    return f"{scheme}{user}@{rest}" if user else f"{scheme}{rest}"


def open_store(
    path: str | Path, synchronous: Synchronous | None, *, lease: float, patience: float
) -> tuple[Path | str, Store]:
    """Return how a journal is named to people, and its store; nothing is opened yet."""
    path = place_of(path)
    if isinstance(path, Path):
        return path, SqliteStore(path, synchronous or "normal")
    shown = without_password(path)
    try:
        from .postgres import PostgresStore
    except ImportError as error:
        raise JournalError(f"'{shown}'", "psycopg is not installed", "pip install 'forethought[postgres]'") from error
    return shown, PostgresStore(path, shown, synchronous or "full", lease=lease, patience=patience)
