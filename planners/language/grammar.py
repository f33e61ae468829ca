"""The grammar of a plan: nodes from tokens, and what does not belong is reported where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import get_args

from forethought.kernel.values import Kind

from .blocks import MAX_STEPS, Blocks, Body
from .nodes import Input, Plan
from .scanning import Chars, Close, Comment, Tag

__all__ = ["DECLARATION", "MAX_STEPS", "TYPES", "Parser"]

TYPES: tuple[str, ...] = get_args(Kind)
DECLARATION = re.compile(
    r"""<\?xml[ \n\t]+version[ \n\t]*=[ \n\t]*["']1\.[0-9]+["']"""
    r"""([ \n\t]+encoding[ \n\t]*=[ \n\t]*["'][A-Za-z][\w.-]*["'])?"""
    r"""([ \n\t]+standalone[ \n\t]*=[ \n\t]*["'](yes|no)["'])?[ \n\t]*\?>""",
    re.ASCII,
)


@dataclass(slots=True)
class _Inside(Body):
    """What has been read of a plan's inside."""

    inputs: list[Input] = field(default_factory=list[Input])
    declared: set[str] = field(default_factory=set[str])
    loose: list[Chars] = field(default_factory=list[Chars])


class Parser(Blocks):
    """One reading: each method reads what its docstring says, and reports what does not belong there."""

    def document(self) -> Plan | None:
        """document = [ declaration ] { comment } plan { comment } ."""
        scanner, report = self.scanner, self.report
        if declaration := DECLARATION.match(scanner.text, scanner.at, scanner.end):
            scanner.at = declaration.end()
        plan: Plan | None = None
        found = False
        while token := scanner.next():
            match token:
                case Tag(name=name, at=at):
                    if self.ours(token) == "plan" and plan is None:
                        plan = self._plan(token)
                    elif found and plan is None:
                        self.skip(token)
                    else:
                        code = "second-plan" if plan else "no-plan"
                        message = f"'{name}' stands after the plan" if plan else f"'{name}' is not a plan"
                        hint = "a file holds one plan" if plan else 'a plan is <plan goal="..."> ... </plan>'
                        report.add(code, message, at, 1 + len(name), hint=hint)
                        self.skip(token)
                    found = True
                case Chars():
                    self.stray_text(token, "outside the plan")
                case Close():
                    self.stray_close(token)
                case Comment():
                    pass
        if not found:
            report.add("no-plan", "there is no plan in the text", scanner.at, 0)
        return plan

    def steps_alone(self) -> Plan:
        """steps alone = body , as if a plan stood around it ."""
        at = self.scanner.at
        body = self._body(Tag("plan", [], False, at, at), implied=True)
        return self._made(body, "", at, 0)

    def _plan(self, tag: Tag) -> Plan:
        """plan = "<plan" [ goal ] ( "/>" | ">" body "</plan>" ) ."""
        given = self.attributes(tag, ("goal",))
        body = _Inside() if tag.empty else self._body(tag)
        return self._made(body, given["goal"].value if "goal" in given else "", tag.at, tag.width)

    def _made(self, body: _Inside, goal: str, at: int, length: int) -> Plan:
        reason = "".join(chars.text for chars in body.loose).strip()
        if body.nodes:
            reason = ""
            for chars in filter(lambda chars: chars.text.strip(), body.loose):
                self.stray_text(chars, "between the steps")
        return Plan(
            goal=goal,
            inputs=tuple(body.inputs),
            steps=tuple(body.nodes),
            reason=reason,
            remark=self.take_comments(),
            place=self.source.place(at, length),
            source=self.source.text,
        )

    def _body(self, tag: Tag, *, implied: bool = False) -> _Inside:
        """body = { input | node | comment | text } ."""
        body = _Inside()
        scanner = self.scanner
        self.open.append(tag.name)
        while token := scanner.next(bool(body.loose)):
            match token:
                case Tag():
                    if self.node(token, body, depth=1):
                        continue
                    body.end_if()
                    if token.name == "input":
                        self._input(token, body)
                    else:
                        self.unknown_element(token)
                case Comment():
                    self.add_comment(token)
                case Close():
                    if self.ends(token, tag, body, sure=True):
                        body.end_if()
                        return body
                case Chars():
                    body.loose.append(token)
        body.end_if()
        if implied:
            self.open.pop()
        else:
            self.unclosed(tag)
        return body

    def _input(self, tag: Tag, body: _Inside) -> None:
        """input = "<input" name [ type ] [ description ] ( "/>" | ">" [ value ] "</input>" ) ."""
        given = self.attributes(tag, ("name", "type", "description"))
        value = self.value(tag, given.get("value"))
        name = given.get("name")
        if name is None:
            self.missing(tag, "name")
            return
        spelling = self.identifier(name, "an input")
        if spelling.lower() in body.declared:
            message = f"the input '{spelling}' is declared twice"
            self.report.add("duplicate-input", message, name.value_at, name.length, hint="keep one")
        body.declared.add(spelling.lower())
        kind = given.get("type")
        if kind and kind.value not in TYPES:
            message, hint = f"'{kind.value}' is no type", f"the types are {', '.join(TYPES)}"
            self.report.add("unknown-type", message, kind.value_at, kind.length, hint=hint)
        description = given.get("description")
        place = self.source.place
        body.inputs.append(
            Input(
                spelling,
                value.text if value else None,
                kind.value if kind else "string",
                description.value if description else "",
                place(tag.at, tag.width),
                place(value.at, value.end - value.at) if value else None,
            )
        )
