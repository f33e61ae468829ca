"""The grammar of a plan: nodes from tokens, and what does not belong is reported where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import get_args

from forethought.kernel.values import Kind

from .elements import Elements
from .nodes import Argument, FunctionName, Input, Plan, Step
from .scanning import DASHES, Attribute, Chars, Close, Comment, Tag
from .source import place_of

__all__ = ["APPENDS", "DECLARATION", "FUNCTION", "MAX_STEPS", "SETS", "TYPES", "Parser"]

MAX_STEPS = 10_000
"""The most steps a plan may have."""

TYPES: tuple[str, ...] = get_args(Kind)
FUNCTION = "function."
DECLARATION = re.compile(
    r"""<\?xml[ \n\t]+version[ \n\t]*=[ \n\t]*["']1\.[0-9]+["']"""
    r"""([ \n\t]+encoding[ \n\t]*=[ \n\t]*["'][A-Za-z][\w.-]*["'])?"""
    r"""([ \n\t]+standalone[ \n\t]*=[ \n\t]*["'](yes|no)["'])?[ \n\t]*\?>""",
    re.ASCII,
)
SETS, APPENDS = "setcontextvariable", "appendtoresult"


@dataclass(slots=True)
class _Body:
    """What has been read of a plan's inside."""

    inputs: list[Input] = field(default_factory=list[Input])
    declared: set[str] = field(default_factory=set[str])
    steps: list[Step] = field(default_factory=list[Step])
    comments: list[str] = field(default_factory=list[str])
    loose: list[Chars] = field(default_factory=list[Chars])

    def add_comment(self, comment: Comment) -> None:
        """Keep a comment for the next step; in a reply it may have dashes side by side, which no comment can."""
        if text := DASHES.sub("- ", comment.text).strip():
            self.comments.append(text)

    def take_comments(self) -> str:
        """Return the comments since the last step, and forget them."""
        if not self.comments:
            return ""
        joined = "\n".join(self.comments)
        self.comments.clear()
        return joined


