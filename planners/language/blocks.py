"""Blocks from tokens: `<if>` and its `<else>`, `<foreach>`, `<while>`, and the steps and blocks that stand in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from forethought.kernel.problems import Place

from .expressions import PATH, read_test
from .nodes import MAX_DEPTH, ForEach, If, Node, While
from .scanning import Attribute, Chars, Close, Comment, Tag
from .steps import SETS, Steps

__all__ = ["MAX_ROUNDS", "MAX_STEPS", "ROUNDS", "Blocks", "Body"]

MAX_STEPS = 10_000
"""The most steps and blocks a plan may have, those in blocks as well."""

MAX_ROUNDS = 10_000
"""The most that `max` of a loop may say."""

ROUNDS = re.compile(r"[1-9][0-9]{0,3}|10000")
"""A whole number from 1 to MAX_ROUNDS."""

_ATTRIBUTES = {
    "if": ("test",),
    "elseif": ("test",),
    "else": (),
    "foreach": ("item", "in", "max", "setContextVariable"),
    "while": ("test", "max"),
}
_WRITTEN = {  # in a reply, under the names that other languages have
    "item": ("itemvariable", "item_variable", "var", "variable", "as", "each"),
    "in": ("list", "items", "collection", "over", "of"),
    "test": ("condition", "cond", "expression", "if"),
    "max": ("maxiterations", "max_iterations"),
}
_MEANT = {written: meant for meant, names in _WRITTEN.items() for written in names}
_LIST = re.compile(rf"\{{\{{[ \n\t]*+\$?({PATH.pattern})[ \n\t]*+\}}\}}|({PATH.pattern})")


@dataclass(slots=True)
class Body:
    """What has been read of the inside of a plan or a block.

    `branches` are the `<if>` that has just been read, and those that a reply has in its `<else>` with a name of their
    own: another `<else>` belongs to the last. `within` says that they, as a reply has it, still stand inside the
    `<if>`, whose end tag is to come.
    """

    nodes: list[Node] = field(default_factory=list[Node])
    branches: list[If] = field(default_factory=list[If])
    had_else: bool = False
    within: bool = False

    def end_if(self, otherwise: tuple[Node, ...] = (), place: Place | None = None) -> None:
        """The `<if>` that has just been read has no other branch than this."""
        while self.branches:
            branch = replace(self.branches.pop(), otherwise=otherwise, else_place=place)
            otherwise, place = (branch,), branch.place
            if not self.branches:
                self.nodes.append(branch)

    def is_one(self) -> bool:
        """Say whether there is at most one node: then a missing end tag can have only one place."""
        return len(self.nodes) + bool(self.branches) <= 1


class Blocks(Steps):
    """Reads the elements that hold steps; `count` is how many nodes there are so far."""

    count = 0

    def node(self, tag: Tag, body: Body, depth: int) -> bool:
        """node = step | if [ else ] | foreach | while ; False where the tag begins none of them."""
        if (skip := self.prefix(tag.name)) is not None:
            self._begin(tag, body)
            body.nodes.append(self.step(tag, skip))
            return True
        match self.ours(tag):
            case "if":
                self._begin(tag, body)
                body.branches.append(self._if(tag, body, depth))
            case "foreach":
                self._begin(tag, body)
                body.nodes.append(self._foreach(tag, depth))
            case "while":
                self._begin(tag, body)
                body.nodes.append(self._while(tag, depth))
            case "else":
                self._else(tag, body, depth)
            case "elseif" if self.report.lenient:
                self._else(tag, body, depth)
            case _:
                return False
        return True

    def ends(self, close: Close, tag: Tag, body: Body, *, sure: bool) -> bool:
        """Say whether `close` ends the element that `tag` began, as `closes` does.

        Where an `<else>` is read as standing after its `<if>`, the end tag of that ends nothing any more.
        """
        name = self.meant(close.name)
        if body.within and name == "if":
            body.within = False
            return False
        if name == "else" and tag.name == "elseif":
            close.name = "elseif"
        return self.closes(close, tag, sure=sure)

    def _begin(self, tag: Tag, body: Body) -> None:
        body.end_if()
        if body.within:
            message, hint = f"'{tag.name}' stands after 'else' inside 'if'", "write </if> before <else>"
            self.report.add("misplaced-else", message, tag.at, tag.width, hint=hint)
            body.within = False
        body.had_else = False
        self._count(tag)

    def _count(self, tag: Tag) -> None:
        self.count += 1
        if self.count > MAX_STEPS:
            message = f"the plan has more than {MAX_STEPS:,} steps"
            raise self.report.stop("too-many-steps", message, tag.at, tag.width)

    def _if(self, tag: Tag, body: Body, depth: int) -> If:
        """if = "<if" test ">" inside "</if>" ."""
        rationale, place = self.take_comments(), self._place(tag)
        test, test_place = self._test(tag, self._given(tag))
        then, cut = self._inside(tag, depth, sure=body.within)
        body.within |= cut
        return If(test, then, (), rationale, place, test_place)

    def _else(self, tag: Tag, body: Body, depth: int) -> None:
        """else = "<else>" inside "</else>" ; in a reply one with a test is an `<if>` in it."""
        place, within = self._place(tag), body.within
        if body.branches:
            depth += len(body.branches) - 1
        else:
            message, hint = "'else' stands after no 'if'", "write it directly after </if>"
            if body.had_else:
                message, hint = "a second 'else' stands after an 'if'", "an 'if' has one"
            self.report.add("misplaced-else", message, tag.at, tag.width, hint=hint)
        if within:
            self.open.append("if")
        if tag.name == "elseif" or (self.report.lenient and tag.attributes):
            tag.name, tag.written = "elseif", tag.written or tag.name
            message = f"'{tag.written}' with a test is read as an 'if' in an 'else'"
            self.report.note("misspelt-element", message, tag.at, tag.width)
            self._count(tag)
            branch = self._if(tag, body, depth + 1)
            if body.branches:
                body.branches.append(branch)
        else:
            self._given(tag)
            otherwise, _ = self._inside(tag, depth, sure=within)
            body.had_else = bool(body.branches)
            body.end_if(otherwise, place)
        if within:
            self.open.pop()

    def _foreach(self, tag: Tag, depth: int) -> ForEach:
        """foreach = "<foreach" item in [ max ] [ setContextVariable ] ">" inside "</foreach>" ."""
        rationale, place = self.take_comments(), self._place(tag)
        given = self._given(tag)
        item, over, sets = given.get("item"), given.get("in"), given.get("setContextVariable")
        if item is None:
            self.missing(tag, "item")
        if over is None or not over.value.strip():
            self.missing(tag, "in")
        variable = self.variable(sets) if sets else None
        place_of = self._value_place
        return ForEach(
            self.identifier(item, "the item") if item else "",
            self._list(over) if over else "",
            max=self._max(given.get("max")),
            sets=variable,
            body=self._inside(tag, depth)[0],
            rationale=rationale,
            place=place,
            item_place=place_of(item),
            over_place=place_of(over),
            max_place=place_of(given.get("max")),
            sets_place=place_of(sets) if variable else None,
        )

    def _while(self, tag: Tag, depth: int) -> While:
        """while = "<while" test max ">" inside "</while>" ."""
        rationale, place = self.take_comments(), self._place(tag)
        given = self._given(tag)
        test, test_place = self._test(tag, given)
        if "max" not in given:
            self.missing(tag, "max")
        most, most_place = self._max(given.get("max")), self._value_place(given.get("max"))
        body, _ = self._inside(tag, depth)
        return While(test, most or 0, body, rationale, place, test_place, most_place)

    def _inside(self, tag: Tag, depth: int, *, sure: bool = False) -> tuple[tuple[Node, ...], bool]:
        """inside = node { node | comment } ; the second value says that a reply has the `<else>` of an `<if>` in it."""
        if depth >= MAX_DEPTH:
            message = f"elements stand in each other more than {MAX_DEPTH} deep"
            raise self.report.stop("too-deep", message, tag.at, tag.width)
        errors = self.report.errors
        body = Body()
        cut = not tag.empty and self._read(tag, body, depth + 1, sure=sure)
        body.end_if()
        if not body.nodes and self.report.errors == errors:
            message, hint = f"'{tag.name}' has nothing in it", "put a step into it, or remove it"
            repair = "it is left out" if tag.name == "else" and not tag.empty else ""
            self.report.add("empty-block", message, tag.at, tag.width, hint=hint, repair=repair)
        return tuple(body.nodes), cut

    def _read(self, tag: Tag, body: Body, depth: int, *, sure: bool) -> bool:
        """Read what stands in a block, to its end; say whether that is an `<else>` of its own."""
        self.open.append(tag.name)
        while token := self.scanner.next():
            match token:
                case Tag():
                    if self._is_own_else(token, tag, body):
                        self.scanner.at = token.at
                        self.open.pop()
                        message = "'else' stands inside 'if'; it is read as if it stood after it"
                        self.report.note("misplaced-else", message, token.at, token.width)
                        return True
                    if not self.node(token, body, depth):
                        body.end_if()
                        self.unknown_element(token)
                case Comment():
                    self.add_comment(token)
                case Close(name=name):
                    certain = body.is_one() or (sure and self.meant(name) == "if")
                    if self.ends(token, tag, body, sure=certain):
                        return False
                case Chars():
                    self.stray_text(token, f"inside '{tag.name}'")
        self.unclosed(tag, sure=body.is_one())
        return False

    def _is_own_else(self, token: Tag, tag: Tag, body: Body) -> bool:
        """Say whether a reply ends an `<if>` with its `<else>`, and not with its end tag."""
        if not self.report.lenient or tag.name not in ("if", "elseif"):
            return False
        alone = bool(body.nodes) and not body.branches and not body.had_else
        return alone and self.meant(token.name) in ("else", "elseif")

    def _given(self, tag: Tag) -> dict[str, Attribute]:
        """Return the attributes of a block; in a reply those with the names that other languages give them as well."""
        known = _ATTRIBUTES[tag.name]
        for number, attribute in enumerate(tag.attributes):
            key = attribute.name.lower()
            meant = _MEANT.get(key, "") if self.report.lenient else ""
            if key == SETS:
                tag.attributes[number] = attribute._replace(name="setContextVariable")
            elif meant in known and key not in known:
                message = f"'{attribute.name}' is read as '{meant}'"
                self.report.note("misspelt-attribute", message, attribute.at, len(attribute.name))
                tag.attributes[number] = attribute._replace(name=meant)
        return self.attributes(tag, known, repair="")

    def _test(self, tag: Tag, given: dict[str, Attribute]) -> tuple[str, Place | None]:
        attribute = given.get("test")
        if attribute is None or not attribute.value.strip():
            self.missing(tag, "test")
            return "", None
        return read_test(attribute, self.report), self._value_place(attribute)

    def _max(self, attribute: Attribute | None) -> int | None:
        if attribute is None:
            return None
        if ROUNDS.fullmatch(attribute.value):
            return int(attribute.value)
        message, hint = f"'{attribute.value}' is no limit", f"write a whole number from 1 to {MAX_ROUNDS:,}"
        self.report.add("bad-max", message, attribute.value_at, attribute.length, hint=hint)
        return None

    def _list(self, attribute: Attribute) -> str:
        """Return the value that `in` gives; in a reply the dollar before a variable may be missing."""
        bare = _LIST.fullmatch(attribute.value.strip()) if self.report.lenient else None
        if bare is None:
            return attribute.value
        value = f"${bare[1] or bare[2]}"
        message = f"'{attribute.value}' is read as '{value}'"
        self.report.note("missing-dollar", message, attribute.value_at, attribute.length)
        return value

    def _place(self, tag: Tag) -> Place:
        return self.source.place(tag.at, tag.width)

    def _value_place(self, attribute: Attribute | None) -> Place | None:
        return self.source.place(attribute.value_at, attribute.length) if attribute else None
