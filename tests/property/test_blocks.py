"""Laws of checking blocks, for any program: what is told of its variables is what following every way through it finds.

The reference follows each way, with every test either way and every loop any number of rounds, until nothing new turns
up. It knows who set each variable last, so it sees what is read unset, and what is set for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from forethought.kernel.functions import PURE, FunctionSignature, Parameter
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import ANY, STRING
from forethought.planners.checking.check import check
from forethought.planners.language.nodes import (
    Argument,
    ForEach,
    FunctionName,
    If,
    Input,
    Node,
    Plan,
    Step,
    While,
    else_id,
    numbered,
)

SKILLS = SkillRegistry(
    [FunctionSignature(plugin="P", name="f", parameters=(Parameter("of", STRING),), returns=ANY, effect=PURE)]
)
VARIABLES, ITEMS = st.sampled_from("ABC"), st.sampled_from("XY")
READS = st.sampled_from(["a", "$A", "$B", "$C", "$X", "$Y"])
UNSET = {"undefined-variable", "variable-used-before-set", "possibly-unset-variable", "item-outside-loop"}

State = frozenset[tuple[str, str]]
"""Who set each variable last, on one way to one place."""


def _step(read: str, sets: str | None) -> Step:
    return Step(FunctionName("P.f"), (Argument("of", read),), sets)


STEPS = st.builds(_step, READS, st.none() | VARIABLES)


def _blocks(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    body = st.lists(nodes, min_size=1, max_size=3).map(tuple)
    tests = st.sampled_from(["N == 'x'", "A == 'x'", "B == 'x'", "X == 'x'", "C is defined"])
    return st.one_of(
        st.builds(If, tests, body, st.just(()) | body),
        st.builds(ForEach, ITEMS, st.sampled_from(["$ROWS", "$A", "$X"]), body, st.just(9), st.none() | VARIABLES),
        st.builds(While, tests, st.just(9), body),
    )


NODES = st.recursive(STEPS, _blocks, max_leaves=7)
PROGRAMS = st.lists(NODES, min_size=1, max_size=5).map(
    lambda nodes: Plan(inputs=(Input("N"), Input("ROWS", type="array")), steps=tuple(nodes))
)


@dataclass
class Ways:
    """What following every way finds: names read where they are not set, and nodes whose variable is read."""

    unset: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    read: set[str] = field(default_factory=set[str])

    def read_names(self, id_: str, names: Iterable[str], states: set[State]) -> None:
        for name in names:
            for state in states:
                setter = dict(state).get(name)
                if setter is None:
                    self.unset.add((id_, name))
                else:
                    self.read.add(setter)

    def body(self, nodes: Sequence[Node], prefix: str, states: set[State]) -> set[State]:
        for id_, node in numbered(nodes, prefix):
            states = self.node(id_, node, states)
        return states

    def node(self, id_: str, node: Node, states: set[State]) -> set[State]:
        if isinstance(node, Step):
            self.read_names(id_, [value[1:] for value in node.values if value.startswith("$")], states)
            return self.assigned(node.sets, id_, states)
        if isinstance(node, ForEach):
            self.read_names(id_, [node.over[1:]], states)
            return self.assigned(node.sets, id_, self.rounds(id_, node, states))
        if isinstance(node, While):
            return self.rounds(id_, node, states)
        self.test(id_, node.test, states)
        then = _answered(states, self.body(node.then, f"{id_}.", _asked(node.test, states)))
        return then | self.body(node.otherwise, f"{else_id(id_)}.", states)

    def rounds(self, id_: str, node: ForEach | While, states: set[State]) -> set[State]:
        """Follow a loop until another round brings nothing new, and then note what one finds."""
        heads: set[State] = set()
        while states - heads:
            heads |= states
            states = heads | Ways().round(id_, node, heads)
        return heads | self.round(id_, node, heads)

    def round(self, id_: str, node: ForEach | While, heads: set[State]) -> set[State]:
        if isinstance(node, While):
            self.test(id_, node.test, heads)
            return _answered(heads, self.body(node.body, f"{id_}.", _asked(node.test, heads)))
        before = {(name, setter) for head in heads for name, setter in head if name == node.item}
        inside = {_without(each, node.item) | {(node.item, f"{id_} item")} for each in heads}
        return {_without(each, node.item) | before for each in self.body(node.body, f"{id_}.", inside)}

    def test(self, id_: str, test: str, states: set[State]) -> None:
        if not _asks(test):
            self.read_names(id_, [test[0]], states)
        else:
            self.read |= {setter for state in states for name, setter in state if name == "C"}

    def assigned(self, name: str | None, id_: str, states: set[State]) -> set[State]:
        return {_without(each, name) | {(name, id_)} for each in states} if name else states


def _asks(test: str) -> bool:
    return test.endswith("defined")


def _asked(test: str, states: set[State]) -> set[State]:
    """Where a test holds that asks for C, C is set, if only there; but what nobody sets anywhere before is not."""
    if not _asks(test) or all("C" not in dict(each) for each in states):
        return states
    return {each if "C" in dict(each) else each | {("C", "asked")} for each in states}


def _answered(before: set[State], after: set[State]) -> set[State]:
    """After the block that a test guards, C is set only where somebody set it, or where a block around guards it."""
    return after if any(("C", "asked") in each for each in before) else {each - {("C", "asked")} for each in after}


def _without(state: State, name: str) -> State:
    return frozenset(each for each in state if each[0] != name)


def _ways(plan: Plan) -> Ways:
    ways = Ways()
    ways.body(plan.steps, "", {frozenset({("N", "N"), ("ROWS", "ROWS")})})
    return ways


@given(PROGRAMS)
@settings(deadline=None)
def test_what_is_read_unset_on_some_way_is_told_and_nothing_else(plan: Plan) -> None:
    found = {each.step for each in check(plan, SKILLS) if each.code in UNSET}
    assert found == {id_ for id_, _ in _ways(plan).unset}


@given(PROGRAMS)
@settings(deadline=None)
def test_what_is_set_for_nobody_on_any_way_is_told_and_nothing_else(plan: Plan) -> None:
    problems = check(plan, SKILLS)
    if any(each.code in UNSET for each in problems):
        return
    told = {each.step for each in problems if each.code == "unused-variable" and "item" not in each.message}
    sets = {id_ for id_, node in plan.nodes() if isinstance(node, Step | ForEach) and node.sets}
    assert told == sets - _ways(plan).read
