"""Repairing at the command line: a new end of a plan that failed is made, shown, and asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forethought.kernel.kernel import Kernel
    from forethought.planners.running.patch import Patch
    from forethought.planners.running.result import RunResult

    from .console import Console

__all__ = ["Repairs"]


class Repairs:
    """Makes patches for the runs of one command, and asks for those with effects, unless `yes` was said beforehand.

    `waits` is true where a patch had to be asked for, and nobody can be asked.
    """

    def __init__(self, kernel: Kernel, console: Console, *, yes: bool) -> None:
        self.waits = False
        self._kernel = kernel
        self._console = console
        self._yes = yes
        self._given: Mapping[str, object] = {}

    def told(self, result: RunResult, status: int) -> int:
        """Say what came of looking for another way, and return the exit status, which is `status` for none."""
        if self.waits:
            self._console.fail(
                "another way waits for an approval, and nobody can be asked here; it was not taken", "add --yes"
            )
            return 3
        if result.patches and not result.patches[-1].taken:
            self._console.fail(f"there is no other way: {result.patches[-1].reason}")
        return status

    async def replan(self, run: RunResult, /) -> Patch:
        """Ask the planner's model for a new end, and say what it cost."""
        from forethought.planners.sequential import SequentialPlanner

        from .rendering.progress import usage_in_words, waiting

        self._given = run.given
        console = self._console
        with waiting(console, f"looking for another way with {self._kernel.planner_model.spec}"):
            patch = await SequentialPlanner(self._kernel).replan(run)
        if patch.usage.calls:
            console.tell(usage_in_words(patch.usage))
        return patch

    def agree(self, patch: Patch) -> bool:
        """Show what changes, and say whether it may run."""
        from forethought.planners.scheduling.scheduling import schedule

        from .rendering.approval import effects, render_effects
        from .rendering.changes import render_changes

        assert patch.plan
        console = self._console
        new = schedule(patch.plan, self._kernel.skills, variables=self._given)
        console.hiding.begin(new.bound, self._given)
        changes = render_changes(console.hiding.changes(patch.changes), paint=console.paint_messages)
        console.tell(f"The plan could go on another way:\n{changes}")
        steps = tuple(step for step in effects(new) if patch.is_new(step.id))
        if self._yes or not steps:
            return True
        console.tell(f"It has effects:\n{render_effects(steps)}")
        if console.answers:
            return console.ask("Go on with it?")
        self.waits = True
        return False
