"""What all elements of a plan share: attributes and names, beginning and end, and what does not belong."""

from __future__ import annotations

import re

from .nodes import MAX_DEPTH
from .problems import Report
from .scanning import DASHES, Attribute, Chars, Close, Comment, Scanner, Tag

__all__ = ["BLOCKS", "FUNCTION", "NODES", "Elements"]

FUNCTION = "function."

BLOCKS = frozenset({"if", "else", "foreach", "while"})
"""The elements in which steps stand."""

NODES = BLOCKS | {"elseif"}
"""What a reply has beside steps; an `<if>` in an `<else>` has a name of its own there."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+")
_WITH_VALUE = frozenset({"input", "arg"})
_OURS = frozenset({"plan", *_WITH_VALUE, *BLOCKS})
_FOREACHES = frozenset({"for", "for-each", "for_each", "loop"})
_ELSEIFS = frozenset({"elif", "elseif", "else-if", "else_if", "elsif"})
_MEANT = {name: meant for meant, names in (("foreach", _FOREACHES), ("elseif", _ELSEIFS)) for name in names}
_FORMS = {
    "if": '<if test="...">',
    "foreach": '<foreach item="..." in="...">',
    "while": '<while test="..." max="...">',
}
_ELSEIF = 'write <else><if test="..."> ... </if></else>'
_HINTS = {
    "input": "an input stands in the plan itself",
    "arg": "an argument stands in a step",
    **dict.fromkeys(_ELSEIFS, _ELSEIF),
    **dict.fromkeys(_FOREACHES, f"write {_FORMS['foreach']}"),
}


class Elements:
    """Reads a stretch of the report's source; `open` are the names of the elements it is in."""

    def __init__(self, report: Report, at: int, end: int) -> None:
        self.report = report
        self.source = report.source
        self.scanner = Scanner(report, at, end)
        self.open: list[str] = []
        self.comments: list[str] = []

    def add_comment(self, comment: Comment) -> None:
        """Keep a comment for the next node; in a reply it may have dashes side by side, which no comment can."""
        if text := DASHES.sub("- ", comment.text).strip():
            self.comments.append(text)

    def take_comments(self) -> str:
        """Return the comments since the last node, and forget them."""
        if not self.comments:
            return ""
        joined = "\n".join(self.comments)
        self.comments.clear()
        return joined

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

    def attributes(self, tag: Tag, known: tuple[str, ...], repair: str = "it is left out") -> dict[str, Attribute]:
        """Return the attributes by name; those that an element of this name does not have are reported.

        In a reply they are read whatever their case, and `value` is among them, where a value is wanted inside: what
        becomes of it is the caller's to say.
        """
        given: dict[str, Attribute] = {}
        lenient = self.report.lenient
        folded = {name.lower(): name for name in known}
        for attribute in tag.attributes:
            name, at = attribute.name, attribute.at
            key = folded.get(name.lower(), name.lower()) if lenient else name
            if key in given:
                message = f"the attribute '{name}' is given twice"
                self.report.add("duplicate-attribute", message, at, len(name), hint="keep one")
            elif key in known or (key == "value" and lenient and tag.name in _WITH_VALUE):
                given[key] = attribute
            elif name == "xmlns" or ":" in name:
                self.namespace(name, at)
            else:
                message = f"'{tag.name}' has no attribute '{name}'"
                hint = f"it has {', '.join(known)}" if known else _ELSEIF if name == "test" else "remove it"
                self.report.add("unknown-attribute", message, at, len(name), hint=hint, repair=repair)
        return given

    def missing(self, tag: Tag, name: str) -> None:
        form = _FORMS.get(tag.name, f'<{tag.name} {name}="...">')
        message = f"'{tag.name}' has no '{name}'"
        self.report.add("missing-attribute", message, tag.at, tag.width, hint=f"write {form}")

    def namespace(self, name: str, at: int) -> None:
        hint = "leave the prefix out" if ":" in name and not name.startswith("xmlns") else "remove it"
        self.report.add("namespace", f"'{name}': a plan has no namespaces", at, len(name), hint=hint)

    def ours(self, tag: Tag) -> str:
        """Return the name of an element; in a reply those of the language are read whatever their case."""
        meant = self.meant(tag.name)
        if meant != tag.name:
            if meant != "elseif":  # of which the one who reads it tells more
                self.respelt(tag, meant)
            tag.name, tag.written = meant, tag.written or tag.name
        return meant

    def meant(self, name: str) -> str:
        """Return the name that an element of a reply has in the language, where it has one."""
        if not self.report.lenient or name in _OURS:
            return name
        folded = name.lower()
        return _MEANT.get(folded, folded if folded in _OURS else name)

    def respelt(self, tag: Tag, meant: str) -> None:
        self.report.note("misspelt-element", f"'{tag.name}' is read as '{meant}'", tag.at, tag.width)

    def unknown_element(self, tag: Tag) -> None:
        name, length = tag.name, tag.width
        if ":" in name:
            self.namespace(name, tag.at + 1)
        elif name == "plan":
            self.report.add("nested-plan", "a plan stands inside a plan", tag.at, length, hint="move its steps out")
        else:
            where = self.open[-1] if self.open else "plan"
            if where == "plan" or where in BLOCKS:
                hint = _HINTS.get(name.lower(), "a step is <function.Plugin.Name ...>")
            else:
                hint = 'a value is an attribute or an <arg name="...">'
            self.report.add("unknown-element", f"there is no element '{name}' in '{where}'", tag.at, length, hint=hint)
        self.skip(tag)

    def closes(self, close: Close, tag: Tag, *, sure: bool = True) -> bool:
        """Say whether `close` ends the element that `tag` began: its own, or in a mismatch the one around it.

        `sure` says that in a mismatch there is one place where the element can have its end.
        """
        name = self.meant(close.name)
        if name == tag.name or (self.report.lenient and name.lower() == tag.name.lower()):
            if close.name.lower() not in (tag.name.lower(), tag.written.lower()):
                message = f"'</{close.name}>' is read as '</{tag.name}>'"
                self.report.note("misspelt-element", message, close.at, close.end - close.at)
            self.open.pop()
            return True
        if name in self.open:
            self.scanner.at = close.at
            self.unclosed(tag, before=f"/{close.name}", sure=sure)
            return True
        self.stray_close(close)
        return False

    def unclosed(self, tag: Tag, before: str = "", *, sure: bool = True) -> None:
        self.open.pop()
        message = f"'{tag.name}' has no end tag" + (f" before '<{before}'" if before else "")
        hint, length = f"write </{tag.name}>", tag.width
        repair = "it is closed there" if sure else ""
        self.report.add("unclosed-element", message, tag.at, length, hint=hint, repair=repair)

    def stray_close(self, close: Close) -> None:
        """Report an end tag that closes nothing; in a reply that of a block tells that the steps in it are others."""
        message, length = f"'</{close.name}>' closes nothing", close.end - close.at
        repair = "" if self.meant(close.name) in BLOCKS else "it is left out"
        self.report.add("stray-end-tag", message, close.at, length, hint="remove it", repair=repair)

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
                    elif self.meant(name) in self.open:
                        self.scanner.at = at
                        return
                case _:
                    pass

    def value(self, tag: Tag, attribute: Attribute | None) -> Chars | None:
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
