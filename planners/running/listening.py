"""Listening: whoever watches a run cannot change it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from .events import Event, Listener

__all__ = ["Listening"]

logger = logging.getLogger(__name__)


class Listening:
    """Tells every event to every listener, in order.

    A listener that raises is logged with its traceback and told nothing more; the run goes on, since its steps may
    already have changed the world.
    """

    __slots__ = ("_listeners",)

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners = list(listeners)

    def __call__(self, event: Event, /) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:  # a listener is foreign code
                self._listeners.remove(listener)
                logger.exception("a listener failed at %s and hears no more of the run", type(event).__name__)
