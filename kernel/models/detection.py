"""Which models could be used here, and which one is when nobody says: what `forethought doctor` shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from forethought.kernel.errors import ForethoughtError, SettingsError
from forethought.kernel.settings import Settings

from .local import local_candidate
from .servers import listens
from .spec import ModelSpec

__all__ = ["KEYS", "Candidate", "default_specs", "detect", "missing_key"]

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

    `chosen` marks the one that is used when nothing else is said. `order` counts the configured ones from 1, in the
    order in which they are asked; it is None for what is not configured.
    """

    spec: str
    available: bool
    reason: str
    chosen: bool = False
    order: int | None = None


def default_specs(settings: Settings) -> tuple[str, ...]:
    """Return the specs that are used when none are given, best first.

    Those in the settings (FORETHOUGHT_MODEL, then forethought.toml), else `local` where its weights are installed: then
    nothing leaves the machine. A key in the environment alone chooses nothing: it would cost money and send data away
    without being asked.
    """
    if settings.model:
        return settings.model
    return ("local",) if local_candidate()[0] else ()


def detect(settings: Settings) -> tuple[Candidate, ...]:
    """Look at every way to get a model, the configured ones first, in the order in which they are asked.

    Of them, the first that can be used is the chosen one; where none can, it is the first. Nothing is sent: only
    Ollama's port, and that of a server in the settings, are asked whether anybody listens.
    """
    configured = [_configured("model", spec, settings, order) for order, spec in enumerate(settings.model, 1)]
    if configured:
        first = next((place for place, each in enumerate(configured) if each.available), 0)
        configured[first] = dataclasses.replace(configured[first], chosen=True)
    available, reason = local_candidate()
    local = Candidate("local", available, reason, chosen=available and not configured)
    found = (
        *configured,
        *(_configured("planner_model", spec, settings, order) for order, spec in enumerate(settings.planner_model, 1)),
        *(
            _configured(f"models.{service}", spec, settings, order)
            for service, specs in settings.models.items()
            for order, spec in enumerate(specs, 1)
        ),
        local,
        *_by_keys(settings.environment),
        _ollama(settings.environment),
    )
    return (local, *(each for each in found if each is not local)) if local.chosen else found


def _configured(key: str, spec: str, settings: Settings, order: int) -> Candidate:
    source = settings.sources.get(key, "the program")
    obstacle = _obstacle(spec, settings)
    return Candidate(spec, not obstacle, f"{source}{obstacle}", order=order)


def _obstacle(spec: str, settings: Settings) -> str:
    """Return why `spec` cannot be used, as the end of a sentence; nothing where it can."""
    try:
        parsed = ModelSpec.parse(spec)
    except SettingsError as error:
        return f": {error}"
    if parsed.provider == "local":
        from .local import open_local

        try:
            open_local(spec)
        except ForethoughtError as error:
            return f", but {error}"
    missing = missing_key(parsed.provider, settings.environment)
    if missing:
        return f", but {missing} is not set"
    url = parsed.base_url or (_ollama_url(settings.environment) if parsed.provider == "ollama" else "")
    return f", but nothing listens at {url}" if url and not listens(url) else ""


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
