"""SequentialPlanner: goal → functions → prompt → model → parse → check → repair."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from .asking import Attempt
from .language.nodes import Plan
from .planning import GetAvailableFunctions, Options, PlanningKernel, PlanningResult, make_plan, of_ours
from .replanning import Replanning, replan

if TYPE_CHECKING:
    from forethought.kernel.memory.embedder import Embedder

    from .running.result import RunResult

__all__ = ["Attempt", "PlanningKernel", "PlanningResult", "Replanning", "SequentialPlanner"]


class SequentialPlanner:
    """Makes a whole plan before anything runs.

    The options are Semantic Kernel's, under its names: `relevancy_threshold` and `max_relevant_functions` narrow the
    functions to those that fit the goal; `excluded_plugins`, `excluded_functions` and `included_functions` name some;
    `get_available_functions(goal)` replaces the kernel's registry: a plan that names a function which is excluded, or
    not available, is not valid. `max_tokens` bounds each answer; `allow_missing_functions` lets a plan name functions
    that nobody has (such a plan can be read, not run). At most
    `max_repairs` times the model is shown its own plan with the full list of problems. `embedder`, a spec or an
    embedder, ranks the functions by meaning as well as by words; without one, or where `local` is not installed, words
    alone do.
    """

    def __init__(
        self,
        kernel: PlanningKernel,
        *,
        relevancy_threshold: float | None = None,
        max_relevant_functions: int = 100,
        excluded_plugins: Collection[str] = (),
        excluded_functions: Collection[str] = (),
        included_functions: Collection[str] = (),
        max_tokens: int = 4096,
        allow_missing_functions: bool = False,
        get_available_functions: GetAvailableFunctions | None = None,
        max_repairs: int = 2,
        embedder: Embedder | str | None = "local",
    ) -> None:
        self._kernel = of_ours(kernel)
        self._options = Options(
            relevancy_threshold=relevancy_threshold,
            max_relevant_functions=max_relevant_functions,
            excluded_plugins=excluded_plugins,
            excluded_functions=excluded_functions,
            included_functions=included_functions,
            max_tokens=max_tokens,
            allow_missing_functions=allow_missing_functions,
            get_available_functions=get_available_functions,
            max_repairs=max_repairs,
            embedder=embedder,
        )

    async def create_plan(self, goal: str, *, inputs: Mapping[str, object] | Collection[str] = ()) -> Plan:
        """Return a valid plan for `goal`, or raise PlanningError with the last answer's problems.

        `inputs` are the names (or names and values) that the run will be given: the plan may use them as variables
        and declares those that it uses. Only names are shown to the model, never values. Raises ModelError where the
        model cannot answer.
        """
        return (await self.plan(goal, inputs=inputs)).valid()

    async def plan(self, goal: str, *, inputs: Mapping[str, object] | Collection[str] = ()) -> PlanningResult:
        """Do as `create_plan`, but return everything that happened, and no exception where there is no plan."""
        return await make_plan(self._kernel, goal, inputs, self._options, "plan")

    async def replan(self, run: RunResult, /, *, request: str = "") -> Replanning:
        """Return a new end for a run: what is finished stays, and is never run again; the rest is planned anew.

        The model is shown the goal, the plan, what ran with which results, and what failed; and `request`, where
        something else is wanted: a run that succeeded needs one. What it writes is checked and repaired as every plan
        is. Where there is no new plan, the result says why. Raises ModelError where the model cannot answer.
        """
        return await replan(self._kernel, run, self._options, request=request)
