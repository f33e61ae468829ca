"""Where memory is kept and what embeds it, by argument, setting or default."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from forethought.kernel.errors import SettingsError
from forethought.kernel.settings import Settings

if TYPE_CHECKING:
    from .embedder import Embedder

__all__ = ["DEFAULT_EMBEDDER", "DEFAULT_FILE", "IN_PROCESS", "Location", "locate"]

DEFAULT_EMBEDDER = "local"
DEFAULT_FILE = Path(".forethought", "memory.db")
IN_PROCESS = ":memory:"  # as SQLite calls it


class Location(NamedTuple):
    """The file of a memory, None for one that ends with the process, and its embedder."""

    path: Path | None
    embedder: str | Embedder


def locate(path: str | Path | None, embedder: str | Embedder | None, settings: Settings) -> Location:
    """Return what is given, else what `[memory]` in the settings says, else the defaults.

    A path in forethought.toml is relative to its folder, any other one to the working directory.
    """
    section = settings.section("memory")
    if path is None:
        said = section.get("path", DEFAULT_FILE)
        if not isinstance(said, str | Path) or not str(said):
            raise SettingsError(f"'path' in [memory] must be the path of a file, not {said!r}")
        from_environment = said == settings.environment.get("FORETHOUGHT_MEMORY_PATH")
        folder = settings.file.parent if settings.file and not from_environment else Path()
        path = said if said == IN_PROCESS else folder / Path(said).expanduser()
    if embedder is None:
        chosen = section.get("embedder", DEFAULT_EMBEDDER)
        if not isinstance(chosen, str) or not chosen:
            raise SettingsError(f"'embedder' in [memory] must be a text such as \"local\", not {chosen!r}")
        embedder = chosen
    return Location(None if str(path) == IN_PROCESS else Path(path), embedder)
