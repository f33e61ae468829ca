"""Chat markup: the `<message role="…">` tags of a template, told apart from any text that only looks like one.

Before a template is rendered, each tag in its own text is replaced by marks that hold a secret number. Values are
then put in as they are: whatever they contain, they cannot contain the marks, so only the template's tags divide the
rendered text into messages.
"""

from __future__ import annotations

import re
import secrets
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from typing import cast

from forethought.kernel.models.chat import Message, Role
from forethought.kernel.values import text

from .formats import TemplateError

__all__ = ["Markup", "written"]

_TAG = re.compile(
    r"""(?P<open><message(?=\s)(?P<before>(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*?)
        \s+role\s*=\s*(?P<quote>["'])(?P<role>[^"'<>]*)(?P=quote)
        (?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*(?P<empty>/?)>(?:\s*(?P<text><text>))?)
    |(?P<close>(?:</text>\s*)?</message\s*>)
    |<!\[CDATA\[(?P<literal>(?:(?!<!\[CDATA\[|\]\]>).)*)\]\]>
    |&(?P<entity>amp|lt|gt|quot|apos|\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6});""",
    re.DOTALL | re.VERBOSE,
)
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ROLES: Mapping[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_OPEN, _ROLE, _ROLE_END, _CONTENT, _CLOSE = "\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5"


def written(value: object) -> str:
    """Return a value as it stands in a prompt: text as it is, nothing for None, everything else as JSON."""
    return "" if value is None else text(value)


class Markup:
    """The marks of one rendering; `secret` is a number that no value can know."""

    def __init__(self, secret: int | None = None) -> None:
        number = secrets.randbits(96) if secret is None else secret
        self._mark = f"\ufdd0{number}"
        self._marks = re.compile(f"{self._mark}([{_OPEN}-{_CLOSE}])")

    def message(self, role: object, content: str) -> str:
        """Return a whole message as marked text."""
        opened = f"{self._mark}{_OPEN}{self._mark}{_ROLE}{written(role)}{self._mark}{_ROLE_END}{self._mark}{_CONTENT}"
        return f"{opened}{content}{self._mark}{_CLOSE}"

    def message_of(self, item: object) -> str:
        """Return one message of a conversation (a mapping or an object with `role` and `content`) as marked text."""
        role, content = _field(item, "role"), _field(item, "content")
        if role is None:
            raise TemplateError(f"'{written(item)}' is not a message: it has no role")
        return self.message(getattr(role, "value", role), written(content))

    def messages_of(self, items: object) -> str:
        """Return a whole conversation as marked text."""
        listed = getattr(items, "messages", items)
        if isinstance(listed, str) or not isinstance(listed, Sequence):
            raise TemplateError(f"'{written(items)}' is not a list of messages")
        return "".join(self.message_of(item) for item in cast("Sequence[object]", listed))

    def mark(self, texts: Sequence[str]) -> list[str]:
        """Mark the tags in a template's own text; `texts` are its stretches between code, in document order.

        A tag may hold code (`<message role="{{$role}}">`), its name and its quotes may not. Where there are tags,
        the text is XML: entities and CDATA sections stand for what they mean, and blanks around a message are none of
        its neighbours' text.
        """
        whole = "".join(texts)
        ends: list[int] = []
        for each in texts:
            ends.append((ends[-1] if ends else 0) + len(each))
        found = list(_TAG.finditer(whole))
        if not any(match["open"] for match in found):
            return list(texts)
        borders = frozenset(ends)
        changes: list[tuple[int, int, str]] = []
        for match in found:
            changes += self._changes(match, whole, borders)
        return _changed(whole, ends, changes)

    def _changes(self, match: re.Match[str], whole: str, borders: Collection[int]) -> list[tuple[int, int, str]]:
        """Return what a tag, entity or CDATA section becomes: stretches of the text and what replaces each."""
        start, end = match.span()
        if match["entity"]:
            return [(start, end, _character(match["entity"]))]
        if match["literal"] is not None:
            inner = match.span("literal")
            return [(start, inner[0], ""), (inner[1], end, "")]
        if match["close"] or match["empty"]:
            while end < len(whole) and whole[end].isspace() and end not in borders:
                end += 1
        if match["close"]:
            return [(start, end, f"{self._mark}{_CLOSE}")]
        role = match.span("role")
        after = f"{self._mark}{_CONTENT}" + (f"{self._mark}{_CLOSE}" if match["empty"] else "")
        tag_end = match.start("text") if match["text"] else match.end()
        closing = whole.rindex(">", role[1], tag_end)
        blank = start
        while blank and whole[blank - 1].isspace() and blank not in borders:
            blank -= 1
        return [
            (blank, start + len("<message"), f"{self._mark}{_OPEN}"),
            (role[0] - 1, role[0], f"{self._mark}{_ROLE}"),
            (role[1], role[1] + 1, f"{self._mark}{_ROLE_END}"),
            (closing, end, after),
        ]

    def split(self, rendered: str) -> tuple[Message, ...]:
        """Divide a rendered template into messages.

        Without a message tag, all of it is one user message. With some, text before the first is a system message and
        text between or after them a user message, unless it is blank. A system message alone is a user message: there
        would be nothing to answer.
        """
        parts = self._marks.split(rendered)
        if _OPEN not in parts[1::2]:
            return (Message("user", self._marks.sub("</message>", rendered)),)
        messages: list[Message] = []
        loose = [parts[0]]
        role: list[str] | None = None
        content: list[str] | None = None
        for mark, part in zip(parts[1::2], parts[2::2], strict=True):
            match mark:
                case "\ufdd1" if role is not None:
                    raise TemplateError("a message starts inside another message")
                case "\ufdd1":
                    _flush(loose, messages)
                    role = []
                case "\ufdd2" if role is not None:
                    role.append(part)
                case "\ufdd4":
                    content = [part]
                case "\ufdd5" if role is not None and content is not None:
                    messages.append(Message(_role("".join(role)), "".join(content)))
                    role = content = None
                    loose.append(part)
                case "\ufdd5":
                    loose.append(f"</message>{part}")
                case _:
                    continue
        if role is not None:
            raise TemplateError("a message is not closed by '</message>'")
        _flush(loose, messages)
        if [each.role for each in messages] == ["system"]:
            return (Message("user", messages[0].content),)
        return tuple(messages)


def _field(item: object, name: str) -> object:
    if isinstance(item, Mapping):
        return cast("Mapping[str, object]", item).get(name)
    return getattr(item, name, None)


def _flush(loose: list[str], messages: list[Message]) -> None:
    between = "".join(loose)
    loose.clear()
    if between.strip():
        messages.append(Message("user" if messages else "system", between))


def _role(name: str) -> Role:
    role = _ROLES.get(name.strip().lower())
    if role is None:
        raise TemplateError(f"'{name}' is not a role: write system, user or assistant")
    return role


def _character(entity: str) -> str:
    if not entity.startswith("#"):
        return _ENTITIES[entity]
    number = int(entity[2:], 16) if entity[1] in "xX" else int(entity[1:])
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else f"&{entity};"


def _changed(whole: str, ends: Sequence[int], changes: Sequence[tuple[int, int, str]]) -> list[str]:
    """Apply `changes` to `whole`, and divide the outcome where `whole` was divided; what crosses a border stays."""
    texts: list[list[str]] = [[] for _ in ends]
    at = 0

    def copy(until: int) -> None:
        nonlocal at
        while at < until:
            index = bisect_right(ends, at)
            stop = min(until, ends[index])
            texts[index].append(whole[at:stop])
            at = stop

    for start, end, replacement in changes:
        copy(start)
        index = bisect_right(ends, start)
        if start < end <= ends[index]:
            texts[index].append(replacement)
            at = end
    copy(len(whole))
    return ["".join(parts) for parts in texts]