class Parser(Elements):
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
        body = _Body() if tag.empty else self._body(tag)
        return self._made(body, given["goal"].value if "goal" in given else "", tag.at, 1 + len(tag.name))

    def _made(self, body: _Body, goal: str, at: int, length: int) -> Plan:
        reason = "".join(chars.text for chars in body.loose).strip()
        if body.steps:
            reason = ""
            for chars in filter(lambda chars: chars.text.strip(), body.loose):
                self.stray_text(chars, "between the steps")
        return Plan(
            goal=goal,
            inputs=tuple(body.inputs),
            steps=tuple(body.steps),
            reason=reason,
            remark=body.take_comments(),
            place=self.source.place(at, length),
            source=self.source.text,
        )

    def _body(self, tag: Tag, *, implied: bool = False) -> _Body:
        """body = { input | step | comment | text } ."""
        body = _Body()
        scanner = self.scanner
        self.open.append(tag.name)
        while token := scanner.next(bool(body.loose)):
            match token:
                case Tag():
                    if (skip := self._prefix(token.name)) is not None:
                        body.steps.append(self._step(token, skip, body))
                        if len(body.steps) > MAX_STEPS:
                            message = f"the plan has more than {MAX_STEPS:,} steps"
                            raise self.report.stop("too-many-steps", message, token.at, 1 + len(token.name))
                    elif self.ours(token) == "input":
                        self._input(token, body)
                    else:
                        self.unknown_element(token)
                case Comment():
                    body.add_comment(token)
                case Close():
                    if self.closes(token, tag):
                        return body
                case Chars():
                    body.loose.append(token)
        if implied:
            self.open.pop()
        else:
            self.unclosed(tag)
        return body

    def _prefix(self, name: str) -> int | None:
        """Return how long `function.` is in the name of an element: 0 where a reply left it out, None for no step."""
        if name.startswith(FUNCTION) or (self.report.lenient and name.lower().startswith(FUNCTION)):
            return len(FUNCTION)
        return 0 if self.report.lenient and "." in name.strip(".") and ":" not in name else None

    def _step(self, tag: Tag, skip: int, body: _Body) -> Step:
        """step = "<function." name { attribute } ( "/>" | ">" { arg | comment } "</function." name ">" ) ."""
        name, at = tag.name, tag.at
        if not name.startswith(FUNCTION):
            self.respelt(tag, FUNCTION + name[skip:])
        if len(name) == skip or ":" in name:
            self._bad_function_name(tag)
        attributes = tag.attributes if tag.empty else tag.attributes + self._arguments(tag, body)
        line, base, stop = self.source.line(at)
        named = FunctionName(name[skip:], place_of((line, at - base + 2 + skip, len(name) - skip)))
        place = place_of((line, at - base + 1, 1 + len(name)))
        arguments: list[Argument] = []
        seen: set[str] = set()
        sets = appends = sets_place = appends_place = None
        for attribute in attributes:
            parameter, value, at, value_at, length = attribute
            if at > stop:
                line, base, stop = self.source.line(at)
            name_place = place_of((line, at - base + 1, len(parameter)))
            if value_at > stop:
                line, base, stop = self.source.line(value_at)
            if value_at + length > stop:  # it goes on after the line, and a place does not
                length = stop - value_at
            value_place = place_of((line, value_at - base + 1, length))
            key = parameter.lower()
            if key in seen:
                message = f"the argument '{parameter}' is given twice"
                self.report.add("duplicate-argument", message, at, len(parameter), hint="names ignore case; keep one")
            elif key == SETS:
                sets, sets_place = self.variable(attribute), value_place
            elif key == APPENDS:
                appends, appends_place = self.key(attribute), value_place
            elif key == "xmlns" or ":" in parameter:
                self.namespace(parameter, at)
            else:
                arguments.append(Argument(parameter, value, name_place, value_place))
            seen.add(key)
        rationale = body.take_comments()
        return Step(
            named,
            arguments,
            sets,
            appends,
            rationale,
            place=place,
            sets_place=sets_place,
            appends_place=appends_place,
        )

    def _bad_function_name(self, tag: Tag) -> None:
        if ":" in tag.name:
            self.namespace(tag.name, tag.at + 1)
        else:
            message, hint = "'function.' names no function", "write function.Plugin.Name"
            self.report.add("no-function-name", message, tag.at, 1 + len(tag.name), hint=hint)

    def _arguments(self, tag: Tag, body: _Body) -> list[Attribute]:
        """arguments = { arg | comment } ; the comments join the step's rationale ."""
        arguments: list[Attribute] = []
        scanner = self.scanner
        self.open.append(tag.name)
        while token := scanner.next():
            match token:
                case Tag():
                    if self.ours(token) == "arg":
                        arguments += self._arg(token)
                    elif self._prefix(token.name) is not None:
                        scanner.at = token.at
                        self.unclosed(tag, before=token.name)
                        return arguments
                    else:
                        self.unknown_element(token)
                case Comment():
                    body.add_comment(token)
                case Close():
                    if self.closes(token, tag):
                        return arguments
                case Chars():
                    hint = 'write a value as an attribute or as <arg name="...">'
                    self.stray_text(token, f"inside '{tag.name}'", hint=hint, repair="")
        self.unclosed(tag)
        return arguments

    def _arg(self, tag: Tag) -> list[Attribute]:
        """arg = "<arg" name ( "/>" | ">" value "</arg>" ) ; the attribute of that name, written with room ."""
        given = self.attributes(tag, ("name",))
        value = self._value(tag, given.get("value"))
        name = given.get("name")
        if name is None or not name.value.strip():
            self.missing(tag, "name")
            return []
        value = value or Chars("", tag.end, tag.end)
        return [Attribute(name.value, value.text, name.value_at, value.at, value.end - value.at)]

    def _input(self, tag: Tag, body: _Body) -> None:
        """input = "<input" name [ type ] [ description ] ( "/>" | ">" [ value ] "</input>" ) ."""
        given = self.attributes(tag, ("name", "type", "description"))
        value = self._value(tag, given.get("value"))
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
                place(tag.at, 1 + len(tag.name)),
                place(value.at, value.end - value.at) if value else None,
            )
        )

    def _value(self, tag: Tag, attribute: Attribute | None) -> Chars | None:
        """Return the value inside an element; one that a reply writes as an attribute is read as if it stood there."""
        inside = self._text(tag)
        if attribute is None:
            return inside
        alone = inside is None or not inside.text.strip()
        message, repair = f"'{tag.name}' has no attribute 'value'", "it is read as the text inside" if alone else ""
        self.report.add("unknown-attribute", message, attribute.at, len(attribute.name), repair=repair)
        at = attribute.value_at
        return Chars(attribute.value, at, at + attribute.length) if alone else inside

    def _text(self, tag: Tag) -> Chars | None:
        """value = { chars | cdata } ; None where nothing is written ."""
        if tag.empty:
            return None
        if self.report.lenient:
            return self.scanner.value(tag)
        self.open.append(tag.name)
        parts: list[Chars] = []
        hint = "put a value that looks like markup into <![CDATA[...]]>"
        while token := self.scanner.next(True):
            match token:
                case Chars():
                    parts.append(token)
                case Tag(name=name, at=at):
                    if name.startswith(FUNCTION) or name == "arg":
                        self.scanner.at = at
                        self.unclosed(tag, before=name)
                        break
                    self.report.add("markup-in-value", f"the element '{name}' in a value", at, 1 + len(name), hint=hint)
                    self.skip(token)
                case Comment(at=at):
                    self.report.add("markup-in-value", "a comment in a value", at, 4, hint=hint)
                case Close():
                    if self.closes(token, tag):
                        break
        else:
            self.unclosed(tag)
        if not parts:
            return None
        return Chars("".join(part.text for part in parts), parts[0].at, parts[-1].end)
