"""Measure search of semantic memory and print one table, which takes a quarter of an hour.

    python -m benchmarks.memory.measure [--rounds N] [--sizes 1000 10000 100000]

Each engine adds and searches the same texts and vectors in a process of its own, all in turn; figures are medians.
Each has one thread: on shared cores, two of them wait for one another. The peers get an environment of their own under
build/benchmarks, which needs a package index at the first run.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile

from benchmarks.measuring import ROOT, SUBJECTS, environment

__all__ = ["main"]

PEERS = ("numpy", "usearch", "faiss-cpu", "sqlite-vec", "apsw")
ENGINES = {
    "forethought, by meaning": "ours",
    "forethought, hybrid": "ours, hybrid",
    "a bare numpy scan": "numpy",
    "faiss-cpu, exact": "faiss",
    "usearch, HNSW": "usearch",
    "sqlite-vec": "sqlite-vec",
    "Semantic Kernel, in memory": "semantic-kernel",
}
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
OUR_OWN = ("ours", "ours, hybrid", "semantic-kernel")


def measure(engine: str, count: int, peers: str) -> dict[str, float]:
    """Run one engine once."""
    python = sys.executable if engine in OUR_OWN else peers
    with tempfile.TemporaryDirectory() as folder:
        command = [python, str(SUBJECTS / "memory_search.py"), engine, str(count), folder]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **ONE_THREAD}
        )
    if done.returncode:
        raise SystemExit(f"{engine} failed:\n{done.stderr}")
    return {str(name): float(value) for name, value in json.loads(done.stdout).items()}


def main() -> None:
    """Print one Markdown table: a row for each engine, warm searches of each size, cold and adding of the largest."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory.measure")
    parser.add_argument("--rounds", type=int, default=3, help="how often each engine runs in turn (default 3)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    chosen = parser.parse_args()
    peers = environment("memory", *PEERS)
    runs = [
        (count, engine, measure(engine, count, peers))
        for count in chosen.sizes
        for _ in range(chosen.rounds)
        for engine in ENGINES.values()
    ]

    def median(count: int, engine: str, figure: str) -> float | None:
        found = [each[figure] for size, name, each in runs if (size, name) == (count, engine) and figure in each]
        return statistics.median(found) if found else None

    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"{datetime.datetime.now(tz=datetime.UTC).date()}, medians of {chosen.rounds} rounds in turn\n")
    largest = max(chosen.sizes)
    print(f"| warm search of | {' | '.join(f'{each:,}' for each in chosen.sizes)} | × numpy | cold | added |")
    print(f"|---|{'---|' * len(chosen.sizes)}---|---|---|")
    for name, engine in ENGINES.items():
        warm = [median(count, engine, "warm") or 0 for count in chosen.sizes]
        ratio = (median(largest, engine, "warm") or 0) / (median(largest, "numpy", "warm") or 1)
        cold, added = median(largest, engine, "cold"), median(largest, engine, "add") or 0
        shown = " | ".join(f"{each:.3g} ms" if each < 1000 else f"{each:,.0f} ms" for each in warm)
        print(f"| {name} | {shown} | {ratio:.2f} | {f'{cold:,.0f} ms' if cold else '—'} | {added:,.0f}/s |")


if __name__ == "__main__":
    main()
