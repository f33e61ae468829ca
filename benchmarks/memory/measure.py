"""Measure search of semantic memory and print one table.

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
    """Print a Markdown table for each size."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory.measure")
    parser.add_argument("--rounds", type=int, default=3, help="how often each engine runs in turn (default 3)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    chosen = parser.parse_args()
    peers = environment("memory", *PEERS)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"{datetime.datetime.now(tz=datetime.UTC).date()}, medians of {chosen.rounds} rounds in turn")
    for count in chosen.sizes:
        print(f"\n| {count:,} texts × 256 | warm | × numpy | cold | added |\n|---|---|---|---|---|", flush=True)
        runs = [{each: measure(each, count, peers) for each in ENGINES.values()} for _ in range(chosen.rounds)]
        scan = statistics.median(run["numpy"]["warm"] for run in runs)
        for name, engine in ENGINES.items():
            found = {key: statistics.median(run[engine][key] for run in runs) for key in runs[0][engine]}
            cold = f"{found['cold']:.3g} ms" if "cold" in found else "—"
            warm = found["warm"]
            print(f"| {name} | {warm:.3g} ms | {warm / scan:.2f} | {cold} | {found['add']:,.0f}/s |", flush=True)


if __name__ == "__main__":
    main()
