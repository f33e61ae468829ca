"""Which models could be used here, and which one is when nobody says: what `forethought doctor` shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from forethought.kernel.errors import ForethoughtError, SettingsError
from forethought.kernel.settings import Settings

from .local import local_candidate
from .servers import listens
from .spec import ModelSpec

__all__ = ["KEYS", "Candidate", "default_spec", "detect", "missing_key"]

KEYS: Mapping[str, tuple[str, ...]] = {
    "openai": ("OPENAI_API_KEY",),
    "azure": ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT"),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "google": ("GOOGLE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "mistral": ("MISTRALAI_API_KEY", "MISTRAL_API_KEY"),
}
"""The environment variables of each provider: for azure all are needed, elsewhere any one will do."""

_OLLAMA = "http://localhost:11434"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to get a model: its spec (or the form of it), whether it can be used now, and why or why not.

    `chosen` marks the one that is used when nothing else is said.
    """

    spec: str
    available: bool
    reason: str
    chosen: bool = False


def default_spec(settings: Settings) -> str | None:
    """Return the spec that is used when none is given.

    The one in the settings (FORETHOUGHT_MODEL, then forethought.toml), else `local` where its weights are installed:
    then nothing leaves the machine. A key in the environment alone chooses nothing: it would cost money and send data
    away without being asked.
    """
    if settings.model:
        return settings.model
    return "local" if local_candidate()[0] else None


def detect(settings: Settings) -> tuple[Candidate, ...]:
    """Look at every way to get a model, the chosen one first.

    Nothing is sent: only Ollama's port, and that of a server in the settings, are asked whether anybody listens.
    """
    chosen = default_spec(settings)
    found: list[Candidate] = []
    if settings.model:
        found.append(_configured("model", settings.model, settings, chosen=True))
    if settings.planner_model:
        found.append(_configured("planner_model", settings.planner_model, settings))
    available, reason = local_candidate()
    local = Candidate("local", available, reason, chosen == "local" and not settings.model)
    found.extend((local, *_by_keys(settings.environment), _ollama(settings.environment)))
    return tuple(sorted(found, key=lambda each: not each.chosen))


def _configured(key: str, spec: str, settings: Settings, *, chosen: bool = False) -> Candidate:
    source = settings.sources.get(key, "the program")
    try:
        parsed = ModelSpec.parse(spec)
    except SettingsError as error:
        return Candidate(spec, False, f"{source}: {error}", chosen)
    if parsed.provider == "local":
        from .local import open_local

        try:
            open_local(spec)
        except ForethoughtError as error:
            return Candidate(spec, False, f"{source}, but {error}", chosen)
    missing = missing_key(parsed.provider, settings.environment)
    if missing:
        return Candidate(spec, False, f"{source}, but {missing} is not set", chosen)
    url = parsed.base_url or (_ollama_url(settings.environment) if parsed.provider == "ollama" else "")
    if url and not listens(url):
        return Candidate(spec, False, f"{source}, but nothing listens at {url}", chosen)
    return Candidate(spec, True, source, chosen)


def missing_key(provider: str, environment: Mapping[str, str]) -> str:
    """Return the variable that `provider` lacks in the environment, or nothing."""
    names = KEYS.get(provider, ())
    lacking = [name for name in names if not environment.get(name)]
    enough = not lacking if provider == "azure" else len(lacking) < len(names)
    return "" if enough or not names else lacking[0]


def _by_keys(environment: Mapping[str, str]) -> Iterator[Candidate]:
    for provider, names in KEYS.items():
        spec = f"{provider}:{'DEPLOYMENT' if provider == 'azure' else 'NAME'}"
        missing = missing_key(provider, environment)
        present = next((name for name in names if environment.get(name)), names[0])
        reason = f"{missing} is not set" if missing else f"{present} is set; name a model to use it"
        yield Candidate(spec, not missing, reason)


def _ollama_url(environment: Mapping[str, str]) -> str:
    host = environment.get("OLLAMA_HOST", "")
    return (host if "//" in host else f"http://{host}") if host else _OLLAMA


def _ollama(environment: Mapping[str, str]) -> Candidate:
    url = _ollama_url(environment)
    if listens(url):
        return Candidate("ollama:NAME", True, f"a server listens at {url}; name a model to use it")
    return Candidate("ollama:NAME", False, f"nothing listens at {url}")
