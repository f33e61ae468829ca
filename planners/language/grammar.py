"""The grammar of a plan: nodes from tokens, and what does not belong is reported where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import get_args

from forethought.kernel.problems import Place
from forethought.kernel.values import Kind

from .nodes import Argument, FunctionName, Input, Plan, Step
from .scanning import Attribute, Chars, Close, Comment, Scanner, Tag
from .source import Report

__all__ = ["MAX_DEPTH", "MAX_STEPS", "Parser"]

MAX_STEPS = 10_000
"""The most steps a plan may have."""

MAX_DEPTH = 64
"""The deepest that elements may stand in each other."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+")
_TYPES: tuple[str, ...] = get_args(Kind)
_FUNCTION = "function."
_DASHES = re.compile("-(?=-)")
_OURS = frozenset({"plan", "input", "arg"})
_DECLARATION = re.compile(r"<\?xml[ \n\t][^<>?]*+\?>")
_SETS, _APPENDS = "setcontextvariable", "appendtoresult"


@dataclass(slots=True)
class _Body:
    """What has been read of a plan's inside."""

    inputs: list[Input] = field(default_factory=list[Input])
    steps: list[Step] = field(default_factory=list[Step])
    comments: list[str] = field(default_factory=list[str])
    loose: list[Chars] = field(default_factory=list[Chars])

    def take_comments(self) -> str:
        """Return the comments since the last step, and forget them."""
        if not self.comments:
            return ""
        joined = "\n".join(self.comments)
        self.comments.clear()
        return joined


@dataclass(slots=True)
class _Call:
    """What has been read of a step."""

    arguments: list[Argument] = field(default_factory=list[Argument])
    seen: set[str] = field(default_factory=set[str])
    sets: str | None = None
    appends: str | None = None
    sets_place: Place | None = None
    appends_place: Place | None = None


