"""Worker threads: a synchronous function runs in one, so that the event loop never waits for it.

Thinner than `asyncio.to_thread`, which goes through two futures and a pool: one queue in, one callback out. Context
variables are carried over. Threads start when none is idle, are kept, and end with the process: a function that never
returns keeps nobody from leaving.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

__all__ = ["MOST_THREADS", "run_in_thread"]

MOST_THREADS = 128
T = TypeVar("T")

_Job = tuple[contextvars.Context, Callable[[], object], asyncio.AbstractEventLoop, "asyncio.Future[object]"]
_jobs: SimpleQueue[_Job] = SimpleQueue()
_idle = threading.Semaphore(0)
_starting = threading.Lock()
_started: list[threading.Thread] = []


async def run_in_thread(call: Callable[[], T]) -> T:
    """Return what `call` returns, or raise what it raises.

    When the caller is cancelled it stops waiting at once; the thread itself cannot be stopped, and what it returns
    later is dropped.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    if not _idle.acquire(blocking=False):
        _start()
    _jobs.put((contextvars.copy_context(), call, loop, future))  # type: ignore[arg-type]
    return await future


def _start() -> None:
    with _starting:
        if len(_started) < MOST_THREADS:
            thread = threading.Thread(target=_work, name=f"forethought-{len(_started) + 1}", daemon=True)
            _started.append(thread)
            thread.start()


def _work() -> None:
    while True:
        context, call, loop, future = _jobs.get()
        result: object = None
        failure: BaseException | None = None
        try:
            result = context.run(call)
        except BaseException as error:  # foreign code runs here: whatever it raises is the caller's to see
            failure = error
        if _jobs.empty():
            _idle.release()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits for this any more
            loop.call_soon_threadsafe(_settle, future, result, failure)
        del context, call, loop, future, result, failure


def _settle(future: asyncio.Future[object], result: object, failure: BaseException | None) -> None:
    if future.cancelled():
        return
    if failure is None:
        future.set_result(result)
    elif isinstance(failure, StopIteration):  # a future refuses it, as a coroutine does
        future.set_exception(RuntimeError("the function raised StopIteration"))
    else:
        future.set_exception(failure)
