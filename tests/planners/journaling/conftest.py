"""A kernel over a few functions, and a journal in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forethought.kernel import Kernel, skill
from forethought.planners import Journal

if TYPE_CHECKING:
    from tests.servers.postgres import Postgres


class World:
    """What functions did, in order; `down` are the texts that posting fails of."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.down: set[str] = set()

    @skill(effect="writes:mail", open_world=True)
    async def post(self, to: str) -> str:
        """Post a letter."""
        self.done.append(f"post {to}")
        if to in self.down:
            raise ConnectionRefusedError("nobody opens")
        return f"letter to {to}"

    @skill(effect="reads:mail")
    async def look(self, at: str) -> str:
        """Look at something."""
        self.done.append(f"look {at}")
        return f"<{at}>"

    @skill(effect="writes:files", idempotent=True)
    async def put(self, text: str) -> str:
        """Put a text somewhere, which can be done again."""
        self.done.append(f"put {text}")
        return text


@pytest.fixture
def world() -> World:
    """What functions do."""
    return World()


@pytest.fixture
def kernel(world: World) -> Kernel:
    """A kernel with the functions of `world`, as the plugin `W`."""
    made = Kernel()
    made.add_functions(world, "W")
    return made


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty journal is: a file, or a database."""
    return str(tmp_path / "runs.db") if request.param == "sqlite" else str(request.getfixturevalue("database"))


@pytest.fixture
def reopened(place: str) -> Iterator[Callable[[], Journal]]:
    """Opens the same journal again, as another process would."""
    opened: list[Journal] = []

    def reopen() -> Journal:
        opened.append(Journal(place))
        return opened[-1]

    yield reopen
    for each in opened:
        each.close()


@pytest.fixture
def journal(reopened: Callable[[], Journal]) -> Journal:
    """An empty journal."""
    return reopened()


@pytest.fixture
def kept(request: pytest.FixtureRequest, place: str) -> Callable[[], bytes]:
    """Everything that is kept at the place of the journal."""
    if not place.startswith("postgresql:"):
        return lambda: b"".join(file.read_bytes() for file in Path(place).parent.iterdir() if file.is_file())
    server: Postgres = request.getfixturevalue("postgres")

    def dump() -> bytes:
        tables = server.tell("SELECT tablename FROM pg_tables WHERE schemaname = 'forethought'", place)
        return repr([server.tell(f"SELECT * FROM forethought.{name}", place) for (name,) in tables]).encode()

    return dump
