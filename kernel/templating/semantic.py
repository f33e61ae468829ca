"""Semantic Kernel's own template language: text with `{{$variable}}`, `{{"literal"}}` and `{{Plugin.function …}}`.

    template = { text | "{{" code "}}" }
    code     = value | function [ value ] { name "=" value }
    value    = "$" name | quoted text

A `{{` that nothing closes is text, and so is an empty `{{}}`, as in Semantic Kernel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .formats import TemplateError, line_counter

__all__ = ["Call", "Literal", "Node", "Text", "Variable", "read"]


@dataclass(frozen=True, slots=True)
class Text:
    """Text that stands for itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`, as it was spelled; names ignore case."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Literal:
    """Quoted text, without its quotes."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function by name with its arguments; an unnamed argument is named `input`."""

    function: str
    arguments: tuple[tuple[str, Variable | Literal], ...]
    line: int


Node = Text | Variable | Literal | Call

_QUOTED = r""""(?:\\["'\\]|[^"])*"|'(?:\\["'\\]|[^'])*'"""
_TOKEN = re.compile(
    rf"\s*(?:(?P<quoted>{_QUOTED})|\$(?P<variable>\w*)|(?P<name>\w+)\s*=\s*(?=[$\"'])|(?P<function>[\w.]+))",
    re.ASCII,
)
_FUNCTION = re.compile(r"(?:\w+\.)?\w+", re.ASCII)


def read(template: str) -> tuple[Node, ...]:
    """Read a template into nodes; raises TemplateError for code that is none."""
    nodes: list[Node] = []
    line_of = line_counter(template)
    done = 0
    for start, end in _blocks(template):
        code = template[start + 2 : end - 2]
        if not code.strip():
            continue
        if start > done:
            nodes.append(Text(template[done:start]))
        nodes.append(_code(code, line_of(start)))
        done = end
    if done < len(template):
        nodes.append(Text(template[done:]))
    return tuple(nodes)


def _blocks(template: str) -> list[tuple[int, int]]:
    """Find each `{{…}}`: it starts at the last `{{` before its end, and quoted text cannot end it."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    quote = ""
    at = 0
    while at < len(template):
        two = template[at : at + 2]
        if quote:
            if two[0] == "\\" and two[1:] in ("\\", '"', "'"):
                at += 1
            elif two[0] == quote:
                quote = ""
        elif two == "{{":
            start = at
        elif start is not None and at >= start + 2:
            if two == "}}":
                found.append((start, at + 2))
                start = None
                at += 1
            elif two[0] in "\"'":
                quote = two[0]
        at += 1
    return found


def _code(code: str, line: int) -> Node:
    tokens = _tokens(code, line)
    match tokens[0]:
        case Variable() | Literal() as value:
            if len(tokens) > 1:
                raise TemplateError(f"'{{{{{code}}}}}' says more than one value", line)
            return value
        case (str() as name, None):
            return _call(code, name, tokens[1:], line)
        case (str() as name, _):
            raise TemplateError(f"'{{{{{code}}}}}' names the argument '{name}' of no function", line)


_Token = Variable | Literal | tuple[str, Variable | Literal | None]


def _call(code: str, function: str, tokens: list[_Token], line: int) -> Call:
    if not _FUNCTION.fullmatch(function):
        raise TemplateError(f"'{function}' is not the name of a function", line)
    arguments: dict[str, tuple[str, Variable | Literal]] = {}
    for position, token in enumerate(tokens):
        match token:
            case Variable() | Literal() as value:
                name = "input"
                if position:
                    raise TemplateError(f"'{{{{{code}}}}}': only the first argument may go without a name", line)
            case (str() as word, None):
                raise TemplateError(f"'{{{{{code}}}}}': '{word}' is neither $variable, 'text' nor name=value", line)
            case (str() as name, Variable() | Literal() as value):
                pass
        if name.lower() in arguments:
            raise TemplateError(f"'{{{{{code}}}}}': the argument '{name}' is given twice", line)
        arguments[name.lower()] = (name, value)
    return Call(function, tuple(arguments.values()), line)


def _tokens(code: str, line: int) -> list[_Token]:
    """Read the words of a code block: values, bare words as (word, None), and named arguments as (name, value)."""
    tokens: list[_Token] = []
    named: str | None = None
    at = 0
    end = len(code.rstrip())
    while at < end:
        found = _TOKEN.match(code, at)
        if found is None or (at and named is None and found[0][:1].strip()):
            raise TemplateError(f"'{{{{{code}}}}}' cannot be read at '{code[at:].strip()}'", line)
        at = found.end()
        value: Variable | Literal | None = None
        if found["quoted"] is not None:
            value = Literal(re.sub(r"""\\(["'\\])""", r"\1", found["quoted"][1:-1]))
        elif found["variable"] is not None:
            if not found["variable"]:
                raise TemplateError(f"'{{{{{code}}}}}': a variable needs a name after '$'", line)
            value = Variable(found["variable"], line)
        elif found["name"] is not None:
            named = found["name"]
            continue
        if value is None:
            tokens.append((found["function"], None))
        else:
            tokens.append(value if named is None else (named, value))
        named = None
    return tokens
