"""Outlines: what has been drafted of a plan, the blocks that are open where it goes on, and what may follow there.

What is known in a block, and after it, is as the language has it: only what is set on every way that leads there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import unescape

from forethought.kernel.functions import FunctionSignature
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import ANY, ValueType

from .branching import may_be_list, openings
from .checking.conditions import Condition, parse_condition
from .checking.naming import RESERVED, is_name
from .grammar import END, callable_in_a_plan, may_set, quoted, step_grammar
from .language.nodes import Step
from .naming import item_name, list_name, result_name

__all__ = ["MAX_DEPTH", "Outline"]

MAX_DEPTH = 3
"""How deep blocks are drafted in each other."""

_CALL = re.compile(r"<function\.([^\s>/]+)")
_SETS = re.compile(r' setContextVariable="([^"]*)"')
_OPENING = re.compile(
    r'<(?P<tag>if|while) test="(?P<test>[^"]*)"|<(?P<each>foreach) item="(?P<item>\w+)" in="\$(?P<of>\w+)"'
)


@dataclass(slots=True)
class _Body:
    """The inside of the plan or of a block that is open.

    `opening` are the tags around it, as the model wrote them, and `at` is the line of the last one. `known` are the
    variables that are set where it goes on, `sets` those that it was the first to set. `head` is the type of the last
    output before it, and `before` of the last one where it goes on. A foreach has an `item`, and `collects` its results
    in a variable; a while is not closed before one of the variables that it has `tested` has `changed`. `then` is the
    other branch of an else, and `branch` the `<if>` that has just been closed, whose `<else>` may follow.
    """

    tag: str
    opening: tuple[str, ...]
    at: int
    known: dict[str, ValueType]
    head: ValueType
    before: ValueType
    filled: bool = False
    sets: dict[str, ValueType] = field(default_factory=dict[str, ValueType])
    item: str = ""
    collects: str = ""
    tested: frozenset[str] = frozenset()
    changed: bool = False
    then: _Body | None = None
    branch: _Body | None = None

    def ran(self, output: ValueType, branch: _Body | None = None) -> None:
        """One more call or block stands in it."""
        self.filled, self.before, self.branch = True, output, branch

    def set(self, name: str, kind: ValueType) -> None:
        """A variable is set from here on; nothing is no value that a step could read."""
        if kind.kind != "null":
            if name not in self.known:
                self.sets[name] = kind
            self.known[name] = kind


class Outline:
    """A plan over `skills` that is being drafted, tag by tag; it has at most `most` calls and blocks.

    What is drafted follows the steps that are `done`, each with how it reads, and may read what they set as far as that
    is among the `variables`.
    """

    def __init__(
        self, skills: SkillRegistry, variables: Collection[str], most: int, done: Sequence[tuple[Step, str]] = ()
    ) -> None:
        self._skills = skills.select(filter(callable_in_a_plan, skills))
        self._most = most
        self._names = [*variables, *(step.sets for step, _ in done if step.sets)]
        self._done = [line for _, line in done]
        self._lines: list[str] = []
        self._called: set[tuple[str, ...]] = {(_SETS.sub("", line),) for line in self._done}
        self._nodes = len(done)
        known = {name: ANY for name in variables if is_name(name) and name.lower() not in RESERVED}
        last = done[-1][0].function.text if done else ""
        before = skills.find(last).returns if last in skills else ANY
        self._open = [_Body("plan", (), 0, known, before, before, filled=bool(done))]

    @property
    def full(self) -> bool:
        """True when the plan has as many calls and blocks as it may have."""
        return self._nodes >= self._most

    @property
    def prefix(self) -> str:
        """What has been drafted, as the model is to go on from it."""
        return "".join(f"{line}\n" for line in ["<plan>", *self._done, *self._lines])

    @property
    def drafted(self) -> bool:
        """True when a call has been drafted."""
        return any(_CALL.match(line) for line in self._lines)

    def grammar(self) -> str:
        """Return the GBNF of what may follow: a call, a tag that opens a block or ends one, the end of the plan."""
        body = self._open[-1]
        others, rules = list[str](), dict[str, str]()
        if body.tag != "plan" and body.filled and (body.changed or body.tag != "while"):
            others.append(quoted(f"</{body.tag}>"))
        if body.branch:
            others.append(quoted("<else>"))
        if len(self._open) <= MAX_DEPTH and self._nodes + 2 <= self._most:
            items = {name: item_name(name, self._names) for name, kind in body.known.items() if may_be_list(kind)}
            opening, rules = openings(body.known, items=items, changing=set(self._changing()))
            others += opening
        return step_grammar(
            self._skills,
            variables=body.known,
            before=body.before,
            may_end=body.tag == "plan" and body.filled,
            settable=self._settable(),
            others=others,
            rules=rules,
        )

    def take(self, written: str) -> bool:
        """Add what the model wrote; False where that ends the plan: its end, a call made before, or no tag at all."""
        if called := _CALL.match(written):
            return self._call(self._skills.find(called[1]), written)
        if opening := _OPENING.match(written):
            self._begin(opening, written)
            return True
        body = self._open[-1]
        if written == "<else>" and body.branch:
            self._else(body.branch)
        elif written == f"</{body.tag}>" != END and body.filled:
            self._close()
        else:
            return False
        return True

    def text(self) -> str:
        """Return what has been drafted as a plan: what is open ends there, or is left out where nothing is in it."""
        while len(self._open) > 1:
            if self._open[-1].filled:
                self._close()
            else:
                del self._lines[self._open.pop().at :]
        return "\n".join(["<plan>", *self._lines, END])

    def _call(self, function: FunctionSignature, written: str) -> bool:
        body = self._open[-1]
        call = (*body.opening, written)
        if call in self._called:
            return False
        self._called.add(call)
        given = _SETS.search(written)
        name = given[1] if given else result_name(function, self._names)
        if not given:
            self._names.append(name)
            written = re.sub("(?=/?>)", f' setContextVariable="{name}"', written, count=1)
        self._lines.append(written)
        self._nodes += 1
        body.ran(function.returns)
        body.set(name, function.returns)
        for outer in self._open:
            outer.changed |= name in outer.tested
        return True

    def _begin(self, opening: re.Match[str], written: str) -> None:
        body = self._open[-1]
        inner = self._inner(opening["tag"] or opening["each"], (*body.opening, written), body.before)
        if inner.tag == "while":
            inner.before = ANY
            inner.tested = _tested(opening["test"]).intersection(self._changing())
        elif inner.tag == "foreach":
            kind = body.known.get(opening["of"], ANY)
            inner.item, inner.collects = opening["item"], list_name(opening["item"], self._names)
            inner.before = inner.known[inner.item] = (kind.items if kind.kind == "array" else None) or ANY
            self._names += inner.item, inner.collects
            written = written.replace(">", f' setContextVariable="{inner.collects}">')
        self._lines.append(written)
        self._nodes += 1
        self._open.append(inner)

    def _else(self, then: _Body) -> None:
        inner = self._inner("else", (*then.opening, "<else>"), then.head)
        inner.then = then
        self._lines.append("<else>")
        self._open.append(inner)

    def _inner(self, tag: str, opening: tuple[str, ...], before: ValueType) -> _Body:
        return _Body(tag, opening, len(self._lines), dict(self._open[-1].known), before, before)

    def _close(self) -> None:
        inner = self._open.pop()
        body = self._open[-1]
        self._lines.append(f"</{inner.tag}>")
        if inner.tag == "foreach":
            body.ran(ValueType("array", items=inner.before))
            if inner.before.kind != "null":
                body.set(inner.collects, body.before)
        elif inner.then:
            body.ran(_either(inner.then.before, inner.before))
            for name, kind in inner.then.known.items():
                if name in inner.known:
                    body.set(name, _either(kind, inner.known[name]))
        else:
            body.ran(_either(inner.before, inner.head), inner if inner.tag == "if" else None)

    def _changing(self) -> Iterator[str]:
        """Yield the variables that a call could set anew: no item of a loop, and of a type that something returns."""
        items = {body.item for body in self._open}
        returned = [function.returns for function in self._skills]
        for name, kind in self._open[-1].known.items():
            if name not in items and any(may_set(each, kind) for each in returned):
                yield name

    def _settable(self) -> Mapping[str, ValueType]:
        """Return the variables that a call may set: those a while waits for, and what only the other branch sets."""
        body = self._open[-1]
        found = {name: body.known[name] for outer in self._open for name in outer.tested}
        if body.then:
            found |= {name: kind for name, kind in body.then.sets.items() if name not in body.sets}
        return found


def _tested(test: str) -> frozenset[str]:
    condition = parse_condition(unescape(test, {"&quot;": '"'}))
    return frozenset(each.name for each in condition.names) if isinstance(condition, Condition) else frozenset()


def _either(one: ValueType, other: ValueType) -> ValueType:
    return one if one == other else ANY
