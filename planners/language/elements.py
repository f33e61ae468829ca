"""What all elements of a plan share: attributes and names, beginning and end, and what does not belong."""

from __future__ import annotations

import re

from .problems import Report
from .scanning import Attribute, Chars, Close, Scanner, Tag

__all__ = ["MAX_DEPTH", "Elements"]

MAX_DEPTH = 64
"""The deepest that elements may stand in each other."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+")
_WITH_VALUE = frozenset({"input", "arg"})
_OURS = frozenset({"plan", *_WITH_VALUE})


class Elements:
    """Reads a stretch of the report's source; `open` are the names of the elements it is in."""

    def __init__(self, report: Report, at: int, end: int) -> None:
        self.report = report
        self.source = report.source
        self.scanner = Scanner(report, at, end)
        self.open: list[str] = []

    def variable(self, attribute: Attribute) -> str | None:
        """Return the variable that setContextVariable names; in a reply an empty one is left out."""
        if _IDENTIFIER.fullmatch(attribute.value):
            return attribute.value
        if not attribute.value.strip():
            message = f"'{attribute.name}' names no variable"
            self.report.add("bad-name", message, attribute.at, len(attribute.name), repair="it is left out")
            return None
        return self.identifier(attribute, "a variable")

    def identifier(self, attribute: Attribute, owner: str) -> str:
        """Return the name that an attribute gives, an ASCII identifier."""
        name = self._without_dollar(attribute)
        if not _IDENTIFIER.fullmatch(name):
            message = f"{owner} cannot be named '{name}'"
            hint = "a name has ASCII letters, digits and underscores, and does not begin with a digit"
            self.report.add("bad-name", message, attribute.value_at, attribute.length, hint=hint)
        return name

    def key(self, attribute: Attribute) -> str | None:
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
        at, length, repair = attribute.value_at, attribute.length, f"it is read as '{bare}'"
        self.report.add("dollar-in-name", message, at, length, hint=hint, repair=repair)
        return bare

    def attributes(self, tag: Tag, known: tuple[str, ...]) -> dict[str, Attribute]:
        """Return the attributes by name; those that an element of this name does not have are reported.

        In a reply `value` is among them, where a value is wanted inside: what becomes of it is the caller's to say.
        """
        given: dict[str, Attribute] = {}
        for attribute in tag.attributes:
            name, at = attribute.name, attribute.at
            key = name.lower() if self.report.lenient else name
            if key in given:
                message = f"the attribute '{name}' is given twice"
                self.report.add("duplicate-attribute", message, at, len(name), hint="keep one")
            elif key in known or (key == "value" and self.report.lenient and tag.name in _WITH_VALUE):
                given[key] = attribute
            elif name == "xmlns" or ":" in name:
                self.namespace(name, at)
            else:
                message, hint = f"'{tag.name}' has no attribute '{name}'", f"it has {', '.join(known)}"
                self.report.add("unknown-attribute", message, at, len(name), hint=hint, repair="it is left out")
        return given

    def missing(self, tag: Tag, name: str) -> None:
        hint = f'write <{tag.name} {name}="...">'
        self.report.add("missing-attribute", f"'{tag.name}' has no {name}", tag.at, 1 + len(tag.name), hint=hint)

    def namespace(self, name: str, at: int) -> None:
        hint = "leave the prefix out" if ":" in name and not name.startswith("xmlns") else "remove it"
        self.report.add("namespace", f"'{name}': a plan has no namespaces", at, len(name), hint=hint)

    def ours(self, tag: Tag) -> str:
        """Return the name of an element; in a reply those of the language are read whatever their case."""
        name = tag.name
        if self.report.lenient and name not in _OURS and name.lower() in _OURS:
            self.respelt(tag, name.lower())
            tag.name = name.lower()
        return tag.name

    def respelt(self, tag: Tag, meant: str) -> None:
        self.report.note("misspelt-element", f"'{tag.name}' is read as '{meant}'", tag.at, 1 + len(tag.name))

    def unknown_element(self, tag: Tag) -> None:
        name, length = tag.name, 1 + len(tag.name)
        if ":" in name:
            self.namespace(name, tag.at + 1)
        elif name == "plan":
            self.report.add("nested-plan", "a plan stands inside a plan", tag.at, length, hint="move its steps out")
        else:
            where = self.open[-1] if self.open else "plan"
            step, value = "a step is <function.Plugin.Name ...>", 'a value is an attribute or an <arg name="...">'
            hint = step if where == "plan" else value
            self.report.add("unknown-element", f"there is no element '{name}' in '{where}'", tag.at, length, hint=hint)
        self.skip(tag)

    def closes(self, close: Close, tag: Tag) -> bool:
        """Say whether `close` ends the element that `tag` began: its own, or in a mismatch the one around it."""
        if close.name == tag.name or (self.report.lenient and close.name.lower() == tag.name.lower()):
            self.open.pop()
            return True
        if close.name in self.open:
            self.scanner.at = close.at
            self.unclosed(tag, before=f"/{close.name}")
            return True
        self.stray_close(close)
        return False

    def unclosed(self, tag: Tag, before: str = "") -> None:
        self.open.pop()
        message = f"'{tag.name}' has no end tag" + (f" before '<{before}'" if before else "")
        hint, length = f"write </{tag.name}>", 1 + len(tag.name)
        self.report.add("unclosed-element", message, tag.at, length, hint=hint, repair="it is closed there")

    def stray_close(self, close: Close) -> None:
        message, length = f"'</{close.name}>' closes nothing", close.end - close.at
        self.report.add("stray-end-tag", message, close.at, length, hint="remove it", repair="it is left out")

    def stray_text(self, chars: Chars, where: str, *, hint: str = "", repair: str = "it is left out") -> None:
        written = self.source.text[chars.at : chars.end]
        text = written.strip(" \n\t")
        at = chars.at + written.index(text)
        shown = text if len(text) <= 40 else f"{text[:37]}..."
        hint = hint or "put it into a comment: <!-- ... -->"
        length = len(text.partition("\n")[0])
        self.report.add("stray-text", f"text {where}: '{shown}'", at, length, hint=hint, repair=repair)

    def skip(self, tag: Tag) -> None:
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
