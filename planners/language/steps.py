"""Steps from tokens: one call of a function, its arguments in attributes and elements."""

from __future__ import annotations

from .elements import FUNCTION, NODES, Elements
from .nodes import Argument, FunctionName, Step
from .scanning import Attribute, Chars, Close, Comment, Tag
from .source import place_of

__all__ = ["APPENDS", "SETS", "Steps"]

SETS, APPENDS = "setcontextvariable", "appendtoresult"


class Steps(Elements):
    """Reads the elements of functions."""

    def prefix(self, name: str) -> int | None:
        """Return how long `function.` is in the name of an element: 0 where a reply left it out, None for no step."""
        if name.startswith(FUNCTION) or (self.report.lenient and name.lower().startswith(FUNCTION)):
            return len(FUNCTION)
        return 0 if self.report.lenient and "." in name.strip(".") and ":" not in name else None

    def step(self, tag: Tag, skip: int) -> Step:
        """step = "<function." name { attribute } ( "/>" | ">" { arg | comment } "</function." name ">" ) ."""
        name, at = tag.name, tag.at
        if not name.startswith(FUNCTION):
            self.respelt(tag, FUNCTION + name[skip:])
        if len(name) == skip or ":" in name:
            self._bad_function_name(tag)
        attributes = tag.attributes if tag.empty else tag.attributes + self._arguments(tag)
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
        rationale = self.take_comments()
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
            self.report.add("no-function-name", message, tag.at, tag.width, hint=hint)

    def _arguments(self, tag: Tag) -> list[Attribute]:
        """arguments = { arg | comment } ; the comments join the step's rationale ."""
        arguments: list[Attribute] = []
        scanner = self.scanner
        self.open.append(tag.name)
        while token := scanner.next():
            match token:
                case Tag():
                    if self.ours(token) == "arg":
                        arguments += self._arg(token)
                    elif self.meant(token.name) in NODES or self.prefix(token.name) is not None:
                        scanner.at = token.at
                        self.unclosed(tag, before=token.name)
                        return arguments
                    else:
                        self.unknown_element(token)
                case Comment():
                    self.add_comment(token)
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
        value = self.value(tag, given.get("value"))
        name = given.get("name")
        if name is None or not name.value.strip():
            self.missing(tag, "name")
            return []
        value = value or Chars("", tag.end, tag.end)
        return [Attribute(name.value, value.text, name.value_at, value.at, value.end - value.at)]
