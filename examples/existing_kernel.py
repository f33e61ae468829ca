"""An existing Semantic Kernel: its plugins, services and filters stay as they are, and plans run on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from semantic_kernel import Kernel as SemanticKernel
from semantic_kernel.filters import FilterTypes, FunctionInvocationContext
from semantic_kernel.functions import kernel_function

from forethought.kernel import Kernel
from forethought.planners import parse, run


class Lights:
    @kernel_function(description="Switch the lights of a room on or off.")
    def switch(self, room: str, on: bool) -> str:
        return f"{room} is {'lit' if on else 'dark'}"


async def audit(
    context: FunctionInvocationContext, next: Callable[[FunctionInvocationContext], Awaitable[None]]
) -> None:
    print("filter sees", context.function.fully_qualified_name)
    await next(context)


PLAN = """<plan><function.Lights-switch room="kitchen" on="false"/></plan>"""


async def main() -> None:
    existing = SemanticKernel()
    existing.add_plugin(Lights(), "Lights")
    existing.add_filter(FilterTypes.FUNCTION_INVOCATION, audit)  # pyright: ignore[reportUnknownMemberType]
    result = await run(parse(PLAN), Kernel.wrap(existing))
    print(result.value)


if __name__ == "__main__":
    asyncio.run(main())
