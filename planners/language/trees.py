"""The quick way to a plan: lxml reads the text, and one loop makes nodes of its tree, without places.

Only a text in which nothing is out of the ordinary comes through. Of any other `read_tree` returns None: the reader of
our own then says what is wrong with it, or that nothing is. So nothing is ever refused here, and what is accepted here
is the very plan that the other reader finds, without a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from .blocks import MAX_STEPS, ROUNDS
from .elements import BLOCKS, FUNCTION
from .grammar import DECLARATION, TYPES
from .nodes import MAX_DEPTH, ForEach, FunctionName, If, Input, Node, Plan, Step, While
from .scanning import NAME
from .steps import APPENDS, SETS
from .tuples import maker

if TYPE_CHECKING:
    from lxml.etree import XMLParser

__all__ = ["read_tree"]

_BREAK = re.compile(r"\n(?! {0,199}+(?:[<\n]|\Z))")  # before something other than a tag
_BREAK_IN_VALUE = re.compile(r"""=[ \n\t]*+(?:"[^"<\n\t]*+[\n\t]|'[^'<\n\t]*+[\n\t])""")
_WRITTEN_TEXT = re.compile(r">[ \n\t]*+(?:&#|<!\[CDATA\[)")
_VALUES = tuple(f"<{name}{blank}" for name in ("arg", "input") for blank in " \n\t")
_BLANK = " \n\t"
_SETS = "setContextVariable"
_MOST = 100
"""The most attributes of an element: lxml finds the value of each by looking at all before it."""

_new_step = maker(Step)


class _Unusual(Exception):  # noqa: N818 - no error: the other reader judges
    """Something that not every plan has."""


class _Element(Protocol):
    """An element or a comment, as lxml has it."""

    @property
    def tag(self) -> object: ...  # a name, or what makes comments
    @property
    def text(self) -> str | None: ...
    @property
    def tail(self) -> str | None: ...
    def keys(self) -> list[str]: ...
    def values(self) -> list[str]: ...
    def items(self) -> list[tuple[str, str]]: ...
    def __iter__(self) -> Iterator[_Element]: ...
    def __len__(self) -> int: ...


class _Shape(NamedTuple):
    """What the names of a step's attributes say: its arguments, and where the other two stand, `sets` out first."""

    arguments: tuple[str, ...]
    sets: int | None
    appends: int | None


def read_tree(text: str) -> Plan | None:
    """Return the plan that `text` is, or None where it is for the other reader to judge."""
    declaration = DECLARATION.match(text)
    body = text[declaration.end() :] if declaration else text
    if _is_unusual(body):
        return None
    from lxml.etree import XMLSyntaxError, fromstring

    try:
        root = fromstring(body.encode(), _parser())
        return _plan(cast("_Element", root), text)
    except (XMLSyntaxError, UnicodeEncodeError, _Unusual):
        return None


@lru_cache(maxsize=1)
def _parser() -> XMLParser:
    from lxml.etree import XMLParser

    return XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=False,
        remove_blank_text=False,
    )


def _is_unusual(text: str) -> bool:
    """Say whether `text` may hold what cannot be told from its tree; it may say so of a text that does not.

    That is a document type, an instruction, a namespace; a line end or a tab inside an attribute; blanks between
    elements that are written as CDATA or by number, and an empty CDATA section.
    """
    if not text.lstrip(_BLANK).startswith("<") or "xmlns" in text or "\0" in text:
        return True
    marked = "!" in text  # one character is found in a fraction of the time that several take
    if (marked and "<!DOCTYPE" in text) or ("?" in text and "<?" in text):
        return True
    if ("\t" in text or _BREAK.search(text)) and _BREAK_IN_VALUE.search(text):
        return True
    if not (marked and "<![CDATA[" in text) and not ("&" in text and "&#" in text):
        return False
    return "<![CDATA[]]>" in text or not all(_is_value(text, found.start()) for found in _WRITTEN_TEXT.finditer(text))


