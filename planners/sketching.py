"""Sketching: a plan written line by line by a small model that has learned to, and turned into the language of plans.

Each line is decoded under a grammar of its own: real functions, their parameters in order, the goal's own words, and
the results that are there. So a sketch always is a plan, and never names what is not there.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from forethought.kernel.functions import FunctionSignature, Parameter, Usage
from forethought.kernel.models.chat import ChatModel, Completion, Message, Request
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import ANY, ValueType, text

from .drafting import Draft, result_name, tidied
from .grammar import COMMON_RULES, callable_in_a_plan, may_fit, quoted, sayable
from .language.nodes import Argument, FunctionName, Plan, Step
from .language.parsing import parse
from .language.scanning import FORBIDDEN
from .language.templates import escape
from .leftovers import leftovers
from .sketch import END, NONE, Reading, labels, question, read_line, result_label

__all__ = ["SURE", "best_sketch", "line_grammar", "sketch"]

MAX_LINES = 12
"""The most calls that are sketched."""

LINE_TOKENS = 160
"""What one line may take; a line that takes more is dropped, and the sketch ends before it."""

GUESSES = 5
"""The most sketches that are made for one goal."""

SURE = -0.02
"""The mean log-probability from which on the first sketch is taken, and below which the reader of a plan is warned."""

_PIECE = re.compile(r"[\u3400-\u9fff]|[^\W_]+|[^\s]")
_USES = re.compile(r'"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|([a-z][a-z0-9-]*)')
_BETWEEN = re.compile(r"[\s=]")  # what ends a name in a sketch
_DATE = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)")
_ENDS = re.compile(r"[.,;:!?)\]}。，；：！？、](?!\S)")  # a mark that ends something, and so begins nothing
_NUMERAL = re.compile(r"(?<![\w.])-?\d{1,15}(?:\.\d{1,15})?(?![\w.]*\d)")


async def sketch(
    model: ChatModel,
    functions: Sequence[FunctionSignature],
    goal: str,
    *,
    variables: Collection[str] = (),
    single: bool = False,
    settings: Mapping[str, object] = MappingProxyType({}),
) -> Draft:
    """Let `model`, which has learned sketches, write a plan for `goal` over `functions`, shown in their order.

    A plan without a step says that these functions cannot reach the goal; a `single` plan is one call. `settings` say
    how the model samples: it is greedy unless told otherwise. Raises ModelError.
    """
    shown = labels(functions)
    messages = question(functions, goal, variables)
    state = _State(shown, dict.fromkeys(variables, ANY), goal, list(variables))
    usage = Usage()
    chances: list[float] = []
    while len(state.steps) < (1 if single else MAX_LINES):
        answer = await _ask(model, messages, state, settings)
        usage += answer.usage
        chances += answer.chances
        if answer.finish == "length" or answer.text in (END, NONE) or not state.take(answer.text):
            break
    plan = Plan(steps=tuple(state.steps))
    plan = tidied(plan, SkillRegistry(functions), variables) if state.steps else plan
    return Draft(plan.to_xml(), usage, "stop", sum(chances) / len(chances) if chances else None)


async def best_sketch(
    model: ChatModel,
    functions: Sequence[FunctionSignature],
    goal: str,
    *,
    faults: Callable[[str], int],
    variables: Collection[str] = (),
    single: bool = False,
    most: int | None = None,
    seed: int = 0,
) -> Draft:
    """Return the best of several sketches: of those with the fewest `faults`, then with the fewest values of the goal
    left over, the one the model is surest of.

    A greedy one that lacks nothing and that the model is `SURE` of is taken at once; else up to `most` are made, or
    GUESSES where it is not said. With a `seed`, all of them are samples.
    """
    made: list[tuple[int, int, Draft]] = []
    for number in range(most or GUESSES):
        sampled = {"temperature": 0.6, "seed": seed + number} if number or seed else {}
        drafted = await sketch(model, functions, goal, variables=variables, single=single, settings=sampled)
        plan = parse(drafted.text)
        left = leftovers(goal, plan).total() if plan.steps else 0
        made.append((faults(drafted.text), left, drafted))
        if made[-1][:2] == (0, 0) and (drafted.confidence or 0.0) >= SURE:
            break
    usage = sum((each.usage for _, _, each in made), Usage())
    best = min(made, key=lambda each: (*each[:2], -(each[2].confidence or 0.0)))[2]
    return dataclasses.replace(best, usage=usage)


async def _ask(
    model: ChatModel, messages: Sequence[Message], state: _State, settings: Mapping[str, object]
) -> Completion:
    grammar = line_grammar(state.shown, state.known, state.goal, before=state.before, may_end=bool(state.steps))
    prefix = "".join(f"{line}\n" for line in state.lines)
    return await model.complete(
        Request(messages, {"max_tokens": LINE_TOKENS, **settings}, prefix, grammar, planning=True)
    )


@dataclass(slots=True)
class _State:
    """A sketch so far: its lines, the steps they stand for, and what a next one may read."""

    shown: Mapping[str, FunctionSignature]
    known: dict[str, ValueType]
    goal: str
    names: list[str]
    lines: list[str] = field(default_factory=list[str])
    steps: list[Step] = field(default_factory=list[Step])
    called: dict[str, str] = field(default_factory=dict[str, str])
    before: ValueType = ANY

    def take(self, written: str) -> bool:
        """Add a line; False where it says what was said before."""
        line = written.rstrip("\n")
        if line in self.lines:
            return False
        label, values = read_line(line)
        function = self.shown[label]
        name = result_name(function, self.names)
        arguments = (Argument(each, self._written(value)) for each, value in values.items())
        self.steps.append(Step(FunctionName(function.full_name), tuple(arguments), sets=name))
        self.lines.append(line)
        self.names.append(name)
        result = result_label(label, self.known)
        self.called[result] = name
        self.known[result] = self.before = function.returns
        return True

    def _written(self, value: str | Reading) -> str:
        if isinstance(value, Reading):
            return f"${self.called.get(value.label, value.label)}"
        return escape(value)


def line_grammar(
    shown: Mapping[str, FunctionSignature],
    known: Mapping[str, ValueType],
    goal: str,
    *,
    before: ValueType = ANY,
    may_end: bool,
) -> str:
    """Return the GBNF of a sketch's next line: a call, or its end, or before any call the word that there is no way.

    A text is a run of the goal's own words or something `known`; a number is one of the goal's, where it has any. An
    `input` may be left out only where it can take `before`, what the call before returns: the language gives it that.
    """
    grammar = _Grammar(known, FORBIDDEN.sub(" ", goal), before)
    calls = [call for label, each in shown.items() if callable_in_a_plan(each) and (call := grammar.call(label, each))]
    ways = [f'({" | ".join(calls)}) "\\x0A"'] if calls else []
    ways.append(quoted(END if may_end else NONE))
    return grammar.whole(" | ".join(ways))


@dataclass(slots=True)
class _Grammar:
    known: Mapping[str, ValueType]
    goal: str
    before: ValueType
    rules: dict[str, str] = field(default_factory=dict[str, str])

    def whole(self, root: str) -> str:
        """Return the text: the root, the rules made, and of the common rules those in use."""
        rules = {"root": root, **self.rules}
        wanted = list(rules.values())
        while wanted:
            for name in _USES.findall(wanted.pop()):
                if name and name not in rules:
                    rules[name] = COMMON_RULES[name]
                    wanted.append(rules[name])
        return "".join(f"{name} ::= {body}\n" for name, body in rules.items())

    def call(self, label: str, function: FunctionSignature) -> str:
        """Return the rule of a call; empty where something that it must be given is not there to give."""
        parts = [quoted(label)]
        for each in function.parameters:
            value = self.value(each) if not _BETWEEN.search(each.name) else ""
            given = f"{quoted(f' {each.name}=')} ({value})"
            if each.required or (each.name.lower() == "input" and not may_fit(self.before, each.type)):
                if not value:
                    return ""
                parts.append(given)
            elif value and sayable(each):
                parts.append(f"({given})?")
        name = f"call-{len(self.rules)}"
        self.rules[name] = " ".join(parts)
        return name

    def value(self, parameter: Parameter) -> str:
        """Return the ways to write a parameter's value: a literal of its type, or what is known and may fit."""
        kind = parameter.type
        ways = [quoted(f"${label}") for label, brought in self.known.items() if _may_read(brought, kind)]
        if literal := self.literal(kind):
            ways.append(literal)
        return " | ".join(ways)

    def literal(self, kind: ValueType) -> str:
        if kind.choices:
            found = (json.dumps(text(choice), ensure_ascii=False) for choice in kind.choices)
            return f"({' | '.join(quoted(each) for each in found)})"
        if kind.kind in ("integer", "number"):
            numerals = dict.fromkeys(_NUMERAL.findall(self.goal))
            fitting = [each for each in numerals if kind.kind == "number" or "." not in each]
            number = " | ".join(quoted(each) for each in fitting) or kind.kind
            return rf'"\"" ({number}) "\""'
        if kind.kind in ("string", "any") and _PIECE.search(self.goal):
            return rf'"\"" {self.run()} "\""'
        if kind.kind == "date" and (dates := list(filter(_is_date, dict.fromkeys(_DATE.findall(self.goal))))):
            return rf'"\"" ({" | ".join(quoted(each) for each in dates)}) "\""'
        if kind.kind in ("boolean", "date", "time", "date-time", "duration"):
            return rf'"\"" ({kind.kind}) "\""'
        return ""

    def run(self) -> str:
        """Return the rule of a run of the goal's words."""
        if "text" not in self.rules:
            found = list(_PIECE.finditer(self.goal))
            for index, piece in enumerate(found):
                further = ""
                if index + 1 < len(found):
                    gap = self.goal[piece.end() : found[index + 1].start()]
                    further = f" ({quoted(_inside(gap))} run-{index + 1})?" if gap else f" (run-{index + 1})?"
                self.rules[f"run-{index}"] = quoted(_inside(piece[0])) + further
            starts = [index for index, piece in enumerate(found) if not _ENDS.match(self.goal, piece.start())]
            self.rules["text"] = " | ".join(f"run-{index}" for index in starts or range(len(found)))
        return "text"


def _may_read(brought: ValueType, taken: ValueType) -> bool:
    """Say whether a result may be read as a value of this type: all can be written as text."""
    return taken.kind in ("string", "any") or may_fit(brought, taken)


def _is_date(written: str) -> bool:
    try:
        datetime.date.fromisoformat(written)
    except ValueError:
        return False
    return True


def _inside(words: str) -> str:
    """Return words as they stand within a JSON string."""
    return json.dumps(words, ensure_ascii=False)[1:-1]
