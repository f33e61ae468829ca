"""Retries: which step may be tried again, after which failure, and how long to wait before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from forethought.kernel.errors import (
    CoercionError,
    ForethoughtError,
    FunctionError,
    JournalError,
    LookupFailure,
    ModelNotConfiguredError,
    NotEnoughInformationError,
    PackError,
    RecipeError,
    SettingsError,
    TemplateError,
)
from forethought.kernel.functions import FunctionSignature

__all__ = ["Retry", "lasting"]

_LASTING = (
    *(CoercionError, JournalError, LookupFailure, ModelNotConfiguredError, NotEnoughInformationError),
    *(PackError, SettingsError, TemplateError),
)
_LASTING_OF_FUNCTIONS = (
    *(ArithmeticError, AttributeError, LookupError, TypeError),
    *(FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError),
)


def lasting(error: BaseException) -> bool:
    """Say whether a failure would come back as it was."""
    if isinstance(error, RecipeError):  # its steps have been tried again, each by itself
        return True
    if isinstance(error, FunctionError) and error.lasting:
        return True
    cause = error.__cause__ if isinstance(error, FunctionError) else error
    if isinstance(cause, _LASTING_OF_FUNCTIONS):
        return True
    return isinstance(cause if isinstance(cause, ForethoughtError) else error, _LASTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """A step is tried again `times` times at most, and only where doing it twice is the same as doing it once.

    The wait before the first retry is `first` seconds, each next one `factor` times as long, none longer than
    `longest`; `jitter` is the share of a wait that chance takes off, so that many steps do not come back at one time.
    """

    times: int = 2
    first: float = 0.5
    factor: float = 2.0
    longest: float = 30.0
    jitter: float = 0.5

    def __post_init__(self) -> None:
        if self.times < 0 or self.first < 0 or self.factor < 1 or self.longest < 0 or not 0 <= self.jitter <= 1:
            raise ValueError(f"a retry policy needs times, waits >= 0, factor >= 1 and jitter from 0 to 1: {self}")

    def allows(self, signature: FunctionSignature, error: BaseException, attempt: int) -> bool:
        """Say whether a step that failed with `error` on this attempt (counted from 1) is tried again.

        A step that writes nothing may always be repeated, one that writes only if it is idempotent. A failure that
        would come back as it was (a value of the wrong type, a missing setting, a name that is not found) is not worth
        another try.
        """
        if attempt > self.times or not (signature.idempotent or not signature.effect.writes):
            return False
        return not lasting(error)

    def wait(self, attempt: int, random: Callable[[], float]) -> float:
        """Return the seconds to wait after this attempt failed; `random` gives numbers from 0 to 1."""
        try:
            full = min(self.longest, self.first * self.factor ** (attempt - 1))
        except OverflowError:
            full = self.longest
        return full * (1 - self.jitter * random())
