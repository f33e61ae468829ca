"""A plan with blocks runs as it reads: in parallel exactly as an interpreter that walks the document, step by step.

The interpreter here knows nothing of binding and scheduling. It reads values, tests and lists in its own way, and calls
the functions one after the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from forethought.kernel import Kernel, skill
from forethought.kernel.values import text
from forethought.planners import Plan, Step, run
from forethought.planners.language.nodes import (
    Argument,
    ForEach,
    FunctionName,
    If,
    Node,
    While,
    else_id,
    numbered,
)
from forethought.planners.running.events import Event, RunFinished, StepCancelled, StepFailed, StepFinished, StepStarted
from forethought.planners.running.retries import Retry
from forethought.planners.running.runner import run_sync

RESOURCES = ("ink", "mail", "paper")
KINDS: dict[str, tuple[str | None, tuple[str, ...], tuple[str, ...]]] = {
    "pure": ("pure", (), ()),
    "survey": ("reads:*", RESOURCES, ()),
    "anything": (None, RESOURCES, RESOURCES),
    "read_ink": ("reads:ink", ("ink",), ()),
    "read_mail": ("reads:mail", ("mail",), ()),
    "write_ink": ("writes:ink", (), ("ink",)),
    "write_mail": ("writes:mail", (), ("mail",)),
    "write_both": ("writes:mail,paper", (), ("mail", "paper")),
    "copy": ("reads:ink writes:paper", ("ink",), ("paper",)),
}
"""Every kind of effect by the function's name: how it is declared, what it reads, what it writes."""

TEXTS = ("A", "B", "C")
GIVEN: Mapping[str, object] = {"INPUT": "in", "A": "xa", "B": "x5b", "C": "xc0", "L": ["x", "y"]}
TESTS: Mapping[str, Callable[[Mapping[str, object]], bool]] = {
    "A < 'x8'": lambda known: str(known["a"]) < "x8",
    "B|length > 3": lambda known: len(str(known["b"])) > 3,
    "not C < B": lambda known: not str(known["c"]) < str(known["b"]),
    "U is defined": lambda known: "u" in known,
    "U is not defined or U < A": lambda known: "u" not in known or str(known["u"]) < str(known["a"]),
    "L|length == 2 or A > 'xc'": lambda known: len(_list(known["l"])) == 2 or str(known["a"]) > "xc",
}
LISTS = ('["one", 2, ["three"]]', "[]", "$L", "[1]", '["$A", "$B"]')

State = dict[str, str]
Told = tuple[str, str, str, object]


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return cast("list[object]", value)


@dataclass
class Outcome:
    """Everything that a run leaves behind, but for its times and its id."""

    failed: str | None = None
    value: object = None
    results: dict[str, object] = field(default_factory=dict[str, object])
    variables: dict[str, object] = field(default_factory=dict[str, object])
    records: list[Told] = field(default_factory=list[Told])
    state: State = field(default_factory=lambda: dict.fromkeys(RESOURCES, "new"))


def touched(state: State, kind: str, tag: str, input: object, fails: str) -> str:
    """What a function of this kind gives; it changes the state after that."""
    _, reads, writes = KINDS[kind]
    seen = [state[each] for each in (*reads, *writes)]
    digest = f"x{sha256(repr((tag, text(input), seen)).encode()).hexdigest()[:5]}"  # a number would be compared as one
    if fails and digest < fails:
        raise RuntimeError(f"{digest} is no good")
    return digest


def leave(state: State, kind: str, digest: str) -> None:
    for each in KINDS[kind][2]:
        state[each] = f"{digest} after {state[each][:6]}"


def touching(state: State, kind: str) -> object:
    """A function that reads and writes just these resources, and lets others run before, between and after."""

    @skill(name=kind, effect=KINDS[kind][0])
    async def touch(input: object, tag: str, pauses: list[int], fails: str = "") -> str:
        before, between, after = pauses
        for _ in range(before):
            await asyncio.sleep(0)
        digest = touched(state, kind, tag, input, fails)
        for _ in range(between):
            await asyncio.sleep(0)
        leave(state, kind, digest)
        for _ in range(after):
            await asyncio.sleep(0)
        return digest

    return touch


