"""Several models in an order: where one cannot answer, the next one is asked."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

from forethought.kernel.errors import ModelError, NoModelAnsweredError

from .chat import ChatModel, Completion, Request

__all__ = ["REST", "Fall", "FallbackModel", "MissingModel", "ask_in_turn", "telling"]

REST = 60.0
"""Seconds for which a model that could not answer is not asked again, as long as another one is there."""

T = TypeVar("T")
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fall:
    """One model could not answer, and the one whose spec is `next` was asked instead."""

    error: ModelError
    next: str

    def __str__(self) -> str:
        return f"{self.error}; asking {self.next}"


_listeners: ContextVar[tuple[Callable[[Fall], None], ...]] = ContextVar("listeners", default=())


@contextmanager
def telling(listener: Callable[[Fall], None]) -> Generator[None, None, None]:
    """Tell `listener` of every fall while the block lasts, in all tasks that it starts.

    A fall of which nobody is told is a warning in the log.
    """
    before = _listeners.set((*_listeners.get(), listener))
    try:
        yield
    finally:
        _listeners.reset(before)


class FallbackModel:
    """Models in an order, as one: the first one that can answers.

    The next one is asked only where another model may answer the same: the server is not there or too busy, a limit of
    rate or quota is reached, the key or the name is refused, the question is too long. A question that is refused for
    what it says fails at once, and a cancelled one is cancelled. A model that could not answer rests for a while; where
    all of them rest, all are asked. Raises NoModelAnsweredError, which says why of each.

    As one model it takes no grammar, for not all may; `ask_in_turn` asks each of them in its own way.
    """

    constrained = False

    def __init__(self, models: Sequence[ChatModel], *, clock: Callable[[], float] = time.monotonic) -> None:
        """Take models, best first; those that are such an order themselves are taken apart."""
        nested = ((each.models if isinstance(each, FallbackModel) else (each,)) for each in models)
        self.models: tuple[ChatModel, ...] = tuple(model for each in nested for model in each)
        if not self.models:
            raise ValueError("an order of models needs one model at least")
        self._clock = clock
        self._rests: dict[int, float] = {}  # by place, until when

    def __repr__(self) -> str:
        return f"FallbackModel({self.spec})"

    @property
    def spec(self) -> str:
        """The specs in their order."""
        return ", ".join(each.spec for each in self.models)

    async def complete(self, request: Request, /) -> Completion:
        """Answer with the first model that can."""
        answer, _ = await self.ask_in_turn(lambda model: model.complete(request))
        return answer

    async def ask_in_turn(self, ask: Callable[[ChatModel], Awaitable[T]]) -> tuple[T, tuple[Fall, ...]]:
        """Return what `ask` makes of the first model that can answer, and the falls on the way to it."""
        order = self._order()
        failures: list[ModelError] = []
        falls: list[Fall] = []
        for place in order:
            model = self.models[place]
            if failures:
                falls.append(Fall(failures[-1], model.spec))
                _tell(falls[-1])
            try:
                return await ask(model), tuple(falls)
            except ModelError as error:
                failures.append(error)
                if not error.another_may:
                    break
                self._rests[place] = self._clock() + REST
        if len(failures) == 1 and not failures[0].another_may:
            raise failures[0]
        raise NoModelAnsweredError(failures) from failures[-1]

    def _order(self) -> list[int]:
        """Return the places of the models to ask: those that rest come after all others."""
        now = self._clock()
        return sorted(range(len(self.models)), key=lambda place: self._rests.get(place, now) > now)


@dataclass(frozen=True, slots=True)
class MissingModel:
    """The place of a model that could not be opened: whoever asks it is told why."""

    spec: str
    error: ModelError
    constrained: bool = False

    async def complete(self, _: Request, /) -> Completion:
        """Raise the reason."""
        raise self.error


async def ask_in_turn(model: ChatModel, ask: Callable[[ChatModel], Awaitable[T]]) -> tuple[T, tuple[Fall, ...]]:
    """Return what `ask` makes of `model`, or of the first one that can answer where it is an order of several.

    So each model is asked in the way that suits it: under a grammar, or with fewer functions. The falls come back, too.
    """
    if isinstance(model, FallbackModel):
        return await model.ask_in_turn(ask)
    return await ask(model), ()


def _tell(fall: Fall) -> None:
    listeners = _listeners.get()
    for listener in listeners:
        listener(fall)
    if not listeners:
        _logger.warning("%s", fall)
