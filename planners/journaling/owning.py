"""Owning: a run has one process at a time, and loses it when that process ends, however it ends.

What is locked is one byte of a file beside the journal, which the system gives back by itself: no clock is read, and no
process has to say that it is still there. A process that has a name among the owners holds one byte for itself.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import sys
from pathlib import Path

__all__ = ["alive", "own", "own_name", "owned", "release"]

_files: dict[str, int] = {}  # kept open: closing any descriptor of a file gives back all locks that a process has on it
_owned: set[tuple[str, int]] = set()
_names: dict[tuple[str, int], str] = {}
_FIRST = 1 << 30  # bytes for processes come after those for runs; Windows has no further ones than twice as many


def own(path: Path, number: int) -> bool:
    """Take the run of this number for this process, and say whether that was possible."""
    name = os.path.realpath(path)
    if (name, number) in _owned or not _lock(_open(name), number):
        return False
    _owned.add((name, number))
    return True


def release(path: Path, number: int) -> None:
    """Give back a run that is owned."""
    name = os.path.realpath(path)
    _owned.discard((name, number))
    _unlock(_open(name), number)


def owned(path: Path, number: int) -> bool:
    """Say whether any process, this one or another, owns the run."""
    name = os.path.realpath(path)
    if (name, number) in _owned:
        return True
    try:
        file = _open(name)
    except OSError:  # in a folder where nothing can be made, nobody runs anything
        return False
    if not _lock(file, number):
        return True
    _unlock(file, number)
    return False


def own_name(path: Path) -> str:
    """Return the name of this process among the owners of runs; it lives as long as the process does."""
    key = (os.path.realpath(path), os.getpid())
    while key not in _names:
        token = secrets.token_hex(4)
        if own(path, _byte(token)):
            _names[key] = f"{socket.gethostname()}-{os.getpid()}-{token}"
    return _names[key]


def alive(path: Path, name: str) -> bool:
    """Say whether the process of this name lives."""
    try:
        return owned(path, _byte(name.rpartition("-")[2]))
    except ValueError:  # it is no name of ours
        return False


def _byte(token: str) -> int:
    return _FIRST + int(token, 16) % _FIRST


def _open(name: str) -> int:
    file = _files.get(name)
    if file is None:
        file = _files[name] = os.open(f"{name}-owners", os.O_RDWR | os.O_CREAT, 0o644)
    return file


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int, number: int) -> bool:
        os.lseek(file, number, os.SEEK_SET)
        with contextlib.suppress(OSError):
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
            return True
        return False

    def _unlock(file: int, number: int) -> None:
        os.lseek(file, number, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: int, number: int) -> bool:
        with contextlib.suppress(BlockingIOError, PermissionError):
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
            return True
        return False

    def _unlock(file: int, number: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_UN, 1, number)
