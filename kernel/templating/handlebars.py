"""The Handlebars language, read into nodes: no code is generated and nothing is looked up.

    template = { text | comment | output | block }
    output   = "{{" expression "}}" | "{{{" expression "}}}" | "{{&" expression "}}"
    block    = "{{#" expression [ "as |" names "|" ] "}}" template [ else ] "{{/" name "}}"
             | "{{^" expression "}}" template [ else ] "{{/" name "}}"
    else     = "{{else" [ expression ] "}}" template
    expression = ( path | constant ) { value } { name "=" value }
    value    = path | constant | "(" expression ")"

Whitespace control (`{{~x~}}`), lines that hold nothing but a block's tag, and `\\{{` read as in Handlebars. Partials
are refused: a prompt is one file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .formats import TemplateError, line_counter

__all__ = ["Block", "Constant", "Expression", "Node", "Output", "Path", "Text", "Value", "read"]

_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Text:
    """Text that stands for itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Path:
    """A way to a value: `name.field`, `../name`, `@index`, `this`; `up` counts the `../`, `text` is as written."""

    segments: tuple[str, ...]
    up: int
    data: bool
    text: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A quoted text, number, true, false, null or undefined."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Expression:
    """A value, or a helper or function with its arguments."""

    head: Path | Constant
    arguments: tuple[Value, ...]
    named: tuple[tuple[str, Value], ...]
    line: int


Value = Path | Constant | Expression


