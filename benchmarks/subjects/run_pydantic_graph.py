"""Microseconds a step for pydantic_graph: one node that comes back to itself N times."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from dataclasses import dataclass

from pydantic_graph import BaseNode, End, GraphBuilder, GraphRunContext


@dataclass
class State:
    left: int
    value: str = "x"


@dataclass
class Same(BaseNode[State, None, str]):
    async def run(self, ctx: GraphRunContext[State]) -> Same | End[str]:
        ctx.state.left -= 1
        return Same() if ctx.state.left else End(ctx.state.value)


def graph() -> object:
    builder = GraphBuilder(state_type=State, input_type=Same, output_type=str)
    builder.add(builder.node(Same), builder.edge_from(builder.start_node).to(Same))
    return builder.build()


async def main(steps: int) -> float:
    built = graph()
    times = []
    for _ in range(5):
        started = time.perf_counter()
        await built.run(state=State(steps), inputs=Same())
        times.append(time.perf_counter() - started)
    return statistics.median(times) / steps * 1e6


if __name__ == "__main__":
    print(asyncio.run(main(int(sys.argv[1]))))
