"""A diagnosis as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forethought.kernel.models.detection import Candidate
from forethought.kernel.problems import Severity

from .problems import render_problem
from .styling import Paint, plain, visible

if TYPE_CHECKING:
    from forethought.cli.diagnosis import Diagnosis, MemoryState

__all__ = ["render_diagnosis"]


def render_diagnosis(diagnosis: Diagnosis, *, paint: Paint = plain) -> str:
    """Return every part under a heading: versions, models, packs, memory, settings, and what does not work."""
    versions = [f"{name} {known or 'is not installed'}" for name, known in diagnosis.versions.items()]
    blocks = [
        (f"{paint('Versions', 'bold')}", versions),
        (f"{paint('Models', 'bold')}", _models(diagnosis, paint)),
        (f"{paint('Skill packs', 'bold')}", _packs(diagnosis)),
        (f"{paint('Memory', 'bold')}", _memory(diagnosis.memory, paint)),
        (f"{paint('Settings', 'bold')}", [str(diagnosis.file) if diagnosis.file else "no forethought.toml is in use"]),
        (f"{paint('Problems', 'bold')}", _problems(diagnosis, paint)),
    ]
    return "\n\n".join("\n  ".join([head, *lines]) for head, lines in blocks)


def _models(diagnosis: Diagnosis, paint: Paint) -> list[str]:
    width = max(len(each.spec) for each in diagnosis.models)
    lines = [_model(each, width, paint) for each in diagnosis.models]
    if not any(each.chosen for each in diagnosis.models):
        lines.insert(0, "none is used: pass --model SPEC, or set FORETHOUGHT_MODEL, or `model` in forethought.toml")
    if diagnosis.planner:
        lines.append(f"plans are made by {visible(', else '.join(diagnosis.planner))}")
    return lines


def _model(each: Candidate, width: int, paint: Paint) -> str:
    if each.available:
        word, style = "used" if each.chosen else "then" if (each.order or 1) > 1 else "ready", "green"
    else:
        word, style = ("broken", "red") if each.order else ("no", "dim")
    return f"{paint(f'{word:6}', style)}  {visible(each.spec):{width}}  {visible(each.reason)}"


def _packs(diagnosis: Diagnosis) -> list[str]:
    width = max((len(each.name) for each in diagnosis.packs), default=0)
    return [
        f"{visible(each.name):{width}}  {_count(len(each.functions)):12}  {visible(str(each.directory))}"
        for each in diagnosis.packs
    ] or ["none"]


def _memory(memory: MemoryState, paint: Paint) -> list[str]:
    texts = "cannot be read" if memory.texts is None else f"{memory.texts} text{'' if memory.texts == 1 else 's'}"
    rows = [
        (memory.texts is not None, memory.path, f"{memory.path_reason}, {texts}"),
        (memory.available, memory.embedder, memory.embedder_reason),
    ]
    width = max(len(name) for _, name, _ in rows)
    return [
        f"{paint('used  ', 'green') if works else paint('broken', 'red')}  {visible(name):{width}}  {visible(reason)}"
        for works, name, reason in rows
    ]


def _count(functions: int) -> str:
    return f"{functions} function{'' if functions == 1 else 's'}"


def _problems(diagnosis: Diagnosis, paint: Paint) -> list[str]:
    worth = [each for each in diagnosis.problems if each.severity is not Severity.NOTICE]
    listed = [paint(visible(each), "red") for each in diagnosis.failures]
    shown = [render_problem(each, file="", paint=paint).replace("\n", "\n  ") for each in worth]
    return [*listed, *shown] or ["none"]
