"""What is in use here: models, packs, settings, versions; every part is looked at even where another one fails."""

from __future__ import annotations

import dataclasses
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType

from forethought.kernel.errors import ForethoughtError, SettingsError
from forethought.kernel.models.detection import Candidate, detect
from forethought.kernel.packs.pack import Pack
from forethought.kernel.packs.reading import read_packs
from forethought.kernel.problems import Problem, has_errors
from forethought.kernel.settings import Settings, load_settings

from .arguments import Options
from .skills import directories

__all__ = ["Diagnosis", "MemoryState", "diagnose"]

_PACKAGES = ("forethought", "semantic-kernel", "pydantic", "lxml", "xllamacpp")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryState:
    """The file of semantic memory with how many texts are in it, and what embeds them; and who says so.

    `texts` is None where the file cannot be read, `available` says whether the embedder can be opened.
    """

    path: str
    path_reason: str
    texts: int | None
    embedder: str
    embedder_reason: str
    available: bool

    def as_json(self) -> dict[str, object]:
        """Return the state in the shape that `doctor --json` documents."""
        return dataclasses.asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What was found. `planner` has the specs for planning where they are others; `failures` what does not work."""

    versions: Mapping[str, str | None]
    file: Path | None
    models: tuple[Candidate, ...]
    planner: tuple[str, ...]
    packs: tuple[Pack, ...]
    memory: MemoryState
    problems: tuple[Problem, ...]
    failures: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True where everything that is configured works."""
        return not self.failures and not has_errors(self.problems)

    def as_json(self) -> dict[str, object]:
        """Return the diagnosis in the shape that `doctor --json` documents."""
        from .rendering.problems import problem_as_json

        return {
            "ok": self.ok,
            "versions": dict(self.versions),
            "settings": str(self.file) if self.file else None,
            "models": [
                {
                    "spec": each.spec,
                    "order": each.order,
                    "chosen": each.chosen,
                    "available": each.available,
                    "reason": each.reason,
                }
                for each in self.models
            ],
            "planner_model": list(self.planner),
            "packs": [
                {"name": each.name, "directory": str(each.directory), "functions": len(each.functions)}
                for each in self.packs
            ],
            "memory": self.memory.as_json(),
            "problems": [problem_as_json(each, file=True) for each in self.problems],
            "failures": list(self.failures),
        }


def diagnose(options: Options) -> Diagnosis:
    """Look at everything a command with these options would use."""
    failures: list[str] = []
    settings = _settings(options, failures)
    models = detect(settings)
    broken = (each.spec for each in models if each.order and not each.available)
    failures += [f"the model '{spec}' cannot be used" for spec in dict.fromkeys(broken)]
    packs: list[Pack] = []
    for directory in directories(options.skills, settings):
        try:
            packs += read_packs(directory)
        except ForethoughtError as error:
            failures.append(str(error))
    return Diagnosis(
        versions={"python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}},
        file=settings.file,
        models=models,
        planner=settings.planner_model,
        packs=tuple(packs),
        memory=_memory(settings, failures),
        problems=(*settings.problems, *(problem for pack in packs for problem in pack.problems)),
        failures=tuple(failures),
    )


def _memory(settings: Settings, failures: list[str]) -> MemoryState:
    """Return which memory is in use; what is there but cannot be used is a failure."""
    import asyncio

    from forethought.kernel.memory.embedders.opening import open_embedder
    from forethought.kernel.memory.locating import DEFAULT_EMBEDDER, IN_PROCESS, locate
    from forethought.kernel.memory.memory import SemanticMemory

    try:
        place = locate(None, None, settings)
    except SettingsError as error:
        failures.append(str(error))
        place = locate(None, None, dataclasses.replace(settings, sections=MappingProxyType({})))
    texts: int | None = None
    try:
        texts = asyncio.run(SemanticMemory.open(settings=settings).count())
    except ForethoughtError as error:
        failures.append(str(error))
    spec, reason = str(place.embedder), _said("embedder", settings)
    try:
        open_embedder(spec, settings)
        available = True
    except ForethoughtError as error:
        available = False
        if texts or spec != DEFAULT_EMBEDDER:
            failures.append(str(error))
        else:
            reason += ", not installed: pip install 'forethought[memory]'"
    return MemoryState(
        path=str(place.path or IN_PROCESS),
        path_reason=_said("path", settings),
        texts=texts,
        embedder=spec,
        embedder_reason=reason,
        available=available,
    )


def _said(key: str, settings: Settings) -> str:
    """Say who decides `key` in [memory]."""
    variable = f"FORETHOUGHT_MEMORY_{key.upper()}"
    if settings.environment.get(variable):
        return variable
    return f"'{key}' in [memory] of {settings.file}" if key in settings.section("memory") else "the default"


def _settings(options: Options, failures: list[str]) -> Settings:
    """Return the settings, with what the command line says instead."""
    try:
        settings = load_settings()
    except SettingsError as error:
        failures.append(str(error))
        settings = Settings(environment=MappingProxyType(dict(os.environ)))
    given = {"model": options.model, "planner_model": options.planner_model}
    said = {key: tuple(value) for key, value in given.items() if value}
    sources = {**settings.sources, **{key: f"--{key.replace('_', '-')}" for key in said}}
    return dataclasses.replace(
        settings,
        model=said.get("model", settings.model),
        planner_model=said.get("planner_model", settings.planner_model),
        sources=MappingProxyType(sources),
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
