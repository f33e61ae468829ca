"""The tokens of XML, with the offset of every part; what is not well-formed is reported and read on from.

This is the part of XML that a plan needs: elements, attributes, text, CDATA, comments, the five entities and character
references. What can harm (a DOCTYPE, entities of one's own, processing instructions) ends the reading. Every step
consumes characters, and none looks back, so reading takes time in proportion to the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from .problems import Report
from .tuples import maker

__all__ = ["DASHES", "FORBIDDEN", "NAME", "Attribute", "Chars", "Close", "Comment", "Scanner", "Tag", "Token"]

# XML's names by what they do not hold: the same sets, and compiled in a sixth of the time, which every command pays.
_NEVER = (
    "\u037e\u2000-\u200b\u200e-\u203e\u2041-\u206f\u2190-\u2bff\u2ff0-\u3000\ud800-\uf8ff\ufdd0-\ufdef\ufffe\uffff"
    "\U000f0000-\U0010ffff\xd7\xf7"
)
_START = f"[^\x00-9;-@\\[-^`{{-\xbf\u0300-\u036f\u203f\u2040{_NEVER}]"
_ASCII = "[A-Za-z_:][A-Za-z0-9_:.-]*+"
_QUOTED = r'[ \n\t]*+=[ \n\t]*+"'

NAME = re.compile(rf"{_START}[^\x00-,/;-@\\[-^`{{-\xb6\xb8-\xbf{_NEVER}]*+")
# The way of almost every tag: ASCII names, double quotes. Any other takes `_tag`, which reads the same and is slower.
_TAG = re.compile(rf'[ \n\t]*+<({_ASCII})((?:[ \n\t]++{_ASCII}{_QUOTED}[^"<]*+")*+)[ \n\t]*+(/?)>')
_ATTRIBUTE = re.compile(rf'([ \n\t]++)([^ \n\t=]++)({_QUOTED})([^"]*+)"')  # of a tag that has matched
_CLOSE = re.compile(r"</([^\s<>/]++)[ \n\t]*+>")  # a name that is none closes nothing
_BLANK = re.compile(r"[ \n\t]*+")
_LINE_END = re.compile(r"[\n\t]")
_SPECIAL = re.compile(r"&(?:#0*([0-9]{1,7})|#x0*([0-9A-Fa-f]{1,6})|(lt|gt|amp|quot|apos));|&(#?\w{1,32};)?|\]\]>")
_TWO_WORDS = re.compile(r"(for|else)[ \n\t]++(each|if)(?=[ \n\t/>])(?![ \n\t]*+=)", re.IGNORECASE)
_LOOSE_NAME = re.compile(r"""[^\s=<>/"']++""")
_LOOSE_VALUE = re.compile(r"""[^\s<>"'=]+(?<!/)""")
_EQUALS = re.compile(r"[ \n\t]*+=[ \n\t]*+")
_AFTER_VALUE = re.compile(r"""[ \n\t]*+/?>|[ \n\t]*+[^\W\d][^\s=<>/"']*+[ \n\t]*+=[ \n\t]*+["']""")
_VALUE_ENDS = {
    name: re.compile(
        rf"<!\[CDATA\[|</({name}|plan|function\.[^\s>]*+)[ \n\t]*+>|<arg\s+name\b|<function\.", re.IGNORECASE
    )
    for name in ("arg", "input")
}
_MARKUP = re.compile(r"<(?=[/!?:]|[^\W\d])")
_LOOSE_CLOSE = re.compile(r"</[ \n\t]*+([^\W\d][^\s<>/]*+)[^<>]*+>?")
DASHES = re.compile("-(?=-)")
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_QUOTES_TRIED = 50
_FORBIDDEN_TOLD = 10


class Attribute(NamedTuple):
    """One attribute: its name and decoded value, their offsets, and the length of the value as written."""

    name: str
    value: str
    at: int
    value_at: int
    length: int


_attribute_of = maker(Attribute)


@dataclass(slots=True)
class Tag:
    """A start tag; an `empty` one ends itself. One that a reply writes another way has the name that is meant."""

    name: str
    attributes: list[Attribute]
    empty: bool
    at: int
    end: int
    written: str = ""

    @property
    def width(self) -> int:
        """How many characters its beginning has, with the name as it is written."""
        return 1 + len(self.written or self.name)


