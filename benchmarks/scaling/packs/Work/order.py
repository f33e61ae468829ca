"""The functions of an order for workers: each effect is a line in the file EFFECTS, each call waits WAIT seconds."""

from __future__ import annotations

import asyncio
import json
import os
import time

from forethought.kernel import skill


async def _write(name: str, input: str, wait: float = 1.0) -> str:
    line = json.dumps([name, input, time.time(), os.getpid()])
    effects = os.open(os.environ["EFFECTS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        os.write(effects, f"{line}\n".encode())
    finally:
        os.close(effects)
    await asyncio.sleep(wait * float(os.environ["WAIT"]))
    return f"{name}({input})"


@skill(effect="reads:world")
async def look(input: str) -> str:
    """Look at something."""
    await asyncio.sleep(float(os.environ["WAIT"]))
    return f"<{input}>"


@skill(effect="writes:shelf")
async def reserve(input: str) -> str:
    """Put something aside."""
    return await _write("reserve", input)


@skill(effect="writes:money")
async def charge(input: str) -> str:
    """Take the money."""
    return await _write("charge", input)


@skill(effect="writes:mail")
async def post(input: str) -> str:
    """Send a letter."""
    return await _write("post", input)


@skill(effect="writes:stamps", idempotent=True)
async def stamp(input: str) -> str:
    """Stamp something."""
    return await _write("stamp", input, 0.0)


@skill(effect="writes:notes")
async def note(input: str) -> str:
    """Note something."""
    return await _write("note", input)