def _is_value(text: str, at: int) -> bool:
    """Say whether the `>` at this offset ends a tag after which any text may stand."""
    tag = text.rfind("<", 0, at)
    return text.startswith(_VALUES, tag) and text.find(">", tag, at) < 0


def _plan(root: _Element, source: str) -> Plan:
    if root.tag != "plan":
        raise _Unusual
    goal = _attributes(root, "goal").get("goal", "")
    tree = _Tree()
    steps = tree.nodes(root, 1)
    return Plan(goal, tuple(tree.inputs.values()), steps, remark=tree.take_comments(), source=source)


class _Tree:
    """One tree being read: its inputs, the comments since the last node, and what its steps share."""

    def __init__(self) -> None:
        self.inputs: dict[str, Input] = {}
        self.comments: list[str] = []
        self.functions: dict[object, FunctionName] = {}
        self.shapes: dict[tuple[str, ...], _Shape] = {}
        self.count = 0

    def take_comments(self) -> str:
        joined = "\n".join(self.comments)
        self.comments.clear()
        return joined

    def nodes(self, parent: _Element, depth: int) -> tuple[Node, ...]:
        """Return the steps and blocks that stand in an element of this depth: there is one at least."""
        if depth > MAX_DEPTH or _filled(parent.text):
            raise _Unusual
        nodes: list[Node] = []
        comments, functions, shapes = self.comments, self.functions, self.shapes
        open_if = False
        for element in parent:
            tail = element.tail
            if tail is not None and tail.strip(_BLANK):
                raise _Unusual
            function = functions.get(element.tag)
            if function is None:
                tag = element.tag
                if not isinstance(tag, str):
                    _add_comment(element, comments)
                    continue
                if tag in BLOCKS:
                    self._add_block(element, tag, nodes, depth, after_if=open_if)
                    open_if = tag == "if"
                    continue
                if tag == "input" and depth == 1:
                    _add_input(element, self.inputs)
                    open_if = False
                    continue
                function = functions[tag] = _function(tag)
            open_if = False
            names = tuple(element.keys())
            shape = shapes.get(names)
            if shape is None:
                shape = shapes[names] = _shape(names)
            values = element.values()
            names, sets_at, appends_at = shape
            sets = None if sets_at is None else _variable(values.pop(sets_at))
            appends = None if appends_at is None else _key(values.pop(appends_at))
            if element.text is not None or len(element):
                names, sets, appends = _inside(element, comments, names, values, sets=sets, appends=appends)
            rationale = ""
            if comments:
                rationale = "\n".join(comments)
                comments.clear()
            nodes.append(_new_step((function, names, tuple(values), sets, appends, rationale, None, (), None, None)))
        self.count += len(nodes)
        if not nodes or self.count > MAX_STEPS:
            raise _Unusual
        return tuple(nodes)

    def _add_block(self, element: _Element, tag: str, nodes: list[Node], depth: int, *, after_if: bool) -> None:
        if tag == "else":
            last = nodes[-1] if nodes else None
            if not (after_if and isinstance(last, If)):
                raise _Unusual
            _attributes(element)
            nodes[-1] = replace(last, otherwise=self.nodes(element, depth + 1))
            return
        rationale = self.take_comments()
        body = self.nodes(element, depth + 1)
        match tag:
            case "if":
                nodes.append(If(_test(_attributes(element, "test")), body, rationale=rationale))
            case "while":
                given = _attributes(element, "test", "max")
                nodes.append(While(_test(given), _rounds(given.get("max", "")), body, rationale))
            case _:
                nodes.append(_foreach(element, body, rationale))


