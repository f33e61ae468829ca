"""How well functions are chosen: AgentDojo's tools for its user tasks, alone and among functions that nobody needs.

    python -m benchmarks.choosing.measure [--embedder SPEC]

For each task it is known which tools solve it. *Recall @k* is the share of them among the k best-ranked functions,
*whole @20* the share of tasks that have all of theirs among the 20 best. The ranking was tuned on one half of the
tasks, which the hash of a task's id picks; the other half is what counts.

The tools come from an environment of their own under build/benchmarks, made at the first run.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import hashlib
import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from benchmarks.choosing.distractors import distractors
from benchmarks.measuring import environment
from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.memory.embedder import Embedder
from forethought.planners.choosing.meaning import Index, index_of, opened
from forethought.planners.choosing.ranking import Ranking, rank, rank_by_keywords

__all__ = ["Task", "main", "recall"]

AGENTDOJO = "agentdojo==0.1.35"
CUTS = (5, 10, 20)


@dataclass(frozen=True, slots=True)
class Task:
    """A goal, and the names of the functions that reach it; `held_out` says that nothing was tuned on it."""

    id: str
    goal: str
    functions: frozenset[str]

    @property
    def held_out(self) -> bool:
        """Whether the task is of the half that nothing was tuned on."""
        return hashlib.sha256(self.id.encode()).digest()[-1] % 2 == 1


def recall(ranked: Sequence[str], wanted: frozenset[str]) -> tuple[float, ...]:
    """Return the share of `wanted` among the best 5, 10 and 20, and whether all are among the best 20."""
    shares = [len(wanted & set(ranked[:cut])) / len(wanted) for cut in CUTS]
    return (*shares, float(wanted <= set(ranked[: CUTS[-1]])))


def read() -> tuple[list[FunctionSignature], list[Task]]:
    """Return AgentDojo's tools as functions, plugins being its modules, and the tasks that need any of them."""
    python = environment("agentdojo", AGENTDOJO)
    script = Path(__file__).with_name("agentdojo_tools.py")
    told = json.loads(subprocess.run([python, str(script)], capture_output=True, text=True, check=True).stdout)
    tools = [
        FunctionSignature(**{**each, "parameters": tuple(Parameter(**one) for one in each["parameters"])})
        for each in told["tools"]
    ]
    tasks = [Task(each["id"], each["goal"], frozenset(each["functions"])) for each in told["tasks"]]
    return tools, [task for task in tasks if task.functions]


async def by_vectors(goal: str, functions: Sequence[FunctionSignature], embedder: Embedder) -> Ranking:
    """Rank by the nearness of name and description to the goal, and by nothing else."""
    index: Index = await index_of(tuple(functions), embedder)
    found = await index.relevance(goal)
    return Ranking({name: each._replace(score=each.name + each.text) for name, each in found.items()}, embedder.name)


async def measure(embedder: Embedder) -> None:
    """Print the table."""
    tools, tasks = read()
    held = [task.held_out for task in tasks]
    print(
        "| ranked by | among | held-out tasks @5 | @10 | @20 | whole @20 | all tasks @5 | @10 | @20 | whole @20 | ms |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for padding in (0, 931, 2931):
        functions = [*tools, *distractors(padding)]
        own = {each.full_name: each.name for each in tools}
        for way in ("keywords", "vectors", "hybrid"):
            rows: list[tuple[float, ...]] = []
            times: list[float] = []
            for task in tasks:
                for turn in range(2):  # the first one makes the index
                    started = time.perf_counter()
                    if way == "keywords":
                        ranking = rank_by_keywords(task.goal, functions)
                    elif way == "vectors":
                        ranking = await by_vectors(task.goal, functions, embedder)
                    else:
                        ranking = await rank(task.goal, functions, embedder=embedder)
                    if turn or rows:
                        times.append((time.perf_counter() - started) * 1000)
                ranked = sorted(ranking.relevance, key=lambda name: -ranking.relevance[name].score)
                rows.append(recall([own.get(name, "") for name in ranked[: CUTS[-1]]], task.functions))
            cells = [f"{share:.3f}" for part in (_those(rows, held), rows) for share in _means(part)]
            print(f"| {way} | {len(functions):,} | {' | '.join(cells)} | {statistics.median(times):.1f} |", flush=True)


def _those(rows: Sequence[tuple[float, ...]], wanted: Iterable[bool]) -> list[tuple[float, ...]]:
    return [row for row, this in zip(rows, wanted, strict=True) if this]


def _means(rows: Sequence[tuple[float, ...]]) -> list[float]:
    return [statistics.fmean(column) for column in zip(*rows, strict=True)]


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--embedder", default="local", help="the embedder's spec (default: local)")
    embedder = opened(cast("str", parser.parse_args().embedder))
    if embedder is None:
        raise SystemExit("the local embedder is not installed: pip install 'forethought[memory]'")
    print(
        f"{embedder.name}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end=""
    )
    print(f"{datetime.datetime.now(tz=datetime.UTC).date()}\n")
    asyncio.run(measure(embedder))


if __name__ == "__main__":
    main()
