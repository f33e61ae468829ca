"""A kernel over a few functions, and a journal in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from forethought.kernel import Kernel, skill
from forethought.planners import Journal


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


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """An empty journal."""
    return Journal(tmp_path / "runs.db")


@pytest.fixture
def reopened(journal: Journal) -> Callable[[], Journal]:
    """Opens the same file again, as another process would."""
    return lambda: Journal(journal.path)
