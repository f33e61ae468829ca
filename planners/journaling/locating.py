"""Where the journal is, by argument, setting or default."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from forethought.kernel.errors import SettingsError
from forethought.kernel.redacting import patterns
from forethought.kernel.settings import Settings

from .journal import Journal
from .stores import FILE, is_address, place_of

__all__ = ["DEFAULTFILE", "locate", "open_journal", "workers_database"]

DEFAULTFILE = Path(".forethought", "runs.db")


def open_journal(path: str | Path | None, settings: Settings) -> Journal:
    """Return the journal that is given, else the one that `[journal]` in the settings says, else that of workers.

    Where the settings name none of these, it is the default one. It is in a file, or at the address of a database. A
    path in forethought.toml is relative to its folder, any other one to the working directory.
    """
    section = settings.section("journal")
    synchronous = section.get("synchronous")
    if synchronous not in ("normal", "full", None):
        raise SettingsError(f'\'synchronous\' in [journal] must be "normal" or "full", not {synchronous!r}')
    return Journal(locate(path, settings), synchronous=synchronous, redact=patterns(settings))


def locate(path: str | Path | None, settings: Settings) -> str | Path:
    """Return where the journal is, as `open_journal` says; an address has its password."""
    return place_of(path) if path is not None else _path(settings.section("journal"), settings)


def workers_database(settings: Settings) -> str | None:
    """Return the database of workers that the settings name, None where they name none; raises SettingsError.

    FORETHOUGHT_DATABASE comes before `database` in `[engine]`; a file there is relative to forethought.toml's folder.
    """
    named = settings.environment.get("FORETHOUGHT_DATABASE")
    if named:
        return named
    said = settings.section("engine").get("database")
    if said is None:
        return None
    if not isinstance(said, str) or not (is_address(said) or said.startswith(FILE)):
        raise SettingsError(f"'database' in [engine] must be postgresql://… or sqlite:///FILE, not {said!r}")
    if is_address(said) or settings.file is None:
        return said
    return f"{FILE}{settings.file.parent / Path(said.removeprefix(FILE)).expanduser()}"


def _path(section: Mapping[str, object], settings: Settings) -> str | Path:
    said = section.get("path")
    if said is None and (database := workers_database(settings)):
        return place_of(database)
    said = DEFAULTFILE if said is None else said
    if not isinstance(said, str | Path) or not str(said):
        raise SettingsError(
            f"'path' in [journal] must be the path of a file or the address of a database, not {said!r}"
        )
    place = place_of(said)
    if isinstance(place, str):
        return place
    from_environment = said == settings.environment.get("FORETHOUGHT_JOURNAL_PATH")
    folder = settings.file.parent if settings.file and not from_environment else Path()
    return folder / place.expanduser()
