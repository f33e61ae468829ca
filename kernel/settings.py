"""Settings: what forethought.toml and the environment say; the environment wins.

    model = ["openai:gpt-5-mini", "local"]
    planner_model = "openai:gpt-5"
    skills = ["plugins"]

    [models]
    fast = "ollama:llama3"

    [emailer]
    host = "smtp.example.org"

Several models are an order: where one cannot answer, the next one is asked. `[models]` says what prompt functions mean
by a service id. Every other table is a section, free for the pack of its name. `FORETHOUGHT_MODEL`,
`FORETHOUGHT_PLANNER_MODEL` and `FORETHOUGHT_MODELS_FAST` (several models are divided by commas), and
`FORETHOUGHT_SKILLS` (paths, divided as in PATH) come before the file, and so does `FORETHOUGHT_EMAILER_HOST` before
`host` in `[emailer]`.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import cast

from .errors import SettingsError
from .problems import Problem, Severity

__all__ = ["FILE_NAME", "Settings", "load_settings"]

FILE_NAME = "forethought.toml"
_KEYS = ("model", "planner_model", "skills")
_MODELS = "models"
_PREFIX = "FORETHOUGHT_MODELS_"
_NO_SECTIONS: Mapping[str, Mapping[str, object]] = MappingProxyType({})
_NO_NAMES: Mapping[str, str] = MappingProxyType({})
_NO_MODELS: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is set. `file` is the file that was read; `sources` says for each key who set it, in a user's words.

    `model` and `planner_model` are specs, best first; `models` has those of each service id, in lower case.
    `environment` holds the variables as they were when the settings were loaded; it is never printed.
    """

    model: tuple[str, ...] = ()
    planner_model: tuple[str, ...] = ()
    models: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NO_MODELS)
    skills: tuple[Path, ...] = ()
    file: Path | None = None
    sections: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: _NO_SECTIONS, repr=False)
    sources: Mapping[str, str] = field(default_factory=lambda: _NO_NAMES)
    environment: Mapping[str, str] = field(default_factory=lambda: _NO_NAMES, repr=False)
    problems: tuple[Problem, ...] = ()

    def section(self, name: str) -> Mapping[str, object]:
        """Return the table `[name]`, with `FORETHOUGHT_NAME_KEY` of the environment in place of `key`; empty if none.

        Names and keys ignore case; keys come back in lower case.
        """
        found = [table for key, table in self.sections.items() if key.lower() == name.lower()]
        table: Mapping[str, object] = found[0] if found else {}
        merged: dict[str, object] = {key.lower(): value for key, value in table.items()}
        prefix = f"FORETHOUGHT_{name.upper()}_"
        for variable, value in self.environment.items():
            if variable.startswith(prefix) and len(variable) > len(prefix):
                merged[variable[len(prefix) :].lower()] = value
        return MappingProxyType(merged)


