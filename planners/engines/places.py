"""Places: the database in which runs are handed to workers: where their journal is, and what carries them.

In PostgreSQL, both are in one database, each in its own schema. A file is for one machine: what carries runs is in a
second one beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from forethought.kernel.errors import SettingsError
from forethought.planners.journaling.stores import FILE, is_address, without_password

__all__ = ["FORMS", "Places", "database_of"]

FORMS = "postgresql://USER@HOST/NAME, or sqlite:///FILE on one machine"


class Places(NamedTuple):
    """Where the journal is, as `Journal` takes it, the address of what carries runs, and what people read of both."""

    journal: str
    carrier: str
    shown: str

    @classmethod
    def of(cls, database: str) -> Places:
        """Return the places of a database; raises SettingsError for what is none."""
        if is_address(database):
            address = database.replace("postgres://", "postgresql://", 1)
            return cls(address, address, f"'{without_password(database)}'")
        path = database.removeprefix(FILE)
        if path in ("", database):
            raise SettingsError(f"'{database}' is no database for workers: it is {FORMS}")
        file = Path(path).expanduser()
        return cls(str(file), f"{FILE}{file.absolute()}-dbos", f"'{database}'")


def database_of(journal: str) -> str:
    """Return the database of which this is the journal."""
    return journal if is_address(journal) else f"{FILE}{journal}"
