"""Schedule: a checked plan as a graph, in which an edge says *after*, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from forethought.kernel.functions import FunctionSignature
from forethought.planners.checking.bound import Binding, BoundPlan, BoundStep

__all__ = ["Edge", "Schedule", "ScheduledStep"]


@dataclass(frozen=True, slots=True)
class Edge:
    """One reason to wait for the step `after`.

    *data*: its output is read (`subject` is the variable's name, or `input` for the implicit chain). *effect*: both
    touch a resource and one writes it (`subject` is the resource).
    """

    after: str
    kind: Literal["data", "effect"]
    subject: str


@dataclass(frozen=True, slots=True)
class ScheduledStep:
    """One step of a schedule: what it calls, where its values come from, what it waits for.

    `edges` are in document order of the steps waited for, data before effects.
    """

    bound: BoundStep
    signature: FunctionSignature
    edges: tuple[Edge, ...]

    @property
    def id(self) -> str:
        """The step's id in the plan."""
        return self.bound.id

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """Where the values of the parameters come from."""
        return self.bound.bindings

    @property
    def after(self) -> tuple[str, ...]:
        """The ids of the steps this one waits for, in document order, each once."""
        return tuple(dict.fromkeys(edge.after for edge in self.edges))


@dataclass(frozen=True, slots=True)
class Schedule:
    """All steps in document order (which is a topological order), how wide they get, and their longest chain.

    The level of a step is the length of the longest chain of waits before it. `width` is the size of the largest
    level: how many steps run side by side where all take the same time. `critical_path` holds the ids of the longest
    chain, first to last, counting every step alike; of several, the one whose steps come earliest, seen from its end.
    """

    bound: BoundPlan
    steps: tuple[ScheduledStep, ...]
    width: int
    critical_path: tuple[str, ...]
