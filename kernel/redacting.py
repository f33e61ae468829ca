"""Redacting: secrets are hidden before anything is kept, by the name of what holds them, and by their looks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache

from forethought.kernel.errors import SettingsError

__all__ = ["HIDDEN", "Redaction", "is_secret_name"]

HIDDEN = "[redacted]"

_NAMES = (
    r"pass(?:word|wd|phrase)|secret|credentials?|authorization|(?:api|access|private|secret|signing)[_-]?key"
    r"|(?:access|auth|api|refresh|bearer|session|id)[_-]?token"
)
_NAME = re.compile(rf"(?:\w+[_-])?(?:{_NAMES})", re.IGNORECASE | re.ASCII)
_MEMBER = re.compile(rf'("(?:\w+[_-])?(?:{_NAMES})":)"(?:[^"\\]|\\.)+"', re.IGNORECASE | re.ASCII)
_STEMS = ("pass", "secret", "credential", "authorization", 'key"', 'token"')
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
_COMPILED = tuple((mark, re.compile(pattern)) for mark, pattern in _LOOKS)


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Say whether what has this name is a secret: `password`, `api_key`, `SMTP_PASSWORD`."""
    return _NAME.fullmatch(name) is not None


class Redaction:
    """Hides secrets in the JSON text of values: what looks like one, members named like one, and those it was told of.

    `patterns` are further regular expressions; raises SettingsError for one that is none.
    """

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self._own: list[re.Pattern[str]] = []
        for pattern in patterns:
            try:
                self._own.append(re.compile(pattern))
            except re.error as error:
                raise SettingsError(f"'redact' in [journal]: '{pattern}' is no regular expression ({error})") from error
        self._known: set[str] = set()

    def learn(self, value: object) -> None:
        """Hide this value from now on, wherever it turns up; a short text would turn up everywhere."""
        if isinstance(value, str) and len(value) >= 6:
            self._known.add(json.dumps(value)[1:-1])

    def hide(self, text: str) -> str:
        """Return JSON text without its secrets; it is JSON still."""
        shown, lower = text, text.lower()
        if any(stem in lower for stem in _STEMS):
            shown = _MEMBER.sub(rf'\1"{HIDDEN}"', shown)
        for mark, pattern in _COMPILED:
            if mark in shown:
                shown = pattern.sub(HIDDEN, shown)
        for pattern in self._own:
            shown = pattern.sub(HIDDEN, shown)
        for each in self._known:
            if each in shown:
                shown = shown.replace(each, HIDDEN)
        if shown != text:
            try:
                json.loads(shown)
            except ValueError:  # a pattern has taken more than text
                return json.dumps(HIDDEN)
        return shown
