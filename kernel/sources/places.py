"""Where functions from elsewhere are: an MCP server, or an OpenAPI document and its server."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from forethought.kernel.errors import SettingsError

__all__ = ["LIMIT", "ApiPlace", "McpPlace", "Pairs", "expand"]

LIMIT = 60.0
"""Seconds to answer a request, where nothing else is said."""

Pairs = tuple[tuple[str, str], ...]
_REFERENCE = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class McpPlace:
    """An MCP server: a command to start, or the URL of one that runs.

    Arguments and the values of `env` and `headers` may refer to environment variables, `${env:NAME}`. The command
    starts in `directory`; it has `timeout` seconds to answer a request.
    """

    command: tuple[str, ...] = ()
    url: str = ""
    env: Pairs = ()
    headers: Pairs = ()
    directory: str = ""
    timeout: float = LIMIT

    def digest(self) -> str:
        """Return the SHA-256 of what is started or asked: the folder and the time limit take no part."""
        return _digest([self.command, self.url, self.env, self.headers])

    def __str__(self) -> str:
        return self.url or " ".join(self.command)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiPlace:
    """An OpenAPI document, a file or a URL, and the server its operations are sent to, where it is not the document's.

    Values of `headers` may refer to environment variables, `${env:NAME}`, and go along with every request.
    """

    document: str
    server: str = ""
    headers: Pairs = ()
    timeout: float = LIMIT

    @property
    def remote(self) -> bool:
        """Whether the document is somewhere else, so that only its snapshot can be read."""
        return self.document.startswith(("http://", "https://"))

    def digest(self) -> str:
        """Return the SHA-256 of what is asked: the time limit takes no part."""
        return _digest([self.document, self.server, self.headers])

    def __str__(self) -> str:
        return self.document


def expand(pairs: Pairs, environment: Mapping[str, str], needed_by: str) -> dict[str, str]:
    """Return the values with the environment variables they refer to; raises SettingsError for one that is not set."""

    def value(match: re.Match[str]) -> str:
        found = environment.get(match[1])
        if found is None:
            raise SettingsError(f"the environment variable '{match[1]}' is not set, and {needed_by} needs it")
        return found

    return {name: _REFERENCE.sub(value, text) for name, text in pairs}


def _digest(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
