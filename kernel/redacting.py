"""Redacting: secrets are hidden before anything is kept or shown, by the name of what holds them, or by their looks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, cast

from .errors import SettingsError

if TYPE_CHECKING:
    from .settings import Settings

__all__ = ["HIDDEN", "Redaction", "is_secret_name", "patterns"]

HIDDEN = "[redacted]"

_NAMES = (
    r"pass(?:word|wd|phrase)|secret|credentials?|authorization|(?:api|access|private|secret|signing)[_-]?key"
    r"|(?:access|auth|api|refresh|bearer|session|id)[_-]?token"
)
_NAMED = rf"(?:\w+[_-])?(?:{_NAMES})"
_STEMS = ("pass", "secret", "credential", "authorization", "key", "token")
_MEMBERS = (  # a member of an object, in JSON, and in JSON that is a text of JSON; a parameter of an address
    rf'("{_NAMED}"\s*:\s*")((?:[^"\\]|\\.)+)',
    rf'(\\"{_NAMED}\\"\s*:\s*\\")([^"\\]+)',
    rf"([?&]{_NAMED}=)([^&\s\"'#\\]+)",
)
_LOOKS = (  # each with a text that it cannot be without, which is quicker to look for
    ("sk-", r"\bsk-[\w-]{20,}"),
    ("gh", r"\bgh[pousr]_\w{30,}|\bgithub_pat_\w{30,}"),
    ("glpat-", r"\bglpat-[\w-]{20,}"),
    ("AKIA", r"\bAKIA[0-9A-Z]{16}\b"),
    ("AIza", r"\bAIza[\w-]{35}"),
    ("xox", r"\bxox[abeoprs]-[\w-]{10,}"),
    ("eyJ", r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"),
    ("PRIVATE KEY", r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^\"]*?-----END [A-Z ]*PRIVATE KEY-----"),
    ("://", r"(?<=://)[^\s\"/:@]+:[^\s\"/@]+(?=@)"),
    ("earer ", r"(?<=[Bb]earer )[\w.~+/-]{16,}=*"),
)
_LEAST = 7  # characters of what looks like a secret: ://a:b@
_SHORTEST = 6
"""Characters of a value that is hidden wherever it turns up: a shorter one would turn up everywhere."""
_SHORTEST_LINE = 16


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.ASCII if _NAMES in pattern else 0)


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Say whether what has this name is a secret: `password`, `api_key`, `SMTP_PASSWORD`."""
    return _compiled(_NAMED).fullmatch(name) is not None


Mark = Callable[[str], str]
"""Takes a secret, and returns what stands in its place."""


def _mark(secret: str) -> str:
    return HIDDEN


class Redaction:
    """Hides secrets: what looks like one, members of objects that are named like one, and those it was told of.

    `patterns` are further regular expressions; raises SettingsError for one that is none.
    """

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self._own: list[re.Pattern[str]] = []
        for pattern in patterns:
            try:
                self._own.append(re.compile(pattern))
            except re.error as error:
                raise SettingsError(f"'redact' in [journal]: '{pattern}' is no regular expression ({error})") from error
        self._whole: set[str] = set()
        self._known: list[str] = []  # the longest first

    def learn(self, value: object) -> None:
        """Hide this value from now on: a text wherever it turns up, a short one where it is all that is there.

        Of a list or an object, each text in it; of a text of several lines, each line as well.
        """
        reveal: Callable[[], object] | None = getattr(value, "get_secret_value", None)
        if reveal is not None:  # pydantic's
            value = reveal()
        if isinstance(value, str):
            self._learn_text(value)
        elif isinstance(value, Mapping):
            for each in cast("Mapping[object, object]", value).values():
                self.learn(each)
        elif isinstance(value, list | tuple):
            for each in cast("Iterable[object]", value):
                self.learn(each)

    def _learn_text(self, value: str) -> None:
        if not value or value in self._whole or value == HIDDEN:
            return
        self._whole.add(value)
        if len(value) < _SHORTEST:
            return
        lines = [each.strip() for each in value.splitlines()]
        texts = [value, *(each for each in lines if len(each) >= _SHORTEST_LINE)]
        texts += [each for text in texts if (each := _in_xml(text)) != text]
        self._known = sorted({*self._known, *texts, *(json.dumps(each)[1:-1] for each in texts)}, key=len)[::-1]

    def hide(self, text: str) -> str:
        """Return JSON text without its secrets; it is JSON still."""
        if self._whole and text[:1] == '"' and json.loads(text) in self._whole:
            return json.dumps(HIDDEN)
        shown = self._hidden(text)
        if shown != text:
            try:
                json.loads(shown)
            except ValueError:  # a pattern has taken more than text
                return json.dumps(HIDDEN)
        return shown

    def text(self, text: str, mark: Mark = _mark) -> str:
        """Return a text of any kind without its secrets; `mark` returns what stands in the place of one."""
        return mark(text) if text in self._whole else self._hidden(text, mark)

    def value(self, value: object, mark: Mark = _mark) -> object:
        """Return a value as JSON has it without its secrets."""
        if isinstance(value, str):
            return self.text(value, mark)
        if isinstance(value, list | tuple):
            return [self.value(each, mark) for each in cast("Iterable[object]", value)]
        if isinstance(value, Mapping):
            members = cast("Mapping[str, object]", value).items()
            return {
                self.text(name, mark): mark(each)
                if each and isinstance(each, str) and is_secret_name(name)
                else self.value(each, mark)
                for name, each in members
            }
        return value

    def _hidden(self, text: str, mark: Mark = _mark) -> str:
        if len(text) < _LEAST and not self._own and not self._known:
            return text
        shown, lower = text, text.lower()
        for stem in _STEMS:
            if stem in lower:
                for pattern in _MEMBERS:
                    shown = _compiled(pattern).sub(lambda found: found[1] + mark(found[2]), shown)
                break
        for sign, pattern in _LOOKS:
            if sign in shown:
                shown = _compiled(pattern).sub(lambda found: mark(found[0]), shown)
        for own in self._own:
            shown = own.sub(lambda found: mark(found[0]), shown)
        for known in self._known:
            if known in shown:
                shown = shown.replace(known, mark(known))
        return shown


def _in_xml(text: str) -> str:
    """Return a text as it stands in the text of a plan."""
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("\n", "&#10;")
    )


def patterns(settings: Settings) -> tuple[str, ...]:
    """Return the further secrets that `redact` in `[journal]` names; raises SettingsError."""
    redact = settings.section("journal").get("redact", ())
    redact = [redact] if isinstance(redact, str) else redact
    if not isinstance(redact, list | tuple) or not all(isinstance(each, str) for each in cast("list[object]", redact)):
        raise SettingsError(f"'redact' in [journal] must be a list of regular expressions, not {redact!r}")
    return tuple(cast("list[str]", redact))
