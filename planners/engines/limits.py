"""Limits: how many calls of a function may run at one time, and how many may start in some seconds.

    [limits]
    "Emailer.sendEmail" = { concurrency = 2, rate = "100/60s" }
    "Crm.*" = { concurrency = 8 }

A name with `*` limits all functions that it fits together. A function has one limit: that of its own name, else that of
the first name that fits.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from forethought.kernel.errors import SettingsError
from forethought.kernel.settings import Settings

__all__ = ["Limit", "Limits"]

_RATE = re.compile(r"\s*(\d+)\s*/\s*(\d+(?:\.\d+)?)?\s*([smhd])\s*")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_EXAMPLE = '{ concurrency = 2, rate = "100/60s" }'


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `concurrency` calls at one time, None for any number, and at most `starts` of them in `period` seconds.

    `name` is that of the function, or the pattern.
    """

    name: str
    concurrency: int | None = None
    starts: int | None = None
    period: float = 1.0


class Limits:
    """The limits of all functions."""

    def __init__(self, *limits: Limit) -> None:
        self._limits = limits

    def __iter__(self) -> Iterator[Limit]:
        return iter(self._limits)

    def of(self, function: str) -> Limit | None:
        """Return the limit of a function, by its full name."""
        folded = function.lower()
        exact = (each for each in self._limits if each.name.lower() == folded)
        fitting = (each for each in self._limits if fnmatch.fnmatchcase(folded, each.name.lower()))
        return next(exact, None) or next(fitting, None)

    @classmethod
    def read(cls, settings: Settings) -> Limits:
        """Return what `[limits]` in the settings says; raises SettingsError."""
        tables = (table for name, table in settings.sections.items() if name.lower() == "limits")
        return cls(*(_limit(name, said) for table in tables for name, said in table.items()))


def _limit(name: str, said: object) -> Limit:
    where = f"'{name}' in [limits]"
    if not isinstance(said, Mapping):
        raise SettingsError(f"{where} must be a table such as {_EXAMPLE}, not {said!r}")
    members = cast("Mapping[str, object]", said)
    if unknown := next((each for each in members if each not in ("concurrency", "rate")), None):
        if isinstance(members[unknown], Mapping):
            raise SettingsError(f'{where} has a dot in its name: write "{name}.{unknown}" = …, in quotes')
        raise SettingsError(f"{where} has no '{unknown}': a limit has concurrency and rate")
    if not members:
        raise SettingsError(f"{where} says nothing: write {_EXAMPLE}")
    concurrency = members.get("concurrency")
    if concurrency is not None and (type(concurrency) is not int or concurrency < 1):
        raise SettingsError(f"'concurrency' of {where} must be a whole number from 1, not {concurrency!r}")
    starts, period = _rate(where, members.get("rate"))
    return Limit(name, concurrency, starts, period)


def _rate(where: str, said: object) -> tuple[int | None, float]:
    if said is None:
        return None, 1.0
    found = _RATE.fullmatch(said) if isinstance(said, str) else None
    if found is None or not int(found[1]) or not float(found[2] or 1):
        example = 'such as "100/60s", "5/s" or "1000/h"'
        raise SettingsError(f"'rate' of {where} must be calls per time, {example}, not {said!r}")
    return int(found[1]), float(found[2] or 1) * _SECONDS[found[3]]
