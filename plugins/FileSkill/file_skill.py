"""Text files, confined to one folder: `root` in `[files]` of forethought.toml, FORETHOUGHT_FILES_ROOT, or ./files."""

from __future__ import annotations

import os
import secrets
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated

from forethought.kernel import skill
from forethought.kernel.errors import SettingsError
from forethought.kernel.settings import load_settings

Where = Annotated[str, "the file, as a path within the folder of files, such as notes/today.txt"]

_LARGEST = 10_000_000  # bytes of a file that is read


@skill(effect="reads:files", idempotent=True, open_world=False)
def read(path: Where) -> Annotated[str, "the text of the file"]:
    """Read a text file."""
    file = _inside(path)
    if not file.is_file():
        raise FileNotFoundError(f"there is no file '{path}'")
    size = file.stat().st_size
    if size > _LARGEST:
        raise ValueError(f"'{path}' has {size} bytes; at most {_LARGEST} are read")
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"'{path}' is not UTF-8 text (byte {error.start})") from error


@skill(effect="writes:files", idempotent=True, destructive=True, open_world=False)
def write(
    path: Where,
    input: Annotated[str, "the text to write"],
) -> Annotated[str, "the path that was written"]:
    """Write a text file; what was in it before is lost."""
    file = _prepared(path)
    part = file.with_name(f".{secrets.token_hex(8)}.part")  # moved in place when complete: no reader sees a half
    try:
        with part.open("xb") as stream:
            stream.write(input.encode())
        if file.exists():
            part.chmod(file.stat().st_mode)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return path


@skill(effect="writes:files", idempotent=False, destructive=False, open_world=False)
def append(
    path: Where,
    input: Annotated[str, "the text to add at the end"],
) -> Annotated[str, "the path that was written"]:
    """Add text at the end of a file; the file is made where there is none."""
    with _prepared(path).open("ab") as stream:
        stream.write(input.encode())
    return path


@skill(name="list", effect="reads:files", idempotent=True, open_world=False)
def list_files(
    path: Annotated[str, "a folder within the folder of files; the folder itself where it is left out"] = "",
) -> Annotated[list[str], "the paths of all files in it, sorted"]:
    """List the files in a folder and in the folders within."""
    root = _root()
    folder = _inside(path or ".")
    if not folder.is_dir():
        if path:
            raise FileNotFoundError(f"there is no folder '{path}'")
        return []
    found = (Path(at) / name for at, _, names in os.walk(folder) for name in names)
    return sorted(file.relative_to(root).as_posix() for file in found if file.is_file() and not file.is_symlink())


def _root() -> Path:
    settings = load_settings()
    said = settings.section("files").get("root", "files")
    if not isinstance(said, str) or not said:
        raise SettingsError(f"'root' in [files] must be a folder, not {said!r}")
    base = settings.file.parent if settings.file else Path()
    return (base / Path(said).expanduser()).resolve()


def _inside(path: str) -> Path:
    """Return where `path` leads; it must stay inside the root, whatever links lie on the way."""
    parts = PurePosixPath(path), PureWindowsPath(path)
    if not path or "\0" in path or any(each.anchor or ".." in each.parts for each in parts):
        raise PermissionError(f"'{path}' is not a path within the folder of files")
    root = _root()
    file = (root / path).resolve()
    if not file.is_relative_to(root):
        raise PermissionError(f"'{path}' leads out of the folder of files")
    return file


def _prepared(path: str) -> Path:
    """Return a file that may be written, with its folder made; what is there must be a plain file."""
    file = _inside(path)
    if file == _root() or (file.exists() and not file.is_file()):
        raise PermissionError(f"'{path}' is not a file that can be written")
    file.parent.mkdir(parents=True, exist_ok=True)
    return file
