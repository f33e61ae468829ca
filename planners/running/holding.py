"""Holding: what keeps a step from starting without being a failure: somebody must agree to it, or the run is to end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from forethought.kernel.functions import FunctionSignature
from forethought.kernel.values import jsonable

__all__ = ["Approve", "Call", "Held", "call_hash"]

Held = Literal["waiting", "stopped"]
"""Why a step does not start: it waits for somebody to agree, or the run is to end."""

_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that somebody may have to agree to: what exactly would be called, and the hash that stands for it.

    Whoever agrees, agrees to this hash. Another argument, or another signature of the function, is another hash.
    """

    run: str
    step: str
    signature: FunctionSignature
    arguments: Mapping[str, object]

    @property
    def hash(self) -> str:
        """What an approval of this call is bound to."""
        return call_hash(self.step, self.signature, self.arguments)


Approve = Callable[[Call], "bool | Awaitable[bool | None] | None"]
"""Asked before each call, with its arguments: True lets it start, False fails the step, None lets it wait.

While a step waits, everything that does not need it goes on; then the run ends, and its status is *waiting*.
"""


def call_hash(step: str, signature: FunctionSignature, arguments: Mapping[str, object]) -> str:
    """Return the hash of a call: of the step, the function's signature, and each value that it is given."""
    agreed = {
        "step": step,
        "function": signature.digest(),
        "arguments": {name: jsonable(value) for name, value in arguments.items()},
    }
    text = json.dumps(agreed, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]
