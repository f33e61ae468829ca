"""A grammar for one step of a plan: what a model decodes under, so that it can only write what is there.

The grammar is GBNF (https://github.com/ggml-org/llama.cpp/tree/master/grammars). It is made anew for each step,
because each step may add a variable that the next ones can read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import ANY, ValueType, text

from .language.scanning import FORBIDDEN, NAME
from .language.templates import escape

__all__ = [
    "COMMON_RULES",
    "END",
    "UNSAFE",
    "callable_in_a_plan",
    "escaped",
    "may_fit",
    "may_set",
    "quoted",
    "sayable",
    "step_grammar",
]

END = "</plan>"

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_RESERVED = frozenset({"setcontextvariable", "appendtoresult"})
UNSAFE = r"<>&\"\x00-\x1F\x7F\uFFFE\uFFFF"
"""What never stands raw in an attribute of ours, as GBNF has it in brackets."""

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_](?:[^\s\u3400-\u9fff]*[^\W_])?|[^\w\s]?\d+")
_NUMBERS = frozenset({"integer", "number", "boolean"})
_NUMERALS = {"integer": re.compile(r"-?[0-9]{1,15}"), "number": re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")}
_LISTED = 12  # the most items of a list, and of members of an object

COMMON_RULES = {
    "char": rf"[^${UNSAFE}]",
    "entity": '"&amp;" | "&lt;" | "&gt;" | "&quot;" | " $" [0-9]',  # a dollar only where it cannot be a name
    "gap": rf'[^A-Za-z0-9_.\[${UNSAFE}] | ". "',  # what may follow a name without becoming part of it
    "boolean": '"true" | "false"',
    "integer": '"-"? ("0" | [1-9] [0-9]{0,14})',
    "number": 'integer ("." [0-9]{1,6})?',
    "null": '"null"',
    "month31": '"0" [13578] | "10" | "12"',
    "month30": '"0" [469] | "11"',
    "day28": '"0" [1-9] | "1" [0-9] | "2" [0-8]',
    "date": '[1-2] [0-9]{3} "-" ((month31 "-" (day28 | "29" | "30" | "31")) | (month30 "-" (day28 | "29" | "30"))'
    ' | "02-" day28)',
    "time": '("0" [0-9] | "1" [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9]',
    "date-time": 'date "T" time "Z"?',
    "duration": '"P" ([1-9] [0-9]{0,3} "D" | "T" [1-9] [0-9]{0,3} [HMS])',
    "json-string": rf'"&quot;" [^$\\{UNSAFE}]{{0,80}} "&quot;"',
    "json-scalar": "json-string | number | boolean | null",
    "json-list": f'"[" (json-scalar (", " json-scalar){{0,{_LISTED}}})? "]"',
    "json-member": 'json-string ": " (json-scalar | json-list)',
    "json-object": f'"{{" (json-member (", " json-member){{0,{_LISTED}}})? "}}"',
}
_USES = re.compile(r'"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|([a-z][a-z0-9-]*)')


def step_grammar(
    skills: SkillRegistry,
    *,
    variables: Mapping[str, ValueType] = MappingProxyType({}),
    before: ValueType = ANY,
    may_end: bool = True,
    longest: int = 200,
    words: str = "",
    chained: str = "",
    settable: Mapping[str, ValueType] = MappingProxyType({}),
    others: Sequence[str] = (),
    rules: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return the GBNF of the next step: one call, or where `may_end` the end of the plan.

    A call names a function of `skills` by its full name, then its parameters in the signature's order: the required
    ones always, the others where the model wants them. Literals fit the parameters' types; `$` is followed by one of
    `variables` or by a digit, and a value is a reference as a whole only where the types allow it; a text has at most
    `longest` characters. An `input` may be left out only where it can take `before`, what the call before returns: the
    language gives it that. Where the result goes is not the model's to say, but that it may go to one of the `settable`
    variables where the types allow it. A function that no plan can call is left out. `others` are ways to go on beside
    the calls, and `rules` those that they need. Raises ValueError where nothing at all could follow.

    `words` hold a small model to what is there: only what must be given is given, a text is a run of these words or a
    reference, and a number is one of theirs, if there is any. `chained` is the variable that `input` must take.
    """
    known = {name: of for name, of in variables.items() if _IDENTIFIER.match(name)}
    grammar = _Grammar(known, before, longest, _words(words), chained, settable, {**COMMON_RULES, **rules})
    calls = [grammar.call(function) for function in skills if callable_in_a_plan(function)]
    ways = [f'"<function." ({" | ".join(calls)})', *others] if calls else []
    ways += [quoted(END)] if may_end else []
    if not ways:
        raise ValueError("there is no function to call")
    return grammar.written(" | ".join(ways))


