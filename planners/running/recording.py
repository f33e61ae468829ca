"""Recording: a journal knows of every event before anything else happens, or nothing else happens."""

from __future__ import annotations

import asyncio
from typing import Protocol

from .events import Event, Listener, RunStarted, StepStarted

__all__ = ["Recorder", "Recording", "StopAskedError"]


class StopAskedError(Exception):
    """Somebody has asked the run to end: a recorder raises it in place of keeping that a step starts."""


class Recorder(Protocol):
    """A journal: called for each event in the order things happened; when it returns, the event is kept.

    It raises where it cannot keep an event: a run then does not begin, or starts no further step.
    """

    def __call__(self, event: Event, /) -> None: ...


class Recording:
    """Tells every event to the journal, and then to the listeners. `broken` is why the journal could not keep one.

    Once that has happened, no start is told: `held` says that nothing may. What ends is told all the same. `stop` is
    set where the journal says that the run is to end.
    """

    __slots__ = ("_listening", "_recorder", "broken", "stop")

    def __init__(self, recorder: Recorder, listening: Listener | None, stop: asyncio.Event) -> None:
        self._recorder = recorder
        self._listening = listening
        self.stop = stop
        self.broken: Exception | None = None

    def __call__(self, event: Event, /) -> None:
        starts = isinstance(event, StepStarted)
        if starts and self.broken:
            return
        try:
            self._recorder(event)
        except StopAskedError:
            self.stop.set()
            return
        except Exception as error:  # whatever it is, the event is not kept
            self.broken = self.broken or error
            if isinstance(event, RunStarted):
                raise
            if starts:
                return
        if self._listening:
            self._listening(event)

    def held(self) -> bool:
        """Say whether the start that was just told must not happen: the run is to end.

        Raises what the journal has raised: a step must not start that nobody would know of.
        """
        if self.broken:
            raise self.broken
        return self.stop.is_set()
