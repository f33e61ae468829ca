"""Workplaces: what the settings say about workers.

    [engine]
    database = "postgresql://ada@db.example.org/work"
    local = ["StringFunctions.*"]

    [limits]
    "Emailer.sendEmail" = { concurrency = 2, rate = "100/60s" }

The functions of `local` are called by whoever coordinates a run, and not by any worker. FORETHOUGHT_DATABASE comes
before the file. What `[journal]` says of secrets and `[approval]` of approvals holds for workers, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from forethought.kernel.errors import SettingsError
from forethought.kernel.redacting import patterns
from forethought.kernel.settings import Settings
from forethought.planners.journaling.approving import Policy
from forethought.planners.journaling.locating import workers_database

from .limits import Limits
from .places import FORMS, Places

__all__ = ["Workplace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """Where workers are, and how they work; `shown` is the database as people read it."""

    database: str
    shown: str
    limits: Limits
    local: tuple[str, ...]
    redact: tuple[str, ...]
    policy: Policy

    @classmethod
    def of(cls, settings: Settings, database: str | None = None) -> Workplace:
        """Return the workplace at `database`, else at the one of the settings; raises SettingsError."""
        found = database or workers_database(settings)
        if found is None:
            ways = "--database, FORETHOUGHT_DATABASE, or `database` in [engine] of forethought.toml"
            raise SettingsError(f"there is no database for workers: give one by {ways}; it is {FORMS}")
        said = settings.section("engine").get("local", ())
        local = said.split(",") if isinstance(said, str) else said
        if not isinstance(local, list | tuple) or not all(
            isinstance(each, str) for each in cast("list[object]", local)
        ):
            raise SettingsError(
                f"'local' in [engine] must be a list of functions such as [\"Strings.*\"], not {said!r}"
            )
        return cls(
            database=found,
            shown=Places.of(found).shown,
            limits=Limits.read(settings),
            local=tuple(each.strip() for each in cast("list[str]", local)),
            redact=patterns(settings),
            policy=Policy.of(settings),
        )
