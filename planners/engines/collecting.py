"""Collecting: whoever waits for work that was put into a queue is told what became of it, each by the id of the work.

However many wait, the queues are looked at once in a while for all of them together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from forethought.kernel.errors import EngineError

from .carrying import Carrier, Fate

__all__ = ["Collector"]

_PAUSE = 0.05
_AFTER_FAILURE = 1.0


class Collector:
    """Looks at the queues while somebody waits; a database that is gone for a while is asked again.

    Its task ends with `close`: what waits then is cancelled.
    """

    def __init__(self, carrier: Carrier, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._carrier = carrier
        self._sleep = sleep
        self._coming: dict[str, asyncio.Future[Fate]] = {}
        self._task: asyncio.Task[None] | None = None

    async def fate(self, id_: str) -> Fate:
        """Return what became of work, once it is over."""
        coming = self._coming.get(id_)
        if coming is None:
            coming = self._coming[id_] = asyncio.get_running_loop().create_future()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        return await asyncio.shield(coming)

    def close(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
        for coming in self._coming.values():
            coming.cancel()

    async def _look(self) -> None:
        while self._coming:
            try:
                over = await asyncio.to_thread(self._carrier.over, [*self._coming])
            except EngineError as error:
                if not error.gone:
                    for each in self._coming.values():
                        each.set_exception(error)
                    self._coming.clear()
                    return
                await self._sleep(_AFTER_FAILURE)
                continue
            for fate in over:
                coming = self._coming.pop(fate.id, None)
                if coming is not None and not coming.done():
                    coming.set_result(fate)
            await self._sleep(_PAUSE)