@dataclass(slots=True)
class _Grammar:
    """The rules of one grammar, as they come to be needed."""

    variables: Mapping[str, ValueType]
    before: ValueType
    longest: int
    words: Sequence[tuple[str, str]]
    chained: str
    settable: Mapping[str, ValueType]
    common: Mapping[str, str]
    rules: dict[str, str] = field(default_factory=dict[str, str])

    def written(self, root: str) -> str:
        """Return the text: the root, the rules made, and of the common rules those in use."""
        rules = {"root": root, **self.rules}
        wanted = list(rules.values())
        while wanted:
            for name in _USES.findall(wanted.pop()):
                if name and name not in rules:
                    rules[name] = self.common[name]
                    wanted.append(rules[name])
        return "".join(f"{name} ::= {body}\n" for name, body in rules.items())

    def call(self, function: FunctionSignature) -> str:
        """Return the rule of one call, from its name to its end."""
        written, children = [quoted(function.full_name)], list[str]()
        for each in function.parameters:
            needed = each.required or (each.name.lower() == "input" and not may_fit(self.before, each.type))
            if not sayable(each) or (self.words and not needed):
                continue
            if NAME.fullmatch(each.name):
                value = rf'" {each.name}=\"" {self.value(each)} "\""'
                written.append(value if needed else f"({value})?")
            elif needed:
                name = quoted(f'<arg name="{escaped(each.name)}">')
                children.append(f'{name} {self.value(each)} "</arg>"')
        if settable := [name for name, kind in self.settable.items() if may_set(function.returns, kind)]:
            written.append(rf'(" setContextVariable=\"" ({" | ".join(map(quoted, settable))}) "\"")?')
        if children:
            written += ['">"', *children, quoted(f"</function.{function.full_name}>")]
        else:
            written.append('"/>"')
        return self.rule(f"call-{len(self.rules)}", " ".join(written))

    def rule(self, name: str, body: str) -> str:
        """Add a rule and return its name."""
        self.rules[name] = body
        return name

    def value(self, parameter: Parameter) -> str:
        """Return the rule of a parameter's value: a literal of its type, or a reference."""
        kind = parameter.type
        if self.chained and parameter.name.lower() == "input":
            return _reference([self.chained])
        if kind.kind in ("string", "any") and not kind.choices:
            return self.text()
        numeral = None if kind.choices else _NUMERALS.get(kind.kind)
        numbers = [word for word, _ in self.words if numeral and numeral.fullmatch(word)]
        if numbers:
            return f"({' | '.join(map(quoted, numbers))})"
        fitting = [name for name, brought in self.variables.items() if may_fit(brought, kind)]
        literal = self.literal(kind)
        return f"({literal} | {_reference(fitting)})" if fitting else f"({literal})"

    def text(self) -> str:
        """Return the rule of a text, in which references may stand; or of one in the words of the goal."""
        if self.words:
            return self.run()
        if not self.variables:
            return self.rule("text", f"(char | entity){{1,{self.longest}}}")
        reference = self.rule("reference", _reference(self.variables))
        last = f'(char | entity | {reference} "."?)'
        return self.rule("text", f"(char | entity | {reference} gap){{0,{self.longest}}} {last}")

    def run(self) -> str:
        """Return the rule of a run of the given words, or of a reference."""
        last = len(self.words) - 1
        for index, (word, gap) in enumerate(self.words):
            further = f" ({quoted(escaped(escape(gap)))} run-{index + 1})?" if index < last else ""
            self.rule(f"run-{index}", quoted(escaped(escape(word))) + further)
        runs = [f"run-{index}" for index in range(last + 1)]
        return self.rule("text", " | ".join([*runs, _reference(self.variables)] if self.variables else runs))

    def literal(self, kind: ValueType) -> str:
        """Return the rule of a literal of this type, as it stands in an attribute."""
        if kind.choices:
            found = " | ".join(quoted(escaped(escape(text(choice)))) for choice in kind.choices)
        elif kind.kind in ("array", "object"):
            found = self.json(kind)
        else:
            found = kind.kind
        return f"{found} | null" if kind.nullable and kind.kind != "string" else found

    def json(self, kind: ValueType) -> str:
        """Return the rule of a value of this type as JSON; its quotes are entities."""
        if kind.choices:
            shown = (json.dumps(choice, ensure_ascii=False) for choice in kind.choices)
            return f"({' | '.join(quoted(escaped(escape(choice))) for choice in shown)})"
        if kind.kind == "array":
            return f'"[" {_several(self.json(kind.items))} "]"' if kind.items else "json-list"
        if kind.kind == "object" and kind.fields:
            members = (f"{quoted(escaped(json.dumps(name)) + ': ')} {self.json(of)}" for name, of in kind.fields)
            return f'"{{" {" ".join(_joined(members))} "}}"'
        if kind.kind == "object" and kind.items:
            member = f'json-string ": " {self.json(kind.items)}'
            return f'"{{" {_several(member)} "}}"'
        if kind.kind in ("date", "time", "date-time", "duration"):
            return rf'"&quot;" {kind.kind} "&quot;"'
        return {"string": "json-string", "any": "json-scalar", "object": "json-object"}.get(kind.kind, kind.kind)


