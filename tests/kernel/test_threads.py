"""Worker threads: a call's result, failure and context come through, and a caller that leaves is not waited for."""

from __future__ import annotations

import asyncio
import threading
import weakref
from contextvars import ContextVar
from functools import partial

import pytest

from forethought.kernel.threads import MOST_THREADS, run_in_thread

colour: ContextVar[str] = ContextVar("colour", default="none")


async def test_a_call_runs_in_another_thread_with_the_callers_context() -> None:
    colour.set("red")

    def look() -> tuple[str, int]:
        seen = colour.get()
        colour.set("blue")
        return seen, threading.get_ident()

    seen, thread = await run_in_thread(look)
    assert seen == "red"
    assert thread != threading.get_ident()
    assert colour.get() == "red"


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(2)])
async def test_what_a_call_raises_is_raised(error: BaseException) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        await run_in_thread(fail)
    assert caught.value is error


async def test_a_cancelled_caller_leaves_at_once_and_the_result_is_dropped() -> None:
    loop, entered, go, dropped = asyncio.get_running_loop(), asyncio.Event(), threading.Event(), asyncio.Event()
    complaints: list[object] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context["message"]))

    def wait() -> object:
        loop.call_soon_threadsafe(entered.set)
        go.wait(10)
        result = partial(print)
        weakref.finalize(result, loop.call_soon_threadsafe, dropped.set)
        return result

    task = asyncio.create_task(run_in_thread(wait))
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go.set()
    async with asyncio.timeout(10):
        await dropped.wait()
    assert not complaints


def test_a_loop_that_has_ended_is_not_missed() -> None:
    entered, go = threading.Event(), threading.Event()

    def wait() -> str:
        entered.set()
        go.wait(10)
        return "late"

    async def leave() -> None:
        task = asyncio.create_task(run_in_thread(wait))
        await run_in_thread(entered.wait)
        task.cancel()

    asyncio.run(leave())
    go.set()
    assert asyncio.run(run_in_thread(lambda: "next")) == "next"


async def test_more_calls_than_threads_wait_for_one_another() -> None:
    running, most = 0, 0
    lock = threading.Lock()

    def work(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        with lock:
            running -= 1
        return number

    numbers = range(3 * MOST_THREADS)
    assert await asyncio.gather(*(run_in_thread(partial(work, number)) for number in numbers)) == list(numbers)
    assert 1 <= most <= MOST_THREADS
    assert sum(thread.name.startswith("forethought-") for thread in threading.enumerate()) <= MOST_THREADS