class Parser:
    """One reading: each method reads what its docstring says, and reports what does not belong there."""

    def __init__(self, report: Report, at: int, end: int) -> None:
        self.report = report
        self.source = report.source
        self.scanner = Scanner(report, at, end)
        self.open: list[str] = []

    def document(self) -> Plan | None:
        """document = [ declaration ] { comment } plan { comment } ."""
        scanner, report = self.scanner, self.report
        if declaration := _DECLARATION.match(scanner.text, scanner.at, scanner.end):
            scanner.at = declaration.end()
        plan: Plan | None = None
        found = False
        while token := scanner.next():
            match token:
                case Tag(name=name, at=at):
                    if self._ours(token) == "plan" and plan is None:
                        plan = self._plan(token)
                    elif found and plan is None:
                        self._skip(token)
                    else:
                        code = "second-plan" if plan else "no-plan"
                        message = f"'{name}' stands after the plan" if plan else f"'{name}' is not a plan"
                        hint = "a file holds one plan" if plan else 'a plan is <plan goal="..."> ... </plan>'
                        report.add(code, message, at, 1 + len(name), hint=hint)
                        self._skip(token)
                    found = True
                case Chars():
                    self._stray_text(token, "outside the plan")
                case Close():
                    self._stray_close(token)
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
        given = self._attributes(tag, ("goal",))
        body = _Body() if tag.empty else self._body(tag)
        return self._made(body, given["goal"].value if "goal" in given else "", tag.at, 1 + len(tag.name))

    def _made(self, body: _Body, goal: str, at: int, length: int) -> Plan:
        reason = "".join(chars.text for chars in body.loose).strip()
        if body.steps:
            reason = ""
            for chars in body.loose:
                self._stray_text(chars, "between the steps")
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
        while token := scanner.next(blank=bool(body.loose)):
            match token:
                case Tag():
                    if function := self._function_name(token):
                        step = self._step(token, function, body)
                        body.steps.append(step)
                        if len(body.steps) > MAX_STEPS:
                            message = f"the plan has more than {MAX_STEPS:,} steps"
                            raise self.report.stop("too-many-steps", message, token.at, 1 + len(token.name))
                    elif self._ours(token) == "input":
                        self._input(token, body)
                    else:
                        self._unknown_element(token)
                case Comment():
                    self._comment(token, body.comments)
                case Close():
                    if self._closes(token, tag):
                        return body
                case Chars():
                    body.loose.append(token)
        if implied:
            self.open.pop()
        else:
            self._unclosed(tag)
        return body

    def _prefix(self, name: str) -> int | None:
        """Return how long `function.` is in the name of an element: 0 where a reply left it out, None for no step."""
        if name.startswith(_FUNCTION) or (self.report.lenient and name.lower().startswith(_FUNCTION)):
            return len(_FUNCTION)
        return 0 if self.report.lenient and "." in name.strip(".") and ":" not in name else None

    def _function_name(self, tag: Tag) -> FunctionName | None:
        """Return the name of the function that `tag` calls; None where it is no step."""
        name = tag.name
        skip = self._prefix(name)
        if skip is None:
            return None
        if not name.startswith(_FUNCTION):
            self._respelt(tag, _FUNCTION + name[skip:])
        if len(name) == skip or ":" in name:
            self._bad_function_name(tag)
        return FunctionName(name[skip:], self.source.place(tag.at + 1 + skip, len(name) - skip))

    def _bad_function_name(self, tag: Tag) -> None:
        if ":" in tag.name:
            self._namespace(tag.name, tag.at + 1)
        else:
            message, hint = "'function.' names no function", "write function.Plugin.Name"
            self.report.add("no-function-name", message, tag.at, 1 + len(tag.name), hint=hint)

    def _step(self, tag: Tag, function: FunctionName, body: _Body) -> Step:
        """step = "<function." name { attribute } ( "/>" | ">" { arg | comment } "</function." name ">" ) ."""
        call = _Call()
        for attribute in tag.attributes:
            self._take(call, attribute)
        if not tag.empty:
            self._arguments(tag, call, body)
        return Step(
            function,
            tuple(call.arguments),
            call.sets,
            call.appends,
            body.take_comments(),
            self.source.place(tag.at, 1 + len(tag.name)),
            call.sets_place,
            call.appends_place,
        )

    def _arguments(self, tag: Tag, call: _Call, body: _Body) -> None:
        """arguments = { arg | comment } ; the comments join the step's rationale ."""
        scanner = self.scanner
        self.open.append(tag.name)
        while token := scanner.next():
            match token:
                case Tag():
                    if self._ours(token) == "arg":
                        self._arg(token, call)
                    elif self._prefix(token.name) is not None:
                        scanner.at = token.at
                        self._unclosed(tag, before=token.name)
                        return
                    else:
                        self._unknown_element(token)
                case Comment():
                    self._comment(token, body.comments)
                case Close():
                    if self._closes(token, tag):
                        return
                case Chars():
                    hint = 'write a value as an attribute or as <arg name="...">'
                    self._stray_text(token, f"inside '{tag.name}'", hint=hint)
        self._unclosed(tag)

    def _arg(self, tag: Tag, call: _Call) -> None:
        """arg = "<arg" name ( "/>" | ">" value "</arg>" ) ; the attribute of that name, written with room ."""
        given = self._attributes(tag, ("name",))
        value = self._value(tag)
        name = given.get("name")
        if name is None or not name.value.strip():
            self._missing(tag, "name")
        else:
            at = value.at if value else tag.end
            length = value.end - value.at if value else 0
            self._take(call, Attribute(name.value, value.text if value else "", name.value_at, at, length))

    def _input(self, tag: Tag, body: _Body) -> None:
        """input = "<input" name [ type ] [ description ] ( "/>" | ">" [ value ] "</input>" ) ."""
        given = self._attributes(tag, ("name", "type", "description"))
        value = self._value(tag)
        name = given.get("name")
        if name is None:
            self._missing(tag, "name")
            return
        spelling = self._identifier(name, "an input")
        if any(each.name.lower() == spelling.lower() for each in body.inputs):
            message = f"the input '{spelling}' is declared twice"
            self.report.add("duplicate-input", message, name.value_at, name.length, hint="keep one")
        kind = given.get("type")
        if kind and kind.value not in _TYPES:
            message, hint = f"'{kind.value}' is no type", f"the types are {', '.join(_TYPES)}"
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

    def _value(self, tag: Tag) -> Chars | None:
        """value = { chars | cdata } ; None where nothing is written ."""
        if tag.empty:
            return None
        if self.report.lenient:
            return self.scanner.value(tag)
        self.open.append(tag.name)
        parts: list[Chars] = []
        hint = "put a value that looks like markup into <![CDATA[...]]>"
        while token := self.scanner.next(blank=True):
            match token:
                case Chars():
                    parts.append(token)
                case Tag(name=name, at=at):
                    if name.startswith(_FUNCTION) or name == "arg":
                        self.scanner.at = at
                        self._unclosed(tag, before=name)
                        break
                    self.report.add("markup-in-value", f"the element '{name}' in a value", at, 1 + len(name), hint=hint)
                    self._skip(token)
                case Comment(at=at):
                    self.report.add("markup-in-value", "a comment in a value", at, 4, hint=hint)
                case Close():
                    if self._closes(token, tag):
                        break
        else:
            self._unclosed(tag)
        if not parts:
            return None
        return Chars("".join(part.text for part in parts), parts[0].at, parts[-1].end)

    def _take(self, call: _Call, attribute: Attribute) -> None:
        """Take one attribute, or an `<arg>` in place of one, into the step."""
        name, value, at, value_at, length = attribute
        key = name.lower()
        place = self.source.place
        if key in call.seen:
            message = f"the argument '{name}' is given twice"
            self.report.add("duplicate-argument", message, at, len(name), hint="names ignore case; keep one")
            return
        call.seen.add(key)
        if key == _SETS:
            call.sets = self._variable(attribute)
            call.sets_place = place(value_at, length)
        elif key == _APPENDS:
            call.appends = self._key(attribute)
            call.appends_place = place(value_at, length)
        elif key == "xmlns" or ":" in name:
            self._namespace(name, at)
        else:
            call.arguments.append(Argument(name, value, place(at, len(name)), place(value_at, length)))

    def _variable(self, attribute: Attribute) -> str | None:
        """Return the variable that setContextVariable names; in a reply an empty one is left out."""
        if not attribute.value.strip():
            message = f"'{attribute.name}' names no variable"
            self.report.add("bad-name", message, attribute.at, len(attribute.name), repair="it is left out")
            return None
        return self._identifier(attribute, f"'{attribute.name}'")

    def _identifier(self, attribute: Attribute, owner: str) -> str:
        """Return the name that an attribute gives, an ASCII identifier."""
        name = self._without_dollar(attribute)
        if not _IDENTIFIER.fullmatch(name):
            message = f"{owner} cannot be named '{name}'"
            hint = "a name has ASCII letters, digits and underscores, and does not begin with a digit"
            self.report.add("bad-name", message, attribute.value_at, attribute.length, hint=hint)
        return name

    def _key(self, attribute: Attribute) -> str | None:
        """Return the key that appendToResult names: any text; in a reply an empty one is left out."""
        key = self._without_dollar(attribute)
        if not key.strip():
            message = f"'{attribute.name}' names no key"
            self.report.add("bad-name", message, attribute.at, len(attribute.name), repair="it is left out")
            return None
        return key

    def _without_dollar(self, attribute: Attribute) -> str:
        name = attribute.value
        if name[:1] != "$":
            return name
        bare = name[1:].strip("{}")
        message, hint = f"'{name}' is a reference, and a name is wanted here", f"write '{bare}'"
        report = self.report
        report.add(
            "dollar-in-name", message, attribute.value_at, attribute.length, hint=hint, repair=f"it is read as '{bare}'"
        )
        return bare

    def _attributes(self, tag: Tag, known: tuple[str, ...]) -> dict[str, Attribute]:
        """Return the attributes by name; those that an element of this name does not have are reported."""
        given: dict[str, Attribute] = {}
        for attribute in tag.attributes:
            name, at = attribute.name, attribute.at
            key = name.lower() if self.report.lenient else name
            if key in given:
                message = f"the attribute '{name}' is given twice"
                self.report.add("duplicate-attribute", message, at, len(name), hint="keep one")
            elif key in known:
                given[key] = attribute
            elif name == "xmlns" or ":" in name:
                self._namespace(name, at)
            else:
                message, hint = f"'{tag.name}' has no attribute '{name}'", f"it has {', '.join(known)}"
                self.report.add("unknown-attribute", message, at, len(name), hint=hint, repair="it is left out")
        return given

    def _missing(self, tag: Tag, name: str) -> None:
        hint = f'write <{tag.name} {name}="...">'
        self.report.add("missing-attribute", f"'{tag.name}' has no {name}", tag.at, 1 + len(tag.name), hint=hint)

    def _namespace(self, name: str, at: int) -> None:
        hint = "leave the prefix out" if ":" in name and not name.startswith("xmlns") else "remove it"
        self.report.add("namespace", f"'{name}': a plan has no namespaces", at, len(name), hint=hint)

    def _ours(self, tag: Tag) -> str:
        """Return the name of an element; in a reply those of the language are read whatever their case."""
        name = tag.name
        if self.report.lenient and name not in _OURS and name.lower() in _OURS:
            self._respelt(tag, name.lower())
            tag.name = name.lower()
        return tag.name

    def _respelt(self, tag: Tag, meant: str) -> None:
        self.report.note("misspelt-element", f"'{tag.name}' is read as '{meant}'", tag.at, 1 + len(tag.name))

    def _unknown_element(self, tag: Tag) -> None:
        name, length = tag.name, 1 + len(tag.name)
        if ":" in name:
            self._namespace(name, tag.at + 1)
        elif name == "plan":
            self.report.add("nested-plan", "a plan stands inside a plan", tag.at, length, hint="move its steps out")
        else:
            where = self.open[-1] if self.open else "plan"
            hint = (
                'a value is an attribute or an <arg name="...">'
                if where != "plan"
                else "a step is <function.Plugin.Name ...>"
            )
            self.report.add("unknown-element", f"there is no element '{name}' in '{where}'", tag.at, length, hint=hint)
        self._skip(tag)

    def _comment(self, comment: Comment, comments: list[str]) -> None:
        text = _DASHES.sub("- ", comment.text).strip()
        if text:
            comments.append(text)

    def _closes(self, close: Close, tag: Tag) -> bool:
        """Say whether `close` ends the element that `tag` began: its own, or in a mismatch the one around it."""
        if close.name == tag.name or (self.report.lenient and close.name.lower() == tag.name.lower()):
            self.open.pop()
            return True
        if close.name in self.open:
            self.scanner.at = close.at
            self._unclosed(tag, before=f"/{close.name}")
            return True
        self._stray_close(close)
        return False

    def _unclosed(self, tag: Tag, before: str = "") -> None:
        self.open.pop()
        message = f"'{tag.name}' has no end tag" + (f" before '<{before}'" if before else "")
        hint, length = f"write </{tag.name}>", 1 + len(tag.name)
        self.report.add("unclosed-element", message, tag.at, length, hint=hint, repair="it is closed there")

    def _stray_close(self, close: Close) -> None:
        message, length = f"'</{close.name}>' closes nothing", close.end - close.at
        self.report.add("stray-end-tag", message, close.at, length, hint="remove it", repair="it is left out")

    def _stray_text(self, chars: Chars, where: str, *, hint: str = "") -> None:
        written = self.source.text[chars.at : chars.end]
        text = written.strip()
        at = chars.at + written.index(text)
        shown = text if len(text) <= 40 else f"{text[:37]}..."
        hint = hint or "put it into a comment: <!-- ... -->"
        length = len(text.partition("\n")[0])
        self.report.add("stray-text", f"text {where}: '{shown}'", at, length, hint=hint, repair="it is left out")

    def _skip(self, tag: Tag) -> None:
        """Read over an element that has been reported, and all in it."""
        names = [] if tag.empty else [tag.name]
        while names and (token := self.scanner.next()):
            match token:
                case Tag(name=name, empty=False):
                    names.append(name)
                    if len(names) + len(self.open) > MAX_DEPTH:
                        message = f"elements stand in each other more than {MAX_DEPTH} deep"
                        raise self.report.stop("too-deep", message, token.at, 1 + len(name))
                case Close(name=name, at=at):
                    if name in names:
                        while names.pop() != name:
                            pass
                    elif name in self.open:
                        self.scanner.at = at
                        return
                case _:
                    pass
