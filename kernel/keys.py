"""Keys: what a function can give to a service, so that a call that is made twice is done once."""

from __future__ import annotations

import hashlib
from contextvars import ContextVar

__all__ = ["StepKey", "step_place"]

step_place: ContextVar[tuple[str, ...]] = ContextVar("step_place", default=())
"""Where the call that runs now stands: the id of the run, and those of the steps that it is in; empty outside."""


class StepKey:
    """The idempotency key of the call that runs: a function that has a parameter of this type is given it.

        @skill(effect="writes:payments", idempotent=True)
        async def pay(amount: int, key: StepKey) -> str: ...

    `str(key)` is the same text whenever the same step of the same run, in the same round, is called, also after the run
    was resumed, and another for any other. It is empty outside of a run. Such a parameter is no part of the signature.
    """

    def __str__(self) -> str:
        place = step_place.get()
        return hashlib.sha256("\n".join(place).encode()).hexdigest()[:32] if place else ""