class Interpreter:
    """Runs a plan by walking its nodes; after a failure it walks on, and only tells what is not run."""

    def __init__(self) -> None:
        self.found = Outcome()
        self._appended: list[tuple[str, object]] = []

    def run(self, plan: Plan) -> Outcome:
        known = {name.lower(): value for name, value in GIVEN.items()}
        last = self._nodes(plan.steps, "", known, known["input"])
        found = self.found
        spelled = {name.lower(): name for name in (*GIVEN, "M", "U")}
        found.variables = {spelled.get(name, name): value for name, value in known.items()}
        for key, _ in self._appended:
            values = [value for other, value in self._appended if other == key]
            found.results[key] = values[0] if len(values) == 1 else "\n".join(map(text, values))
        if not found.failed:
            values = [value for _, value in self._appended]
            found.value = (values[0] if len(values) == 1 else "\n".join(map(text, values))) if values else last
        return found

    def _nodes(self, nodes: Iterable[Node], prefix: str, known: dict[str, object], previous: object) -> object:
        for id_, node in numbered(nodes, prefix):
            if self.found.failed:
                self._unrun([(id_, node)], "not_started")
            elif isinstance(node, Step):
                previous = self._step(id_, node, known, previous)
            elif isinstance(node, If):
                previous = self._if(id_, node, known, previous)
            elif isinstance(node, ForEach):
                previous = self._foreach(id_, node, known)
            else:
                previous = self._while(id_, node, known, previous)
        return previous

    def _tell(self, id_: str, function: str, status: str, output: object = None) -> int:
        self.found.records.append((id_, function, status, output))
        return len(self.found.records) - 1

    def _unrun(self, nodes: Iterable[tuple[str, Node]], status: str) -> None:
        for id_, node in nodes:
            if isinstance(node, Step):
                self._tell(id_, node.function.text, status)
            elif isinstance(node, If):
                self._tell(id_, "if", status)
                self._unrun(numbered(node.then, f"{id_}."), status)
                self._unrun(numbered(node.otherwise, f"{else_id(id_)}."), status)
            else:
                self._tell(id_, "foreach" if isinstance(node, ForEach) else "while", status)
                self._unrun(numbered(node.body, f"{id_}."), status)

    def _step(self, id_: str, step: Step, known: dict[str, object], previous: object) -> object:
        kind = step.function.text.removeprefix("W.")
        given = {name: self._read(value, known) for name, value in zip(step.names, step.values, strict=True)}
        state, output = self.found.state, ""
        try:
            output = touched(state, kind, str(given["tag"]), given.get("input", previous), str(given.get("fails", "")))
        except RuntimeError:
            self.found.failed = id_
            self._tell(id_, f"W.{kind}", "failed")
            return None
        leave(state, kind, output)
        self._tell(id_, f"W.{kind}", "succeeded", output)
        if step.sets:
            known[step.sets.lower()] = output
        if step.appends:
            self._appended.append((step.appends, output))
        return output

    def _read(self, written: str, known: Mapping[str, object]) -> object:
        if whole := re.fullmatch(r"\$(\w+)", written):
            return known[whole[1].lower()]
        return re.sub(r"\$\{?(\w+)\}?", lambda found: text(known[found[1].lower()]), written)

    def _if(self, id_: str, node: If, known: dict[str, object], previous: object) -> object:
        holds = TESTS[node.test](known)
        self._tell(id_, "if", "succeeded", holds)
        if holds:
            previous = self._nodes(node.then, f"{id_}.", known, previous)
            self._unrun(numbered(node.otherwise, f"{else_id(id_)}."), "skipped")
            return previous
        self._unrun(numbered(node.then, f"{id_}."), "skipped")
        return self._nodes(node.otherwise, f"{else_id(id_)}.", known, previous)

    def _foreach(self, id_: str, node: ForEach, known: dict[str, object]) -> object:
        over = self._read(node.over, known)
        items = _list(json.loads(over) if isinstance(over, str) else over)
        at = self._tell(id_, "foreach", "succeeded", len(items))
        hidden = known.get(node.item.lower())
        outputs: list[object] = []
        for number, item in enumerate(items, 1):
            known[node.item.lower()] = item
            outputs.append(self._nodes(node.body, f"{id_}[{number}].", known, item))
            if self.found.failed:
                break
        known.pop(node.item.lower(), None)
        if hidden is not None:
            known[node.item.lower()] = hidden
        if not items:
            self._unrun(numbered(node.body, f"{id_}."), "skipped")
        if self.found.failed:
            self.found.records[at] = (id_, "foreach", "failed", None)
        elif node.sets:
            known[node.sets.lower()] = outputs
        return outputs

    def _while(self, id_: str, node: While, known: dict[str, object], previous: object) -> object:
        at = self._tell(id_, "while", "succeeded")
        rounds = 0
        while rounds < node.max and not self.found.failed and TESTS[node.test](known):
            rounds += 1
            previous = self._nodes(node.body, f"{id_}[{rounds}].", known, previous)
        if not rounds:
            self._unrun(numbered(node.body, f"{id_}."), "skipped")
        self.found.records[at] = (
            (id_, "while", "failed", None) if self.found.failed else (id_, "while", "succeeded", rounds)
        )
        return previous


@st.composite
def nodes(draw: st.DrawFn, items: tuple[str, ...] = (), depth: int = 0, *, failing: bool = False) -> tuple[Node, ...]:
    """Steps and blocks without errors; `items` are the items of the loops around."""
    found: list[Node] = []
    for _ in range(draw(st.integers(1, 5 if depth == 0 else 3))):
        kind = draw(st.sampled_from(["step"] * 3 + ["if", "foreach", "while"] * (depth < 3)))
        inner = nodes(items, depth + 1, failing=failing)
        if kind == "if":
            otherwise = draw(st.just(()) | inner)
            found.append(If(draw(st.sampled_from(sorted(TESTS))), draw(inner), otherwise))
        elif kind == "while":
            found.append(While(draw(st.sampled_from(sorted(TESTS))), draw(st.integers(1, 3)), draw(inner)))
        elif kind == "foreach":
            item = draw(st.sampled_from(["ROW", "Cell"]))
            body = draw(nodes((*items, item), depth + 1, failing=failing))
            sets = draw(st.sampled_from([None, "L", "M"]))
            found.append(ForEach(item, draw(st.sampled_from(LISTS)), body, sets=sets))
        else:
            found.append(draw(steps(items, failing=failing)))
    return tuple(found)


