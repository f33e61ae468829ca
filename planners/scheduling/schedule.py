"""Schedule: a checked plan as a graph, in which an edge says *after*, and why.

Its nodes are the steps and blocks of the document, each once, under their ids in the plan: how often a step in a loop
runs turns out when the plan does. An edge to a block means its end, but for what is inside of it: that waits for the
block to begin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from forethought.kernel.functions import Effect, FunctionSignature
from forethought.planners.checking.bound import Binding, BoundBlock, BoundPlan, BoundStep
from forethought.planners.language.nodes import Block, ForEach, If, While

if TYPE_CHECKING:
    from .units import Body

__all__ = ["BlockKind", "Edge", "EdgeKind", "Schedule", "ScheduledBlock", "ScheduledStep"]

BlockKind = Literal["if", "foreach", "while"]
EdgeKind = Literal["data", "effect", "control"]

_KINDS: dict[type[Block], BlockKind] = {If: "if", ForEach: "foreach", While: "while"}


def kind_of(block: Block) -> BlockKind:
    """Return the name of a block's element."""
    return _KINDS[type(block)]


@dataclass(frozen=True, slots=True)
class Edge:
    """One reason to wait for the step or block `after`.

    *data*: its output is read, or a variable that it leaves (`subject` is the variable's name, or `input` for the
    implicit chain). *effect*: both touch a resource and one writes it (`subject` is the resource). *control*: it is the
    block around, which says whether this is run (`subject` is `then`, `else`, or `round` in a loop).
    """

    after: str
    kind: EdgeKind
    subject: str


@dataclass(frozen=True, slots=True)
class ScheduledStep:
    """One step of a schedule: what it calls, where its values come from, what it waits for.

    `edges` are in document order of what is waited for, then by kind: control, data, effect.
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
        """The ids of what this one waits for, in document order, each once."""
        return tuple(dict.fromkeys(edge.after for edge in self.edges))


@dataclass(frozen=True, slots=True)
class ScheduledBlock:
    """One block of a schedule: `effect` is all that the steps inside do together, `edges` what it waits for.

    An `if` waits for what its test reads, and what is inside waits for it, besides its own reasons. A loop waits for
    everything that is needed inside from before it; the steps inside have edges to each other and to the loop.
    """

    bound: BoundBlock
    effect: Effect
    edges: tuple[Edge, ...]

    @property
    def id(self) -> str:
        """The block's id in the plan."""
        return self.bound.id

    @property
    def kind(self) -> BlockKind:
        """The name of its element, which is its `function` in the records and events of a run, too."""
        return kind_of(self.bound.node)

    @property
    def after(self) -> tuple[str, ...]:
        """The ids of what this one waits for, in document order, each once."""
        return tuple(dict.fromkeys(edge.after for edge in self.edges))


@dataclass(frozen=True, slots=True)
class Schedule:
    """All steps in document order (which is a topological order), how wide they get, and their longest chain.

    `blocks` are all blocks in document order; `body` is what runs, with nothing left to look up. The level of a step is
    the length of the longest chain of waits before it, in which a block counts as a step, and what is inside of a loop
    once. `width` is the number of steps in the largest level: how many run side by side where all take the same time
    and each loop has one round. `critical_path` holds the ids of the longest chain, first to last; of several, the one
    whose steps come earliest, seen from its end.
    """

    bound: BoundPlan
    steps: tuple[ScheduledStep, ...]
    width: int
    critical_path: tuple[str, ...]
    blocks: tuple[ScheduledBlock, ...]
    body: Body

    @property
    def by_id(self) -> Mapping[str, ScheduledStep | ScheduledBlock]:
        """The steps and blocks by their ids."""
        steps: dict[str, ScheduledStep | ScheduledBlock] = {each.id: each for each in self.steps}
        return steps | {each.id: each for each in self.blocks}
