"""Approving: who has agreed to what, kept in the journal, so that it can be said later and from another process."""

from __future__ import annotations

import fnmatch
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from forethought.kernel.errors import FunctionError, SettingsError
from forethought.kernel.functions import FunctionSignature
from forethought.kernel.settings import Settings
from forethought.planners.running.holding import Call

from .history import Decision
from .journal import Journal

__all__ = ["Approvals", "Policy", "denial", "last_word"]

_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which calls somebody must agree to, each with its arguments: by hints, or by names of functions.

    `each` are the words `destructive`, `open_world` and `writes`, and names, in which `*` stands for anything. An
    approval counts for `expires` seconds.
    """

    each: tuple[str, ...] = ()
    expires: float = 7 * _DAY

    @classmethod
    def of(cls, settings: Settings) -> Policy:
        """Return what `[approval]` in the settings says; raises SettingsError."""
        section = settings.section("approval")
        each = section.get("each", ())
        each = each.split(",") if isinstance(each, str) else each
        if not isinstance(each, list | tuple) or not all(isinstance(one, str) for one in cast("list[object]", each)):
            raise SettingsError(
                f'\'each\' in [approval] must be a list such as ["destructive", "Emailer.*"], not {each!r}'
            )
        days = section.get("expires_days", 7)
        try:
            expires = float(cast("str", days)) * _DAY
        except (TypeError, ValueError) as error:
            raise SettingsError(f"'expires_days' in [approval] must be a number of days, not {days!r}") from error
        return cls(each=tuple(one.strip() for one in cast("list[str]", each)), expires=expires)

    def asks(self, signature: FunctionSignature) -> bool:
        """Say whether somebody must agree to calls of this function."""
        said = {
            "destructive": signature.destructive,
            "open_world": signature.open_world,
            "writes": bool(signature.effect.writes),
        }
        name = signature.full_name.lower()
        return any(said[one] if one in said else fnmatch.fnmatchcase(name, one.lower()) for one in self.each)


class Approvals:
    """What `run(..., approve=...)` asks: a call that the policy names starts once somebody has agreed to just that.

    Until then it waits, and the journal says what for: `journal.approve` is how to agree, from wherever.
    """

    def __init__(self, journal: Journal, policy: Policy, *, clock: Callable[[], float] = time.time) -> None:
        self._journal = journal
        self._policy = policy
        self._clock = clock

    def __call__(self, call: Call, /) -> bool | None:
        if not self._policy.asks(call.signature):
            return True
        said = last_word(self._journal.decisions(call.run), call.step, call.hash, self._clock())
        if said is not None and said.kind == "denied":
            raise FunctionError(call.signature.full_name, denial(said), lasting=True)
        return None if said is None else True


def last_word(decisions: Iterable[Decision], step: str | None, hash_: str, now: float) -> Decision | None:
    """Return the last word on what has this hash, a call or a plan; None where nobody has said one that counts."""
    for decision in reversed(list(decisions)):
        if decision.step == step and decision.kind in ("approved", "denied"):
            said = json.loads(decision.data)
            if said["hash"] == hash_:
                return decision if said.get("expires") is None or now < said["expires"] else None
    return None


def denial(said: Decision) -> str:
    """Return who has denied something, and when, in words."""
    at = datetime.fromtimestamp(said.at).astimezone()
    return f"{said.name or 'somebody'} denied it at {at:%Y-%m-%d %H:%M:%S}"
