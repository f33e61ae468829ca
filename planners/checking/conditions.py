"""Conditions: the tests of `<if>` and `<while>`, which are Jinja2 expressions over the variables.

Jinja2 reads them, and nothing of it runs: a test is worked out here, from data alone, the same way every time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from forethought.kernel.errors import ConditionError
from forethought.kernel.values import PathPart

from .expressions import Evaluate, Refused, compiled, ensured, mentions
from .operations import Fault, truth

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.sandbox import SandboxedEnvironment

__all__ = ["MAX_TEST", "MAX_TESTS", "UNREAD", "Condition", "Flaw", "Named", "parse_condition"]

MAX_TEST = 2_000
"""The most characters of a test."""

MAX_TESTS = 200_000
"""The most characters of all tests of a plan together, equal ones counted once: so many are read in a second or two."""

_MAX_TOKENS = 400
_MAX_DEPTH = 16
_MAX_LEVELS = 100
_MEANT = {"&": "and", "!": "not", "=": "=="}


class Named(NamedTuple):
    """A variable that a test mentions, as written, with the path after it as far as that is written out.

    `offset` is where it stands in the test. `guarded` says that it may be missing: `default` or `is defined` looks at
    it.
    """

    name: str
    path: tuple[PathPart, ...]
    offset: int
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a text is no test: a sentence, the stretch of the text that is to blame, the way out if there is one."""

    ensures: ClassVar[frozenset[str]] = frozenset()
    spares: ClassVar[frozenset[str]] = frozenset()
    message: str
    offset: int
    length: int
    hint: str | None = None


UNREAD = Flaw("the tests of the plan are too long together", 0, 0)
"""What a test is that comes after the most that are read."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A test that has been read: its `source`, and the variables it mentions, in order.

    `ensures` are the lower-case names of the variables that are set where the test holds, for it asks whether they are;
    `spares` those that are set where it does not.
    """

    source: str
    names: tuple[Named, ...]
    ensures: frozenset[str]
    spares: frozenset[str]
    _evaluate: Evaluate = field(compare=False, repr=False)

    @property
    def constant(self) -> bool | None:
        """What the test is whatever the variables are; None where it mentions one, or cannot be worked out."""
        try:
            return None if self.names else self.holds({})
        except ConditionError:
            return None

    def holds(self, values: Mapping[str, object]) -> bool:
        """Say whether the test holds for variables by their lower-case names; raises ConditionError.

        What cannot be worked out is never False.
        """
        try:
            return truth(self._evaluate(values))
        except Fault as fault:
            raise ConditionError(self.source, fault.reason, fault.hint) from fault
        except Exception as error:  # a value may be a foreign object, whose own code runs where it is read
            raise ConditionError(self.source, f"a value cannot be read ({type(error).__name__}: {error})") from error


@lru_cache(maxsize=1024)
def parse_condition(source: str) -> Condition | Flaw:
    """Read a test, or say what is wrong with it. Never raises."""
    if not source.strip():
        return Flaw("the test is empty", 0, len(source), "write what must hold: COUNT > 3")
    if len(source) > MAX_TEST:
        return Flaw(f"the test has {len(source):,} characters, and at most {MAX_TEST:,} are allowed", 0, 1)
    source_read = source.replace("\r", " ").replace("\n", " ")
    try:
        tree = _Reading(source_read).expression()
        if _levels(tree) > _MAX_LEVELS:
            raise Refused("the test is nested too deep, or too long a chain", 0)
        _refuse_text(tree)
        evaluate = compiled(tree)
        names = tuple([Named(*each) for each in mentions(tree)])
    except Refused as refused:
        return Flaw(refused.message, refused.offset, _word_at(source_read, refused.offset), refused.hint)
    ensures, spares = (frozenset(ensured(tree, holds=holds)) for holds in (True, False))
    return Condition(source, names, ensures, spares, evaluate)


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment()


class _Reading:
    """Jinja2's parser over one expression, in which the line of every token is its offset."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0

    def expression(self) -> nodes.Expr:
        from jinja2 import TemplateSyntaxError
        from jinja2.lexer import TokenStream
        from jinja2.parser import Parser

        environment = _environment()
        try:
            tokens = list(self._tokens(environment.lexer.tokeniter(self._source, None, None, "variable")))
            parser = Parser(environment, "")
            parser.stream = TokenStream(environment.lexer.wrap(tokens), None, None)
            tree = parser.parse_expression()
            if not parser.stream.eos:
                parser.fail(f"unexpected '{parser.stream.current.value}'")
        except TemplateSyntaxError as error:
            raise self._refused(error.message or "it is no expression", error.lineno) from error
        except RecursionError as error:
            raise Refused("the test is nested too deep", 0) from error
        return tree

    def _tokens(self, found: Iterator[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
        depth = count = 0
        for _, kind, text in found:
            yield self._at, kind, text
            count += kind != "whitespace"
            depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
            if depth > _MAX_DEPTH or count > _MAX_TOKENS:
                raise Refused("the test is nested too deep" if depth > _MAX_DEPTH else "the test is too long", self._at)
            self._at += len(text)

    def _refused(self, message: str, offset: int) -> Refused:
        """Return what Jinja2 says, in our words; what its lexer cannot read stands where it stopped."""
        if message.startswith(("unexpected char", "unexpected '}'", "unexpected ')'", "unexpected ']'")):
            offset = self._at
        at = min(offset, max(0, len(self._source) - 1))
        if "end of print statement" in message or "end of template" in message:
            return Refused("the test breaks off", at)
        return Refused(f"the test cannot be read at '{_word(self._source, at)}'", at, _meant(self._source, at))


def _meant(source: str, at: int) -> str | None:
    """Return the way out where a sign of another language stands."""
    if source[at] == "$":
        return f"write '{_word(source, at + 1)}' without '$'"
    if source[at] in "{}" and "{{" in source:
        return "write the test without '{{' and '}}'"
    before = source[max(0, at - 1) : at + 1]
    meant = {"||": "or", "<>": "!="}.get(before) or _MEANT.get(source[at])
    return f"write '{meant}'" if meant else None


def _refuse_text(tree: nodes.Node) -> None:
    """Refuse a written text that would count as true or false, and is neither: the second in `A == 'x' or 'y'`."""
    from jinja2 import nodes

    match tree:
        case nodes.And(left=left, right=right) | nodes.Or(left=left, right=right):
            parts = [left, right]
        case nodes.Not(node=inner):
            parts = [inner]
        case _:
            return
    for part in parts:
        if isinstance(part, nodes.Const) and isinstance(part.value, str):
            try:
                truth(part.value)
            except Fault as fault:
                raise Refused(fault.reason, part.lineno, fault.hint) from fault
        _refuse_text(part)


def _levels(tree: nodes.Node) -> int:
    """Return how many levels a tree has; by no recursion, for it may be deep."""
    levels, level = 0, [tree]
    while level:
        levels += 1
        level = [child for node in level for child in node.iter_child_nodes()]
    return levels


def _word(source: str, offset: int) -> str:
    return source[offset : offset + _word_at(source, offset)]


def _word_at(source: str, offset: int) -> int:
    """Return the length of the word, or else the one sign, that stands at `offset`."""
    end = offset
    while end < len(source) and (source[end].isalnum() or source[end] == "_"):
        end += 1
    return max(1, end - offset)