@dataclass(slots=True)
class Close:
    """An end tag."""

    name: str
    at: int
    end: int


@dataclass(slots=True)
class Chars:
    """Decoded text; of a CDATA section it is what stands inside."""

    text: str
    at: int
    end: int


@dataclass(slots=True)
class Comment:
    """The text between `<!--` and `-->`."""

    text: str
    at: int
    end: int


Token = Tag | Close | Chars | Comment


class Scanner:
    """Reads the tokens of `report.source` from `at` to `end`, one a call of `next`."""

    __slots__ = ("at", "end", "report", "text")

    def __init__(self, report: Report, at: int, end: int) -> None:
        self.report = report
        self.text = report.source.text
        self.at = at
        self.end = end
        forbidden = FORBIDDEN.finditer(self.text, at, end)
        last = at
        for found in islice(forbidden, _FORBIDDEN_TOLD):
            last = found.start()
            report.add("forbidden-character", f"the character U+{ord(found[0]):04X} is not allowed in XML", last)
        if more := sum(1 for _ in forbidden):
            report.add("forbidden-character", f"after it, {more:,} more characters are not allowed in XML", last)

    def next(self, blank: bool = False) -> Token | None:
        """Return the next token, None at the end; spaces and line ends before it count only where `blank` says so."""
        text, at, end = self.text, self.at, self.end
        found = None if blank else _TAG.match(text, at, end)
        if found is None:
            if not blank:
                at = _BLANK.match(text, at, end).end()  # type: ignore[union-attr] # it always matches
            if at >= end:
                self.at = at
                return None
            if text[at] != "<":
                return self._chars(at)
            found = _TAG.match(text, at, end)
            if found is None:
                return self._markup(at)
        self.at = found.end()
        attributes: list[Attribute] = []
        if found[2]:
            at, stop = found.span(2)
            for space, name, quoted, raw in _ATTRIBUTE.findall(text, at, stop):
                at += len(space)
                value_at = at + len(name) + len(quoted)
                length = len(raw)
                value = raw
                if "&" in raw or not raw.isprintable():
                    value = self._decode(raw, value_at, attribute=True)
                attributes.append(_attribute_of((name, value, at, value_at, length)))
                at = value_at + length + 1
        return Tag(found[1], attributes, bool(found[3]), found.start(1) - 1, self.at)

    def value(self, tag: Tag) -> Chars | None:
        """Return the text of the element that `tag` begins, as a model writes it: markup in it is text."""
        parts: list[Chars] = []
        text, report = self.text, self.report
        pattern = _VALUE_ENDS[tag.name]
        while True:
            stop = pattern.search(text, self.at, self.end)
            end = stop.start() if stop else self.end
            if end > self.at:
                raw = text[self.at : end]
                less = raw.find("<")
                if less >= 0:
                    message = f"a '<' in the value of '{tag.name}'"
                    report.note(
                        "stray-less-than", f"{message}; it is read as text", self.at + less, hint="write &lt; for it"
                    )
                parts.append(Chars(self._decode(raw, self.at), self.at, end))
            self.at = end
            if stop and stop[0].startswith("<!"):
                parts.append(self._cdata(end))
                continue
            if stop and stop[1] and stop[1].lower() == tag.name:
                self.at = stop.end()
            else:
                message = f"'{tag.name}' has no end tag"
                report.add(
                    "unclosed-element", message, tag.at, 1 + len(tag.name), repair="it is closed where it must end"
                )
            if not parts:
                return None
            return Chars("".join(part.text for part in parts), parts[0].at, parts[-1].end)

    def _chars(self, at: int) -> Chars:
        """chars = { character | reference } ."""
        end = self.text.find("<", at, self.end)
        self.at = end = self.end if end < 0 else end
        raw = self.text[at:end]
        return Chars(self._decode(raw, at) if "&" in raw or "]]>" in raw else raw, at, end)

    def _stray(self, at: int) -> Chars:
        """Text that begins with a `<`, up to the next that begins something."""
        message, hint = "a '<' in text begins no element", "write &lt; for it"
        self.report.add("stray-less-than", message, at, hint=hint, repair="it is read as text")
        markup = _MARKUP.search(self.text, at + 1, self.end)
        self.at = end = markup.start() if markup else self.end
        return Chars(self._decode(self.text[at:end], at), at, end)

    def _markup(self, at: int) -> Token | None:
        """markup = comment | cdata | close | tag ."""
        text = self.text
        if text.startswith("<!--", at):
            return self._comment(at)
        if text.startswith("<![CDATA[", at):
            return self._cdata(at)
        if text.startswith("<!", at):
            message = f"'{text[at : at + 20].split()[0]}' is not allowed: a plan has no DOCTYPE and no entities"
            raise self.report.stop("doctype", message, at, 2, hint="remove it")
        if text.startswith("<?", at):
            end = text.find("?>", at, self.end)
            message = "a plan has no processing instructions"
            self.report.add("processing-instruction", message, at, 2, hint="remove it")
            self.at = self.end if end < 0 else end + 2
            return self.next()
        if closing := _CLOSE.match(text, at, self.end):
            self.at = closing.end()
            return Close(closing[1], at, self.at)
        if closing := _LOOSE_CLOSE.match(text, at, self.end):
            self.at = closing.end()
            message, repair = f"'{closing[0][:40]}' is no end tag", f"it is read as '</{closing[1]}>'"
            self.report.add("malformed-tag", message, at, 2, hint=f"write </{closing[1]}>", repair=repair)
            return Close(closing[1], at, self.at)
        if named := NAME.match(text, at + 1, self.end):
            return self._tag(at, named)
        return self._stray(at)

    def _comment(self, at: int) -> Comment | None:
        """comment = "<!--" { character but no "--" } "-->" ."""
        text = self.text
        dashes = text.find("--", at + 4, self.end)
        end = text.find("-->", dashes, self.end) if dashes >= 0 else -1
        if end < 0:
            raise self.report.stop("unclosed-comment", "the comment has no '-->'", at, 4)
        comment = text[at + 4 : end]
        if end != dashes:
            message, hint = "'--' is not allowed in a comment", "write - - for it"
            self.report.add("dashes-in-comment", message, dashes, 2, hint=hint, repair="it is read as '- -'")
        self.at = end + 3
        return Comment(comment, at, self.at)

    def _cdata(self, at: int) -> Chars:
        """cdata = "<![CDATA[" { character } "]]>" ."""
        start = at + len("<![CDATA[")
        end = self.text.find("]]>", start, self.end)
        if end < 0:
            raise self.report.stop("unclosed-cdata", "the CDATA section has no ']]>'", at, start - at)
        self.at = end + 3
        return Chars(self.text[start:end], start, end)

    def _tag(self, at: int, named: re.Match[str]) -> Tag:
        """tag = "<" name { space name "=" value } [ "/" ] ">" , with something wrong in it."""
        text, end, report = self.text, self.end, self.report
        attributes: list[Attribute] = []
        name, written = named[0], ""
        self.at = named.end()
        if report.lenient and (words := _TWO_WORDS.match(text, at + 1, end)):
            name, written = (words[1] + words[2]).lower(), words[0]
            self.at = words.end()
            report.note("misspelt-element", f"'{written}' is read as '{name}'", at, 1 + len(written))
        while True:
            before = self.at
            self.at = here = _BLANK.match(text, before, end).end()  # type: ignore[union-attr] # it always matches
            if text.startswith(("/>", ">"), here, end):
                empty = text[here] == "/"
                self.at = here + 1 + empty
                return Tag(name, attributes, empty, at, self.at, written)
            if here >= end or text[here] == "<":
                report.add("unclosed-tag", f"the tag '<{named[0]}' has no '>'", at, 1 + len(named[0]))
                return Tag(name, attributes, True, at, here, written)
            if here == before and attributes:
                report.add("malformed-tag", "there is no space before this attribute", here, repair="it is read so")
            attribute = self._attribute(here)
            if attribute:
                attributes.append(attribute)

    def _attribute(self, at: int) -> Attribute | None:
        """attribute = name "=" value ."""
        text, end, report = self.text, self.end, self.report
        named = _LOOSE_NAME.match(text, at, end)
        if named is None:
            report.add("malformed-tag", f"'{text[at]}' is out of place in a tag", at)
            self.at = at + 1
            return None
        name = named[0]
        strict_name = NAME.fullmatch(name)
        if strict_name is None:
            report.add("malformed-tag", f"'{name}' is no name of an attribute", at, len(name))
        equals = _EQUALS.match(text, named.end(), end)
        if equals is None:
            self.at = named.end()
            report.add("malformed-tag", f"the attribute '{name}' has no value", at, len(name))
            return None
        start = equals.end()
        if start < end and text[start] in "\"'":
            raw = self._quoted(name, start)
            start += 1
        else:
            bare = _LOOSE_VALUE.match(text, start, end)
            raw = bare[0] if bare else ""
            self.at = start + len(raw)
            message, hint = f"the value of '{name}' has no quotes around it", f'write {name}="{raw}"'
            repair = f"'{raw}' is read" if raw else ""
            report.add("missing-quotes", message, start, len(raw) or 1, hint=hint, repair=repair)
        value = self._decode(raw, start, attribute=True)
        return Attribute(name, value, at, start, len(raw)) if strict_name else None

    def _quoted(self, name: str, at: int) -> str:
        """Return what stands between the quotes from `at`; in a reply a quote that cannot be the last is text."""
        text, end, report = self.text, self.end, self.report
        quote = text[at]
        first = closing = text.find(quote, at + 1, end)
        if first < 0:
            raise report.stop("unclosed-value", f"the value of '{name}' has no closing quote", at)
        if report.lenient:
            for _ in range(_QUOTES_TRIED):
                if closing < 0 or _AFTER_VALUE.match(text, closing + 1, end):
                    break
                closing = text.find(quote, closing + 1, end)
            else:
                closing = -1
        if closing < 0:
            closing = first
        if closing > first:
            message = f"a quote stands in the value of '{name}'"
            report.add("stray-quote", message, first, repair="it is read as text")
        self.at = closing + 1
        return text[at + 1 : closing]

    def _decode(self, raw: str, at: int, *, attribute: bool = False) -> str:
        """Return what `raw`, as written at `at`, stands for."""
        if attribute:
            raw = self._attribute_text(raw, at)
        return _SPECIAL.sub(lambda found: self._special(found, at, attribute), raw) if _SPECIAL.search(raw) else raw

    def _attribute_text(self, raw: str, at: int) -> str:
        """A line end or a tab in an attribute is a space by the rules of XML; in a reply it is what it is."""
        less = raw.find("<")
        if less >= 0:
            message, hint = "a '<' in a value must be written &lt;", "write &lt; for it"
            self.report.add("stray-less-than", message, at + less, hint=hint, repair="it is read as text")
        blank = _LINE_END.search(raw)
        if blank is None:
            return raw
        what, code = ("line end", "&#10;") if blank[0] == "\n" else ("tab", "&#9;")
        became = f"it is kept as a {what}" if self.report.lenient else "it is read as one"
        message = f"a {what} in an attribute is a space in XML; {became}"
        self.report.note("line-end-in-attribute", message, at + blank.start(), hint=f"write {code} to keep it")
        return raw if self.report.lenient else raw.replace("\n", " ").replace("\t", " ")

    def _special(self, found: re.Match[str], at: int, attribute: bool) -> str:
        """Return what a reference stands for; one that stands for nothing is reported, and is text."""
        decimal, hexadecimal, entity, junk = found.groups()
        if entity:
            return _ENTITIES[entity]
        report, whole, at = self.report, found[0], at + found.start()
        repair = "it is read as text"
        if decimal or hexadecimal:
            code = int(decimal) if decimal else int(hexadecimal, 16)
            if code <= 0x10FFFF and not FORBIDDEN.match(chr(code)):
                return chr(code)
            report.add("forbidden-character", f"'{whole}' is no character of XML", at, len(whole))
        elif whole == "]]>":
            if not attribute:
                hint = "write ]]&gt; for it"
                report.add("stray-cdata-end", "']]>' must not stand in text", at, 3, hint=hint, repair=repair)
        elif junk:
            message, hint = f"'{whole}' is not one of the five entities of XML", f"write &amp;{junk} for the text"
            report.add("unknown-entity", message, at, len(whole), hint=hint, repair=repair)
        else:
            message, hint = "a '&' begins no entity", "write &amp; for it"
            report.add("stray-ampersand", message, at, hint=hint, repair=repair)
        return whole
