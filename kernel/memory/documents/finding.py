"""Finding: which files of a folder are documents, and why the others are left out."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .reading import source_of

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

__all__ = ["Skipped", "find_files"]

_IGNORE_FILE = ".gitignore"
_MADE = frozenset({"__pycache__", "node_modules"})  # folders full of what programs made


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or folder that is left out, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Ignored:
    """What the .gitignore of a folder says of the paths below it."""

    folder: Path
    spec: GitIgnoreSpec


def find_files(folder: Path) -> Iterator[Path | Skipped]:
    """Yield every file below `folder` that may be a document, sorted; of a folder that is left out only itself.

    Left out are hidden files, symbolic links, what is no regular file, what a .gitignore names, and the folders of
    programs: `__pycache__`, `node_modules` and virtual environments. Raises OSError where the folder cannot be listed.
    """
    waiting: list[tuple[Path, tuple[_Ignored, ...]]] = [(folder, ())]
    while waiting:
        here, ignored = waiting.pop()
        try:
            entries = sorted(here.iterdir())
            ignored = (*_read_ignored(here), *ignored)
        except OSError as error:
            if here == folder:
                raise
            yield Skipped(source_of(here), f"it cannot be read: {_reason(error)}")
            continue
        within: list[tuple[Path, tuple[_Ignored, ...]]] = []
        for entry in entries:
            try:
                is_folder = stat.S_ISDIR(mode := entry.lstat().st_mode)
            except OSError as error:  # it went away
                yield Skipped(source_of(entry), f"it cannot be read: {_reason(error)}")
                continue
            if reason := _left_out(entry, mode) or _named(entry, is_folder, ignored):
                yield Skipped(source_of(entry), reason)
            elif is_folder:
                within.append((entry, ignored))
            else:
                yield entry
        waiting.extend(reversed(within))


def _left_out(entry: Path, mode: int) -> str:
    if entry.name.startswith("."):
        return "hidden"
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    if stat.S_ISDIR(mode):
        made = entry.name in _MADE or (entry / "pyvenv.cfg").is_file()
        return "made by programs" if made else ""
    return "" if stat.S_ISREG(mode) else "not a regular file"


def _named(entry: Path, is_folder: bool, ignored: tuple[_Ignored, ...]) -> str:
    """Say whether a .gitignore names `entry`; the nearest one that speaks of it has the word."""
    for each in ignored:
        inside = entry.relative_to(each.folder).as_posix()
        said = each.spec.check_file(f"{inside}/" if is_folder else inside).include
        if said is not None:
            return "named in .gitignore" if said else ""
    return ""


def _read_ignored(folder: Path) -> tuple[_Ignored, ...]:
    file = folder / _IGNORE_FILE
    if not file.is_file():
        return ()
    from pathspec import GitIgnoreSpec

    try:
        return (_Ignored(folder, GitIgnoreSpec.from_lines(file.read_text(encoding="utf-8").splitlines())),)
    except ValueError:  # not UTF-8, or a pattern that git would not know either
        return ()


def _reason(error: OSError) -> str:
    said = error.strerror or str(error)
    return f"{said[:1].lower()}{said[1:]}"