@st.composite
def steps(draw: st.DrawFn, items: tuple[str, ...], *, failing: bool) -> Step:
    arguments = [
        Argument("tag", str(draw(st.integers(0, 999)))),
        Argument("pauses", str(draw(st.lists(st.integers(0, 4), min_size=3, max_size=3)))),
    ]
    if failing and draw(st.integers(0, 3)) == 0:
        arguments.append(Argument("fails", "x6"))
    names = st.sampled_from(("INPUT", "L", *TEXTS, *items))
    written = draw(st.none() | names.flatmap(lambda name: st.sampled_from([f"${name}", f"${name} and ${{A}}", "text"])))
    if written is not None:
        arguments.append(Argument("input", written))
    name = FunctionName(f"W.{draw(st.sampled_from(sorted(KINDS)))}")
    sets, appends = draw(st.none() | st.sampled_from((*TEXTS, "U"))), draw(st.none() | st.sampled_from(["R", "S"]))
    return Step(name, tuple(arguments), sets=sets, appends=appends)


def plans(*, failing: bool = False) -> st.SearchStrategy[Plan]:
    return nodes(failing=failing).map(lambda drawn: Plan(goal="any", steps=drawn))


def ground(state: State) -> Kernel:
    kernel = Kernel()
    for kind in KINDS:
        kernel.add_functions(touching(state, kind), "W")
    return kernel


def carried_out(plan: Plan, concurrency: int, listen: Callable[[Event], None] | tuple[()] = ()) -> Outcome:
    state: State = dict.fromkeys(RESOURCES, "new")
    result = run_sync(plan, ground(state), inputs=GIVEN, concurrency=concurrency, listen=listen, retry=Retry(times=0))
    failed = re.match(r"step (\S+),", result.error or "")
    records: list[Told] = [(step.id, step.function, step.status, step.output) for step in result.steps]
    return Outcome(
        failed[1] if failed else None, result.value, dict(result.results), dict(result.variables), records, state
    )


@given(plans())
def test_the_parallel_outcome_is_that_of_the_document_step_by_step(plan: Plan) -> None:
    expected = Interpreter().run(plan)
    events: list[Event] = []
    assert carried_out(plan, 1, events.append) == expected
    started = [event.step for event in events if isinstance(event, StepStarted)]
    assert started == [id_ for id_, _, status, _ in expected.records if status == "succeeded"]
    for concurrency in (2, 3, 32):
        assert carried_out(plan, concurrency) == expected


@given(plans(failing=True))
def test_one_by_one_a_failure_ends_the_run_where_the_document_says(plan: Plan) -> None:
    assert carried_out(plan, 1) == Interpreter().run(plan)


@given(plans(failing=True), st.sampled_from([2, 3, 32]))
def test_after_a_failure_nothing_starts_and_what_runs_is_finished(plan: Plan, concurrency: int) -> None:
    events: list[Event] = []
    found = carried_out(plan, concurrency, events.append)
    kinds = [type(event) for event in events]
    assert (found.failed is not None) == (StepFailed in kinds)
    if StepFailed in kinds:
        assert StepStarted not in kinds[kinds.index(StepFailed) :]
        first = next(id_ for id_, function, status, _ in found.records if status == "failed" and "." in function)
        assert found.failed == first
    started = [event.step for event in events if isinstance(event, StepStarted)]
    ended = [event.step for event in events if isinstance(event, StepFinished | StepFailed | StepCancelled)]
    assert sorted(started) == sorted(ended)
    assert [id_ for id_, _, status, _ in found.records if status in ("succeeded", "failed", "cancelled")] == sorted(
        started, key=[id_ for id_, *_ in found.records].index
    )


@given(plans(), st.integers(0, 40))
def test_a_run_cancelled_at_any_moment_leaves_no_task_and_no_step_without_an_end(plan: Plan, moment: int) -> None:
    kernel = ground(dict.fromkeys(RESOURCES, "new"))
    events: list[Event] = []

    async def cancel() -> bool:
        task = asyncio.ensure_future(run(plan, kernel, inputs=GIVEN, listen=events.append))
        for _ in range(moment):
            await asyncio.sleep(0)
        cancelled = task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return cancelled and task.cancelled()

    cancelled = asyncio.run(cancel())
    if not events:
        return  # cancelled before it began
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert last.status == ("cancelled" if cancelled else "succeeded")
    started = [event.step for event in events if isinstance(event, StepStarted)]
    ended = [event.step for event in events if isinstance(event, StepFinished | StepCancelled)]
    assert sorted(started) == sorted(ended)
    assert last.result is not None
    known = [step.id for step in last.result.steps]
    assert len(known) == len(set(known))
    assert set(started) <= set(known)
