"""Model specs: the one string that names a model, everywhere."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

from forethought.kernel.errors import SettingsError

__all__ = ["FORMS", "ModelSpec", "Provider"]

Provider = Literal["openai", "azure", "anthropic", "google", "mistral", "ollama", "http", "local", "wrapped"]

FORMS = (
    "openai:NAME, azure:DEPLOYMENT, anthropic:NAME, google:NAME, mistral:NAME, ollama:NAME, "
    "http://HOST:PORT/v1#NAME, local or local:PATH.gguf"
)
_PROVIDERS = tuple(each for each in get_args(Provider) if each != "wrapped")


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model: who serves it, what it is called there, and the server's address for `http`.

    `name` is a deployment for `azure`, a file or nothing for `local`, and may be empty for `http` where the server
    has one model only. `wrapped` is a chat service of an existing kernel, which no text can name. `str(spec)` is the
    spec as it is written.
    """

    provider: Provider
    name: str = ""
    base_url: str = ""

    def __str__(self) -> str:
        if self.provider == "http":
            return f"{self.base_url}#{self.name}" if self.name else self.base_url
        return f"{self.provider}:{self.name}" if self.name else self.provider

    @classmethod
    def parse(cls, text: str) -> ModelSpec:
        """Read a spec; raises SettingsError that quotes it, says what is wrong, and lists the forms."""
        written = text.strip()
        if written.lower().startswith(("http://", "https://")):
            return cls("http", *_address(written))
        provider, colon, name = (part.strip() for part in written.partition(":"))
        folded = provider.lower()
        if folded == "http" or folded not in _PROVIDERS:
            raise _bad(text, _unknown(folded, bool(colon)))
        if folded == "local":
            if colon and not name:
                raise _bad(text, "no file is named after 'local:'")
        elif not name:
            raise _bad(text, f"no model is named: write {folded}:{'DEPLOYMENT' if folded == 'azure' else 'NAME'}")
        return cls(cast("Provider", folded), name)


def _address(written: str) -> tuple[str, str]:
    address, _, name = written.partition("#")
    if not address.isprintable() or " " in address:
        raise _bad(written, f"'{address}' is not an address")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise _bad(written, f"'{address}' is not an address") from error
    if not parts.hostname or port == 0:
        raise _bad(written, "no host is named")
    if parts.query:
        raise _bad(written, f"the address has a query '?{parts.query}'")
    if parts.username or parts.password:
        raise _bad(
            written.replace(parts.netloc, parts.hostname), "the address has a password in it; use FORETHOUGHT_API_KEY"
        )
    return name.strip(), address.rstrip("/")


def _unknown(provider: str, colon: bool) -> str:
    near = difflib.get_close_matches(provider, [each for each in _PROVIDERS if each != "http"], 1, 0.6)
    if near:
        return f"there is no '{provider}'; did you mean '{near[0]}'?"
    if not colon:
        return "it does not say who serves the model"
    return f"there is no '{provider}'"


def _bad(text: str, reason: str) -> SettingsError:
    return SettingsError(f"'{text}' is not a model: {reason} (models are {FORMS})")