def _foreach(element: _Element, body: tuple[Node, ...], rationale: str) -> ForEach:
    given = {_SETS if name.lower() == SETS else name: value for name, value in element.items()}
    if len(given) < len(element.keys()) or not {"item", "in"} <= given.keys() <= {"item", "in", "max", _SETS}:
        raise _Unusual
    if not given["in"].strip():
        raise _Unusual
    most = _rounds(given["max"]) if "max" in given else None
    sets = _variable(given[_SETS]) if _SETS in given else None
    return ForEach(_variable(given["item"]), given["in"], body, most, sets, rationale)


def _test(given: dict[str, str]) -> str:
    """Return a test in which nothing stands that no expression has."""
    test = given.get("test", "")
    if not test.strip() or "$" in test or "{{" in test:
        raise _Unusual
    return test


def _rounds(text: str) -> int:
    if not ROUNDS.fullmatch(text):
        raise _Unusual
    return int(text)


def _filled(text: str | None) -> bool:
    return text is not None and bool(text.strip(_BLANK))


def _attributes(element: _Element, *known: str) -> dict[str, str]:
    if not set(known).issuperset(element.keys()):
        raise _Unusual
    return dict(element.items())


@lru_cache(maxsize=1)
def _comment() -> object:
    """Return what lxml has for the tag of a comment."""
    from lxml.etree import Comment

    return Comment


def _add_comment(element: _Element, comments: list[str]) -> None:
    if element.tag is not _comment():
        raise _Unusual
    if text := (element.text or "").strip():
        comments.append(text)


def _function(tag: str) -> FunctionName:
    name = tag.removeprefix(FUNCTION)
    if not name or name == tag or not _is_plain(tag):
        raise _Unusual
    return FunctionName(name)


def _is_plain(name: str) -> bool:
    """Say whether a name has no namespace, and both readers take it for a name."""
    return ":" not in name and NAME.fullmatch(name) is not None


def _shape(names: tuple[str, ...]) -> _Shape:
    """Return what the attributes of these names are."""
    keys = [name.lower() for name in names]
    if len(set(keys)) < len(keys) or len(keys) > _MOST or not all(map(_is_plain, names)):
        raise _Unusual
    sets = keys.index(SETS) if SETS in keys else None
    if sets is not None:
        del keys[sets]
    appends = keys.index(APPENDS) if APPENDS in keys else None
    return _Shape(tuple(name for name in names if name.lower() not in (SETS, APPENDS)), sets, appends)


def _variable(name: str) -> str:
    if not (name.isascii() and name.isidentifier()):
        raise _Unusual
    return name


def _key(key: str) -> str:
    if key.startswith("$") or not key.strip():
        raise _Unusual
    return key


def _inside(
    element: _Element,
    comments: list[str],
    names: tuple[str, ...],
    values: list[str],
    *,
    sets: str | None,
    appends: str | None,
) -> tuple[tuple[str, ...], str | None, str | None]:
    """Add what stands inside the element of a step to its comments and its values; return the rest."""
    taken = {name.lower() for name in names}
    taken |= {word for word, given in ((SETS, sets), (APPENDS, appends)) if given is not None}
    if _filled(element.text):
        raise _Unusual
    added: list[str] = []
    for child in element:
        if _filled(child.tail):
            raise _Unusual
        if child.tag != "arg":
            _add_comment(child, comments)
            continue
        if child.keys() != ["name"] or len(child):
            raise _Unusual
        name, value = child.values()[0], child.text or ""
        key = name.lower()
        if not name.strip() or ":" in name or key == "xmlns" or key in taken:
            raise _Unusual
        taken.add(key)
        if key == SETS:
            sets = _variable(value)
        elif key == APPENDS:
            appends = _key(value)
        else:
            added.append(name)
            values.append(value)
    return (*names, *added), sets, appends


def _add_input(element: _Element, inputs: dict[str, Input]) -> None:
    given = _attributes(element, "name", "type", "description")
    name, kind = _variable(given.get("name", "")), given.get("type", "string")
    if len(element) or kind not in TYPES or name.lower() in inputs:
        raise _Unusual
    inputs[name.lower()] = Input(name, element.text, kind, given.get("description", ""))
