"""Where the journal is, by argument, setting or default."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from forethought.kernel.errors import SettingsError
from forethought.kernel.settings import Settings

from .journal import Journal
from .stores import is_address

__all__ = ["DEFAULT_FILE", "locate", "open_journal", "redactions"]

DEFAULT_FILE = Path(".forethought", "runs.db")


def open_journal(path: str | Path | None, settings: Settings) -> Journal:
    """Return the journal that is given, else the one that `[journal]` in the settings says, else the default one.

    It is in a file, or at the address of a database. A path in forethought.toml is relative to its folder, any other
    one to the working directory.
    """
    section = settings.section("journal")
    synchronous = section.get("synchronous")
    if synchronous not in ("normal", "full", None):
        raise SettingsError(f'\'synchronous\' in [journal] must be "normal" or "full", not {synchronous!r}')
    return Journal(locate(path, settings), synchronous=synchronous, redact=redactions(settings))


def locate(path: str | Path | None, settings: Settings) -> str | Path:
    """Return where the journal is, as `open_journal` says; an address has its password."""
    return path if path is not None else _path(settings.section("journal"), settings)


def redactions(settings: Settings) -> tuple[str, ...]:
    """Return the regular expressions of further secrets that `redact` in `[journal]` says; raises SettingsError."""
    said = settings.section("journal").get("redact", ())
    listed = [said] if isinstance(said, str) else said
    if not isinstance(listed, list | tuple) or not all(isinstance(each, str) for each in cast("list[object]", listed)):
        raise SettingsError(f"'redact' in [journal] must be a list of regular expressions, not {listed!r}")
    return tuple(cast("list[str]", listed))


def _path(section: Mapping[str, object], settings: Settings) -> str | Path:
    said = section.get("path", DEFAULT_FILE)
    if not isinstance(said, str | Path) or not str(said):
        raise SettingsError(
            f"'path' in [journal] must be the path of a file or the address of a database, not {said!r}"
        )
    if is_address(said):
        return said
    from_environment = said == settings.environment.get("FORETHOUGHT_JOURNAL_PATH")
    folder = settings.file.parent if settings.file and not from_environment else Path()
    return folder / Path(said).expanduser()