def load_settings(start: Path | None = None, *, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the nearest forethought.toml from `start` (the working directory) upwards, or `FORETHOUGHT_CONFIG`.

    Unknown keys become problems with the nearest known key. Raises SettingsError for a file that cannot be read, is
    not TOML, or gives a key a value of the wrong type.
    """
    environment = dict(os.environ if environment is None else environment)
    file = _find(start or Path.cwd(), environment)
    table = _read(file) if file else {}
    values, sources = _known(table, file, environment)
    models = _models(table.pop(_MODELS, {}), file, environment, sources)
    problems = [
        _unknown(key, str(file)) for key, value in table.items() if key not in _KEYS and not isinstance(value, dict)
    ]
    return Settings(
        model=cast("tuple[str, ...]", values.get("model", ())),
        planner_model=cast("tuple[str, ...]", values.get("planner_model", ())),
        models=MappingProxyType(models),
        skills=cast("tuple[Path, ...]", values.get("skills", ())),
        file=file,
        sections=MappingProxyType(
            {
                key: MappingProxyType(cast("dict[str, object]", value))
                for key, value in table.items()
                if isinstance(value, dict)
            }
        ),
        sources=MappingProxyType(sources),
        environment=MappingProxyType(environment),
        problems=tuple(problems),
    )


def _find(start: Path, environment: Mapping[str, str]) -> Path | None:
    named = environment.get("FORETHOUGHT_CONFIG")
    if named:
        file = Path(named).expanduser()
        if not file.is_file():
            raise SettingsError(f"FORETHOUGHT_CONFIG names '{named}', which is not a file")
        return file
    start = start.resolve()
    found = next((file for each in (start, *start.parents) if (file := each / FILE_NAME).is_file()), None)
    if found and found.parent != start and not _is_ours(found, start):
        raise SettingsError(
            f"{found} belongs to another user, and could name a server or functions of theirs: it is not read "
            f"(FORETHOUGHT_CONFIG={found} reads it all the same; a {FILE_NAME} of your own in this folder comes first)"
        )
    return found


def _is_ours(file: Path, start: Path) -> bool:
    """Say whether a file above `start` is the user's, the administrator's, or of whoever owns the folder itself."""
    if not hasattr(os, "getuid"):  # Windows: folders above one's own are not for everybody to write
        return True
    return file.stat().st_uid in (os.getuid(), 0, start.stat().st_uid)


def _read(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: {error}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: it is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from error
    except RecursionError as error:
        raise SettingsError(f"{file}: it is nested too deeply") from error


def _known(
    table: Mapping[str, object], file: Path | None, environment: Mapping[str, str]
) -> tuple[dict[str, object], dict[str, str]]:
    values: dict[str, object] = {}
    sources: dict[str, str] = {}
    for key in _KEYS:
        variable = f"FORETHOUGHT_{key.upper()}"
        written = environment.get(variable)
        if written:
            values[key] = tuple(map(Path, written.split(os.pathsep))) if key == "skills" else _divided(written)
            sources[key] = variable
        elif key in table:
            values[key] = _checked(key, table[key], cast("Path", file))
            sources[key] = f"'{key}' in {file}"
    return values, sources


def _models(
    table: object, file: Path | None, environment: Mapping[str, str], sources: dict[str, str]
) -> dict[str, tuple[str, ...]]:
    """Return the specs of each service id, and note where each is said; the environment comes first."""
    if not isinstance(table, dict):
        raise SettingsError(f"{file}: 'models' must be a table of service ids, not {table!r}")
    found: dict[str, tuple[str, ...]] = {}
    for service, value in cast("dict[str, object]", table).items():
        if service.lower() == "default":
            raise SettingsError(
                f"{file}: '{service}' in [{_MODELS}] is no service id: write model = … above all tables"
            )
        found[service.lower()] = _specs(f"'{service}' in [{_MODELS}]", value, cast("Path", file))
        sources[f"{_MODELS}.{service.lower()}"] = f"'{service}' in [{_MODELS}] of {file}"
    for variable, value in environment.items():
        service = variable.removeprefix(_PREFIX).lower()
        if variable.startswith(_PREFIX) and service and value:
            found[service] = _divided(value)
            sources[f"{_MODELS}.{service}"] = variable
    return found


def _divided(written: str) -> tuple[str, ...]:
    """Divide what the environment says at its commas; the names of files that have some are for forethought.toml."""
    return tuple(each.strip() for each in written.split(",") if each.strip())


def _checked(key: str, value: object, file: Path) -> object:
    """Return the value of `key` as Settings has it; paths of a file are relative to its folder."""
    if key != "skills":
        return _specs(f"'{key}'", value, file)
    listed = _texts(value)
    if listed is None:
        raise SettingsError(f"{file}: 'skills' must be a list of directories, not {value!r}")
    return tuple(file.parent / Path(each).expanduser() for each in listed)


def _specs(key: str, value: object, file: Path) -> tuple[str, ...]:
    listed = _texts(value)
    if not listed or not all(listed):
        raise SettingsError(f'{file}: {key} must be a text such as "openai:NAME", or a list of some, not {value!r}')
    return tuple(listed)


def _texts(value: object) -> list[str] | None:
    """Return a text, or a list of texts, as a list; None for anything else."""
    listed = [value] if isinstance(value, str) else value
    if isinstance(listed, list) and all(isinstance(each, str) for each in cast("list[object]", listed)):
        return cast("list[str]", listed)
    return None


def _unknown(key: str, file: str) -> Problem:
    near = difflib.get_close_matches(key, _KEYS, 1, 0.6)
    return Problem(
        code="unknown-setting",
        message=f"there is no setting '{key}'",
        severity=Severity.WARNING,
        file=file,
        hint=f"did you mean '{near[0]}'?" if near else f"settings are {', '.join(_KEYS)}; all else is in tables",
    )