def _words(written: str) -> list[tuple[str, str]]:
    """Divide a text into words, without the marks around them, and what stands between each and the next."""
    written = FORBIDDEN.sub(" ", written)
    found = list(_WORD.finditer(written))
    ends = [*(each.start() for each in found), len(written)][1:]
    return [(each[0], written[each.end() : end]) for each, end in zip(found, ends, strict=True)]


def _reference(names: Iterable[str]) -> str:
    return f'"$" ({" | ".join(map(quoted, names))})'


def may_fit(brought: ValueType, taken: ValueType) -> bool:
    """Say whether a value of one type may be what the other takes: text, and what is not known, may be anything."""
    if brought.kind in ("string", "any", taken.kind):
        return True
    return brought.kind in _NUMBERS and taken.kind in _NUMBERS


def may_set(brought: ValueType, kept: ValueType) -> bool:
    """Say whether a variable of the type `kept` keeps it where it takes such a result: of what is not known, any."""
    return brought == kept or (kept == ANY and brought.kind != "null")


def callable_in_a_plan(function: FunctionSignature) -> bool:
    """Say whether a plan can call `function`: its name is one in XML, and all that it must be given can be given."""
    named = NAME.fullmatch(function.full_name) is not None and ":" not in function.full_name
    return named and all(sayable(each) or not each.required for each in function.parameters)


def sayable(parameter: Parameter) -> bool:
    """Say whether a plan can give `parameter` a value: its name is no word of the language, and has no prefix."""
    return ":" not in parameter.name and parameter.name.lower() not in _RESERVED


def _several(item: str) -> str:
    return f'({item} (", " {item}){{0,{_LISTED}}})?'


def _joined(members: Iterable[str]) -> list[str]:
    found: list[str] = []
    for member in members:
        found += [quoted(", "), member] if found else [member]
    return found


def escaped(value: str) -> str:
    """Escape a value for an attribute in double quotes."""
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return value.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")


def quoted(literal: str) -> str:
    """Quote a literal as GBNF has it."""
    return '"' + literal.replace("\\", "\\\\").replace('"', '\\"') + '"'
