"""Microseconds a step for a LangGraph graph: a chain of trivial nodes, without a checkpointer."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from typing import TypedDict

from langgraph.graph import END, START, StateGraph


class State(TypedDict):
    value: str


async def same(state: State) -> State:
    return {"value": state["value"]}


async def main(steps: int) -> float:
    builder = StateGraph(State)
    for number in range(steps):
        builder.add_node(f"n{number}", same)
        builder.add_edge(f"n{number - 1}" if number else START, f"n{number}")
    builder.add_edge(f"n{steps - 1}", END)
    graph = builder.compile()
    times = []
    for _ in range(5):
        started = time.perf_counter()
        await graph.ainvoke({"value": "x"}, {"recursion_limit": steps + 5})
        times.append(time.perf_counter() - started)
    return statistics.median(times) / steps * 1e6


if __name__ == "__main__":
    print(asyncio.run(main(int(sys.argv[1]))))
