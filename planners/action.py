"""ActionPlanner: exactly one function, chosen for a goal and filled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from .language.nodes import Plan
from .planning import GetAvailableFunctions, Options, PlanningKernel, PlanningResult, make_plan, of_ours

if TYPE_CHECKING:
    from forethought.kernel.memory.embedder import Embedder

__all__ = ["ActionPlanner"]


class ActionPlanner:
    """Chooses the one function that reaches a goal, and fills its parameters: a plan of one step, checked.

    The options are those of SequentialPlanner, under the same names.
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
        max_tokens: int = 1024,
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
            get_available_functions=get_available_functions,
            max_repairs=max_repairs,
            embedder=embedder,
        )

    async def create_plan(self, goal: str, *, inputs: Mapping[str, object] | Collection[str] = ()) -> Plan:
        """Return a valid plan of one step for `goal`, or raise PlanningError with the last answer's problems.

        `inputs` are the names (or names and values) that the run will be given. Raises ModelError where the model
        cannot answer.
        """
        return (await self.plan(goal, inputs=inputs)).valid()

    async def plan(self, goal: str, *, inputs: Mapping[str, object] | Collection[str] = ()) -> PlanningResult:
        """Do as `create_plan`, but return everything that happened, and no exception where there is no plan."""
        return await make_plan(self._kernel, goal, inputs, self._options, "action")
