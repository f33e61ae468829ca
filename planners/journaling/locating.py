"""Where the journal is, by argument, setting or default."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from forethought.kernel.errors import SettingsError
from forethought.kernel.settings import Settings

from .journal import Journal
from .stores import is_address

__all__ = ["DEFAULT_FILE", "open_journal"]

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
    redact = section.get("redact", ())
    redact = [redact] if isinstance(redact, str) else redact
    if not isinstance(redact, list | tuple) or not all(isinstance(each, str) for each in cast("list[object]", redact)):
        raise SettingsError(f"'redact' in [journal] must be a list of regular expressions, not {redact!r}")
    return Journal(
        path if path is not None else _path(section, settings),
        synchronous=synchronous,
        redact=cast("list[str]", redact),
    )


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
