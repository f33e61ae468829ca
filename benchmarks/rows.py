"""The rows: which subject stands against which peer, and the bar."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .measuring import SUBJECTS, Row, Subject, compare, environment, whole_process

__all__ = ["manual", "reading", "running", "start_up"]

SK132 = ("semantic-kernel==1.32.2", "httpx")
PLAN = """<plan goal="Greet Steven by his nickname">
  <function.Names.getNickName input="Steven" setContextVariable="NICKNAME"/>
  <function.StringFunctions.stringReplace input="Hello NAME" from="NAME" to="$NICKNAME" appendToResult="RESULT__TEXT"/>
</plan>
"""


def start_up(rounds: int) -> Iterator[Row]:
    """Whole commands, from the shell and back."""
    command = [sys.executable, "-m", "forethought.cli"]
    bare = [sys.executable, "-c", "pass"]
    ours, theirs = whole_process([*command, "--help"], bare, rounds=2 * rounds)
    yield Row("`forethought --help`", ours, "`python -c pass`", theirs, "ms", "≤ 4", ours <= 4 * theirs)
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder, "plan.xml")
        plan.write_text(PLAN, encoding="utf-8")
        lean = [sys.executable, str(SUBJECTS / "lean.py")]
        ours, theirs = whole_process([*command, "show", str(plan)], lean, rounds=2 * rounds)
        yield Row("`forethought show FILE`", ours, "lean imports", theirs, "ms", "≤ 2", ours <= 2 * theirs)
        sk = [sys.executable, "-c", "import semantic_kernel"]
        ours, theirs = whole_process([*command, "show", str(plan)], sk, rounds=rounds)
        yield Row(
            "`forethought show FILE`", ours, "`import semantic_kernel`", theirs, "ms", "≤ 0.1", 10 * ours <= theirs
        )


def reading(rounds: int) -> Iterator[Row]:
    """Text to a checked plan."""
    python = environment("sk-1.32.2", *SK132)
    peer = Subject.script("SK 1.32.2 parser", "parse_sk132.py", "1000", python=python)
    ours, theirs = compare(Subject.script("parse + check", "parse_ours.py", "1000"), peer, rounds=rounds)
    yield Row(
        "parse + check, 1,000 steps", ours, "SK 1.32.2, parse only", theirs, "µs/step", "≤ 0.33", 3 * ours <= theirs
    )
    ours, theirs = compare(Subject.script("parse", "parse_ours.py", "1000", "parse"), peer, rounds=rounds)
    yield Row("parse alone, 1,000 steps", ours, "SK 1.32.2, parse only", theirs, "µs/step", "")


def running(rounds: int) -> Iterator[Row]:
    """A trivial step, and how it grows."""
    ours_1000 = Subject.script("runner", "run_ours.py", "1000")
    invoke = Subject.script("SK 1.45 kernel.invoke", "run_sk.py", "1000")
    ours, theirs = compare(ours_1000, invoke, rounds=rounds)
    yield Row("a trivial step, no journal", ours, "SK 1.45 `kernel.invoke`", theirs, "µs", "≤ 0.5", 2 * ours <= theirs)
    kept = Subject.script("runner with a journal", "run_journal.py", "1000", "normal")
    ours, theirs = compare(kept, invoke, rounds=rounds)
    yield Row("a trivial step, journal", ours, "SK 1.45 `kernel.invoke`", theirs, "µs", "≤ 1.5", ours <= 1.5 * theirs)
    long, short = compare(
        Subject.script("runner", "run_ours.py", "10000"), Subject.script("runner", "run_ours.py", "100"), rounds=rounds
    )
    yield Row("a step of 10,000 with variables", long, "a step of 100", short, "µs", "≤ 1.2", long <= 1.2 * short)
    old = Subject.script("SK 1.32.2 Plan", "run_sk132_plan.py", "300", python=environment("sk-1.32.2", *SK132))
    ours, theirs = compare(Subject.script("runner", "run_ours.py", "300"), old, rounds=rounds)
    yield Row("a step of 300 with variables", ours, "SK 1.32.2 Plan", theirs, "µs", "")
    graphs = environment("graphs", "langgraph", "pydantic-graph")
    peer = Subject.script("LangGraph", "run_langgraph.py", "100", python=graphs)
    ours, theirs = compare(Subject.script("runner", "run_ours.py", "100"), peer, rounds=rounds)
    yield Row("a step of 100", ours, "LangGraph", theirs, "µs", "")
    peer = Subject.script("pydantic_graph", "run_pydantic_graph.py", "1000", python=graphs)
    ours, theirs = compare(ours_1000, peer, rounds=rounds)
    yield Row("a step of 1,000", ours, "pydantic_graph", theirs, "µs", "")
    wide = Subject.script("wide plan", "wide_ours.py").measure()
    yield Row("28 independent waits", wide, "the longest of them", 1.0, "× longest", "≤ 1.05", wide <= 1.05)
    rounds_of_waits = Subject.script("rounds of waits", "rounds_ours.py", "waits").measure()
    yield Row(
        "foreach of 50 waits, 10 at a time", rounds_of_waits, "5 waits", 5.0, "waits", "≤ 1.1", rounds_of_waits <= 5.5
    )
    ours, theirs = compare(Subject.script("rounds", "rounds_ours.py", "steps"), ours_1000, rounds=rounds)
    yield Row("a round of one step", ours, "a step of 1,000", theirs, "µs", "")


def manual(rounds: int) -> Iterator[Row]:
    """Tokens of the function manual for the shipped packs, by the embedded model's own tokenizer."""
    del rounds  # counting is exact
    ours = Subject.script("manual", "manual_tokens.py", "ours").measure()
    theirs = Subject.script("SK manual", "manual_tokens.py", "sk").measure()
    yield Row(
        "function manual, shipped packs",
        ours,
        "SK 1.32.2's form",
        theirs,
        "tokens/function",
        "≤ 0.4",
        ours <= 0.4 * theirs,
    )
