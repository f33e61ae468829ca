"""Measuring: subjects are small programs that print one number; two of them run in turn, and their ratio counts.

The machines that run this are shared and noisy: A B A B …, the median of each, and the ratio of the medians.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Row", "Subject", "compare", "environment", "whole_process"]

ROOT = Path(__file__).parents[1]
SUBJECTS = Path(__file__).parent / "subjects"
ENVIRONMENTS = ROOT / "build" / "benchmarks"


@dataclass(frozen=True, slots=True)
class Subject:
    """A program that prints one number: `command` is run as it is, in a process of its own."""

    name: str
    command: tuple[str, ...]

    def measure(self) -> float:
        """Run it once and return the number it printed last."""
        done = subprocess.run(self.command, capture_output=True, text=True, check=False, env=_environ(), cwd=ROOT)
        if done.returncode:
            raise SystemExit(f"{self.name} failed:\n{done.stderr}")
        return float(done.stdout.split()[-1])

    @classmethod
    def script(cls, name: str, file: str, *arguments: str, python: str = sys.executable) -> Subject:
        """A file of `subjects/`, run by `python`."""
        return cls(name, (python, str(SUBJECTS / file), *arguments))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: ours against a peer, in `unit`; `bar` is the ratio that DESIGN promises."""

    what: str
    ours: float
    peer: str
    theirs: float
    unit: str
    bar: str
    met: bool | None = None

    @property
    def ratio(self) -> float:
        """Ours by theirs: below one is faster, or smaller."""
        return self.ours / self.theirs

    def cells(self) -> tuple[str, ...]:
        """The row as it is printed."""
        verdict = "" if self.met is None else ("yes" if self.met else "NO")
        return (
            self.what,
            f"{self.ours:.3g} {self.unit}",
            f"{self.peer}: {self.theirs:.3g} {self.unit}",
            f"{self.ratio:.2f}",
            self.bar,
            verdict,
        )


def compare(ours: Subject, theirs: Subject, *, rounds: int = 5) -> tuple[float, float]:
    """Run both in turn and return the median of each."""
    pairs = [(ours.measure(), theirs.measure()) for _ in range(rounds)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def whole_process(ours: Sequence[str], theirs: Sequence[str], *, rounds: int = 9) -> tuple[float, float]:
    """Time two whole commands in turn, in milliseconds of wall time: the median of each, after one warm-up."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):
        for command, found in zip((ours, theirs), times, strict=True):
            started = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True, env=_environ(), cwd=ROOT)
            if turn:
                found.append((time.perf_counter() - started) * 1000)
    return statistics.median(times[0]), statistics.median(times[1])


def environment(name: str, *packages: str) -> str:
    """Make a virtual environment of its own for a peer, once, and return its Python."""
    python = ENVIRONMENTS / name / "bin" / "python"
    ready = ENVIRONMENTS / name / "ready"
    if not ready.exists():
        print(f"making an environment for {', '.join(packages)} …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(python.parents[1])], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True, env=_environ())
        ready.write_text("\n".join(packages), encoding="utf-8")
    return str(python)


def _environ() -> dict[str, str]:
    """Return the environment of a subject: modules are compiled once, as they are where a package is installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "OTEL_SDK_DISABLED": "true"}
