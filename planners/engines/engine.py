"""Engine: whoever carries out runs that are handed in: here and now, or on as many machines as there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from forethought.planners.language.nodes import Plan
from forethought.planners.running.result import RunResult
from forethought.planners.scheduling.schedule import Schedule

__all__ = ["MOST_PRIORITY", "Engine", "Said"]

MOST_PRIORITY = 1_000_000

Said = Literal["approved", "denied", "done", "redo", "abandoned"]
"""What somebody says about a run that does not go on by itself.

It is *approved* or *denied* what waits for an approval: a step, or the plan before it begins. A step in doubt was
*done*, or is to be done: *redo*. The run is never to go on: *abandoned*.
"""


class Engine(Protocol):
    """Carries out runs that are handed in. The journal knows all of them, and is asked for each decision."""

    async def submit(
        self,
        plan: Plan | Schedule,
        *,
        inputs: Mapping[str, object] | None = None,
        run: str | None = None,
        priority: int = 0,
        hold: bool = False,
        approved: str | None = None,
        name: str = "",
    ) -> str:
        """Hand in a run of `plan` and return its id: when this returns, the journal has it, and it is not lost.

        Of runs that wait for their turn, those of higher `priority` come first, then those that were handed in first.
        With `hold`, it waits for an approval before it begins. `approved` is the hash of what was agreed to, as
        `approval_hash` gives it; `name` is who hands it in.

        Handing in the same run again, by its id, changes nothing. Raises PlanError for a plan that could not start, or
        is not what was approved, and JournalError where there is another run of this id.
        """
        ...

    async def wait(self, run: str, timeout: float | None = None) -> RunResult:
        """Return what a run came to, once it does not go on by itself: it has ended, waits, or is in doubt.

        Raises TimeoutError after `timeout` seconds; the run goes on.
        """
        ...

    async def signal(
        self, run: str, said: Said | None = None, *, step: str | None = None, output: object = None, name: str = ""
    ) -> None:
        """Keep what somebody called `name` says about a run, or about one `step` of it, and let the run go on.

        Of a step that was *done*, `output` is what it gave. With nothing said, a run that has failed or was cancelled
        goes on where it ended. Raises JournalError where there is nothing that this could be said of.
        """
        ...

    async def cancel(self, run: str, *, name: str = "") -> None:
        """Ask a run to end: nothing of it starts any more, and what runs is finished. Raises JournalError."""
        ...
