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
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from benchmarks.choosing.distractors import distractors
from benchmarks.measuring import SUBJECTS, environment
from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.memory.embedder import Embedder
from forethought.kernel.registry import SkillRegistry
from forethought.planners.choosing.choose import choose
from forethought.planners.choosing.meaning import index_of, opened
from forethought.planners.choosing.ranking import Ranking, rank, rank_by_keywords
from forethought.planners.manual import manual

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
    command = [python, str(SUBJECTS / "agentdojo_tools.py")]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    tools = [
        FunctionSignature(
            plugin=each["plugin"],
            name=each["name"],
            description=each["description"],
            parameters=tuple(Parameter(**one) for one in each["parameters"]),
        )
        for each in told["tools"]
    ]
    tasks = [Task(each["id"], each["goal"], frozenset(each["functions"])) for each in told["tasks"]]
    return tools, [task for task in tasks if task.functions]


Functions = tuple[FunctionSignature, ...]
Way = Callable[[str, Functions, Embedder], Awaitable[Ranking]]


async def by_keywords(goal: str, functions: Functions, embedder: Embedder) -> Ranking:
    """Rank by words alone."""
    del embedder
    return rank_by_keywords(goal, functions)


async def by_vectors(goal: str, functions: Functions, embedder: Embedder) -> Ranking:
    """Rank by the nearness of name and description to the goal, and by nothing else."""
    found = await (await index_of(functions, embedder)).relevance(goal)
    return Ranking({name: each._replace(score=each.name + each.text) for name, each in found.items()}, embedder.name)


async def fused(goal: str, functions: Functions, embedder: Embedder) -> Ranking:
    """Rank by words, name and text, joined by reciprocal rank (Cormack 2009), which is how it is usually done."""
    found = await (await index_of(functions, embedder)).relevance(goal)
    scores = dict.fromkeys(found, 0.0)
    for part in ("keyword", "name", "text"):
        ranked = sorted(found, key=lambda name: -getattr(found[name], part))
        for place, name in enumerate(ranked, 1):
            scores[name] += 1 / (60 + place)
    return Ranking({name: each._replace(score=scores[name]) for name, each in found.items()}, embedder.name)


async def hybrid(goal: str, functions: Functions, embedder: Embedder) -> Ranking:
    """Rank as a planner does."""
    return await rank(goal, functions, embedder=embedder)


async def measure(embedder: Embedder) -> None:
    """Print the table."""
    tools, tasks = read()
    held_out = " | ".join(("held out @5", "@10", "@20", "whole @20"))
    every = " | ".join(("all @5", "@10", "@20", "whole @20"))
    print(f"| ranked by | functions | {held_out} | {every} | ms |\n|{'---|' * 11}")
    for padding in (0, 931, 2931):
        functions = (*tools, *distractors(padding))
        for name, way in (("keywords", by_keywords), ("vectors", by_vectors), ("fused", fused), ("hybrid", hybrid)):
            rows, took = await _run(way, functions, tasks, embedder, {each.full_name: each.name for each in tools})
            held = [row for row, task in zip(rows, tasks, strict=True) if task.held_out]
            cells = " | ".join(f"{share:.3f}" for part in (held, rows) for share in _means(part))
            print(f"| {name} | {len(functions):,} | {cells} | {took:.1f} |", flush=True)


async def _run(
    way: Way, functions: Functions, tasks: Sequence[Task], embedder: Embedder, tools: Mapping[str, str]
) -> tuple[list[tuple[float, ...]], float]:
    """Return the recall of each task, and the median time of ranking and choosing in milliseconds, the index made."""
    skills = SkillRegistry(functions)
    await way(tasks[0].goal, functions, embedder)
    rows: list[tuple[float, ...]] = []
    times: list[float] = []
    for task in tasks:
        started = time.perf_counter()
        ranking = await way(task.goal, functions, embedder)
        choice = choose(skills, task.goal, ranking=ranking, max_relevant_functions=CUTS[-1])
        times.append((time.perf_counter() - started) * 1000)
        ranked = sorted(choice.scores, key=lambda name: -choice.scores[name])
        rows.append(recall([tools.get(name, "") for name in ranked], task.functions))
    return rows, statistics.median(times)


async def count_tokens(embedder: Embedder) -> None:
    """Print how long the planner's manual is, with all functions and with the twenty that were chosen."""
    tools, tasks = read()
    counter = _Tokens()
    print("\n| functions | all of them | the 20 chosen, on average |\n|---|---|---|")
    for count in (16, 100, 1000):
        functions = (*tools, *distractors(931))[:count]
        skills = SkillRegistry(functions)
        chosen: list[int] = []
        for task in tasks:
            ranking = await rank(task.goal, functions, embedder=embedder)
            choice = choose(skills, task.goal, ranking=ranking, max_relevant_functions=20)
            chosen.append(counter.of(manual(choice.skills)))
        print(f"| {count:,} | {counter.of(manual(functions)):,} | {statistics.fmean(chosen):,.0f} |", flush=True)


class _Tokens:
    """Counts tokens as Llama 2 does, by the tokenizer that comes with the word vectors."""

    def __init__(self) -> None:
        from tokenizers import Tokenizer

        package = find_spec("wordllama")  # not imported: it configures logging
        folder = (package.submodule_search_locations if package else None) or ["."]
        self._tokenizer = Tokenizer.from_file(str(next(Path(folder[0], "tokenizers").glob("l2_*.json"))))

    def of(self, text: str) -> int:
        """Return how many tokens `text` has."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)


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
    asyncio.run(count_tokens(embedder))


if __name__ == "__main__":
    main()