@dataclass(frozen=True, slots=True)
class Output:
    """`{{…}}`: what the expression gives is written."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Block:
    """`{{#…}}`: what becomes of `body` and `otherwise` is for its helper to say; `names` are those after `as`."""

    expression: Expression
    names: tuple[str, ...]
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


Node = Text | Output | Block


@dataclass(frozen=True, slots=True)
class _Tag:
    kind: str  # "" output, "#" block, "^" inverse, "/" end, "!" comment, ">" partial
    code: str
    line: int
    trims_left: bool
    trims_right: bool


_QUOTED = r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"""
_TAG = re.compile(
    rf"""\{{\{{(?P<left>~)?(?:!--(?P<long>.*?)--|!(?P<short>.*?)
    |\{{(?P<triple>(?:{_QUOTED}|[^"'}}])*)\}}
    |(?!\{{)(?P<kind>[\#^/>&]?)(?P<code>(?:{_QUOTED}|[^"'}}]|\}}(?!\}}))*?))(?P<right>~)?\}}\}}""",
    re.DOTALL | re.VERBOSE,
)
_WORD = re.compile(
    rf"""\s*(?:(?P<quoted>{_QUOTED})|(?P<open>\()|(?P<close>\))
    |(?P<name>[\w-]+)=|(?P<path>(?:\[[^\]]*\]|[^\s()=|"'\[\]])+))""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "undefined": None}


def read(template: str) -> tuple[Node, ...]:
    """Read a template into nodes; raises TemplateError, with its line, for one that cannot be read."""
    return _Reader(template).nodes


class _Reader:
    def __init__(self, template: str) -> None:
        self._items = _trimmed(_split(template))
        self._at = 0
        self.nodes, end = self._body(0)
        if end is not None:
            raise TemplateError(f"'{{{{{end.kind}{end.code}}}}}' ends no block", end.line)

    def _body(self, depth: int) -> tuple[tuple[Node, ...], _Tag | None]:
        """Read up to the tag that ends this body: an else, an end, or None at the end of the text."""
        nodes: list[Node] = []
        while self._at < len(self._items):
            item = self._items[self._at]
            self._at += 1
            if isinstance(item, str):
                if item:
                    nodes.append(Text(item))
                continue
            match item.kind:
                case "!":
                    continue
                case "#":
                    nodes.append(self._block(item, depth + 1))
                case "^" if item.code.strip():
                    nodes.append(self._block(item, depth + 1))
                case ">":
                    raise TemplateError(
                        f"the partial '{item.code.strip()}' cannot be used: a prompt is one file", item.line
                    )
                case "":
                    if _is_else(item):
                        return tuple(nodes), item
                    nodes.append(Output(_expression(item.code, item.line)))
                case _:
                    return tuple(nodes), item
        return tuple(nodes), None

    def _block(self, tag: _Tag, depth: int, opened: _Tag | None = None) -> Block:
        """Read a block from its first tag on; for `{{else if …}}`, `opened` is the tag whose end ends it, too."""
        if depth > _DEPTH:
            raise TemplateError(f"blocks are nested more than {_DEPTH} deep", tag.line)
        code, names = _without_names(tag)
        expression = _expression(code, tag.line)
        first = opened or tag
        body, end = self._body(depth)
        otherwise: tuple[Node, ...] = ()
        if end is not None and (end.kind == "^" or _is_else(end)):
            chained = end.code.strip().removeprefix("else").strip() if end.kind == "" else ""
            if chained:
                otherwise = (self._block(replace(end, kind="#", code=chained), depth + 1, first),)
                return Block(expression, names, body, otherwise)
            otherwise, end = self._body(depth)
        name = _without_names(first)[0].split()[0]
        if end is None:
            raise TemplateError(f"'{{{{{first.kind}{first.code}}}}}' has no '{{{{/{name}}}}}'", first.line)
        if end.kind != "/" or end.code.strip() != name:
            shown = f"{end.kind}{end.code}"
            raise TemplateError(
                f"'{{{{{shown}}}}}' stands where '{{{{/{name}}}}}' of line {first.line} should", end.line
            )
        if tag.kind == "^":
            body, otherwise = otherwise, body
        return Block(expression, names, body, otherwise)


def _is_else(tag: _Tag) -> bool:
    return not tag.code.strip() if tag.kind == "^" else tag.kind == "" and tag.code.split()[:1] == ["else"]


def _without_names(tag: _Tag) -> tuple[str, tuple[str, ...]]:
    code, _, names = tag.code.partition(" as |")
    if not code.strip():
        raise TemplateError(f"'{{{{{tag.kind}{tag.code}}}}}' names nothing", tag.line)
    return code.strip(), tuple(names.rstrip().removesuffix("|").split())


def _split(template: str) -> list[str | _Tag]:
    """Divide a template into text, tag, text, …, text."""
    items: list[str | _Tag] = []
    line_of = line_counter(template)
    text: list[str] = []
    at = 0
    while (start := template.find("{{", at)) >= 0:
        if start > at and template[start - 1] == "\\":
            text += [template[at : start - 1], "{{"]
            at = start + 2
            continue
        text.append(template[at:start])
        line = line_of(start)
        found = _TAG.match(template, start)
        if found is None:
            raise TemplateError("'{{' is not closed by '}}'", line)
        kind = "!" if found["long"] is not None or found["short"] is not None else (found["kind"] or "").strip("&")
        code = found["triple"] if found["triple"] is not None else found["code"] or ""
        items += ["".join(text), _Tag(kind, code, line, bool(found["left"]), bool(found["right"]))]
        text, at = [], found.end()
    return [*items, "".join((*text, template[at:]))]


def _trimmed(items: list[str | _Tag]) -> list[str | _Tag]:
    """Apply `~`, and drop the line ends and blanks around a tag that writes nothing and stands alone on its line."""
    trimmed = list(items)
    for at in range(1, len(items), 2):
        tag, before, after = items[at], str(items[at - 1]), str(items[at + 1])
        assert isinstance(tag, _Tag)
        first, last = at == 1, at == len(items) - 2
        silent = tag.kind in ("#", "^", "/", "!") or _is_else(tag)
        starts = re.search(r"(?:\n|\A)[ \t]*\Z" if first else r"\n[ \t]*\Z", before)
        ends = re.match(r"[ \t]*(?:\r?\n|\Z)" if last else r"[ \t]*\r?\n", after)
        left, right = str(trimmed[at - 1]), str(trimmed[at + 1])
        if silent and starts and ends:
            left, right = left.rstrip(" \t"), right[ends.end() :]
        trimmed[at - 1] = left.rstrip() if tag.trims_left else left
        trimmed[at + 1] = right.lstrip() if tag.trims_right else right
    return trimmed


def _expression(code: str, line: int) -> Expression:
    words = _words(code, line)
    expression, at = _call(words, 0, code, line, 0)
    if at < len(words):
        raise TemplateError(f"'{{{{{code}}}}}' has a ')' without its '('", line)
    return expression


def _words(code: str, line: int) -> list[tuple[str, str]]:
    words: list[tuple[str, str]] = []
    at, end = 0, len(code.rstrip())
    while at < end:
        found = _WORD.match(code, at)
        if found is None:
            raise TemplateError(f"'{{{{{code}}}}}' cannot be read at '{code[at:].strip()}'", line)
        kind = found.lastgroup or ""
        words.append((kind, found[kind]))
        at = found.end()
    return words


def _call(words: list[tuple[str, str]], at: int, code: str, line: int, depth: int) -> tuple[Expression, int]:
    """Read a head and its arguments up to a `)` or the end."""
    if at >= len(words) or words[at][0] not in ("path", "quoted"):
        raise TemplateError(f"'{{{{{code}}}}}' names nothing", line)
    if depth > _DEPTH:
        raise TemplateError(f"parentheses are nested more than {_DEPTH} deep", line)
    head = _simple(words[at], code, line)
    at += 1
    arguments: list[Value] = []
    named: list[tuple[str, Value]] = []
    while at < len(words) and words[at][0] != "close":
        name = None
        if words[at][0] == "name":
            name = words[at][1]
            at += 1
            if at >= len(words) or words[at][0] in ("close", "name"):
                raise TemplateError(f"'{{{{{code}}}}}': '{name}=' has no value", line)
        value: Value
        if words[at][0] == "open":
            value, at = _call(words, at + 1, code, line, depth + 1)
            if at >= len(words):
                raise TemplateError(f"'{{{{{code}}}}}' has a '(' without its ')'", line)
            at += 1
        else:
            value = _simple(words[at], code, line)
            at += 1
        if name is None:
            arguments.append(value)
        else:
            named.append((name, value))
    return Expression(head, tuple(arguments), tuple(named), line), at


def _simple(word: tuple[str, str], code: str, line: int) -> Path | Constant:
    kind, text = word
    if kind == "quoted":
        return Constant(re.sub(r"""\\(["'\\])""", r"\1", text[1:-1]))
    if text in _CONSTANTS:
        return Constant(_CONSTANTS[text])
    if _NUMBER.fullmatch(text):
        try:
            return Constant(float(text) if "." in text else int(text))
        except ValueError as error:  # Python reads whole numbers of up to 4,300 digits
            raise TemplateError(f"'{{{{{code}}}}}': a number has too many digits", line) from error
    return _path(text)


def _path(text: str) -> Path:
    """Read `../a.[b c].d`, `@root.a`, `this.a`, `.`; a slash divides as a dot does."""
    data = text.startswith("@")
    rest = text.removeprefix("@")
    ups = re.match(r"(?:\.\./)*(?:\.\.\Z)?", rest)
    climbed = ups.end() if ups else 0
    bare = re.sub(r"^(?:this\b|\.(?=/|$))[./]?", "", rest[climbed:])
    parts = re.findall(r"\[[^\]]*\]|[^./\[\]]+", bare)
    return Path(tuple(part.strip("[]") for part in parts), (climbed + 1) // 3, data, text)
