"""One way to run a plan over a few functions of the plugin `T`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import cast

import pytest

from forethought.kernel import Kernel
from forethought.planners import RunResult, parse, run


@pytest.fixture
def execute() -> Callable[..., Awaitable[RunResult]]:
    async def execute(
        steps: str,
        *functions: Callable[..., object],
        variables: Mapping[str, object] | None = None,
        **options: object,
    ) -> RunResult:
        """Run the plan that consists of `steps` over `functions`; `options` are those of `run`."""
        kernel = Kernel(variables=variables)
        for function in functions:
            kernel.add_functions(function, "T")
        return await cast("Callable[..., Awaitable[RunResult]]", run)(
            parse(f'<plan goal="test">{steps}</plan>'), kernel, **options
        )

    return execute
