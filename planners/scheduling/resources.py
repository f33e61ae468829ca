"""Resources: who must wait for whom, because of what they touch."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from forethought.kernel.functions import EVERYTHING, Effect

__all__ = ["Resources"]


class Resources:
    """Who touched what since the last barrier, one after the other in document order, by number.

    A reader waits for the last writer of its resource, a writer for the readers since, or else for the last writer;
    what came before those is waited for through them. Whoever touches EVERYTHING touches every resource there is:
    who writes it is a *barrier*, with which a new account begins.
    """

    def __init__(self) -> None:
        self._barrier: int | None = None
        self._writers: dict[str, int] = {}
        self._readers: dict[str, list[int]] = {}
        self._readers_of_everything: list[int] = []

    def touch(self, who: int, effect: Effect) -> set[tuple[int, str]]:
        """Return whom `who` must wait for, each with the resource that is the reason, and note `who`.

        Numbers rise from call to call.
        """
        if effect.pure:
            return set()
        if EVERYTHING in effect.writes:
            waits = self._before_barrier()
            self._barrier = who
            self._writers, self._readers, self._readers_of_everything = {}, {}, []
            return waits
        waits = {wait for resource in effect.writes for wait in self._before_writing(resource)}
        waits |= {wait for resource in effect.reads for wait in self._before_reading(resource)}
        self._note(who, effect)
        return waits

    def _note(self, who: int, effect: Effect) -> None:
        for resource in effect.reads - {EVERYTHING}:
            self._readers.setdefault(resource, []).append(who)
        if EVERYTHING in effect.reads:
            self._readers_of_everything.append(who)
        for resource in effect.writes:
            self._writers[resource] = who
            self._readers.pop(resource, None)

    def _before_reading(self, resource: str) -> Iterable[tuple[int, str]]:
        if resource == EVERYTHING:
            return {(writer, each) for each, writer in self._writers.items()} or self._last_barrier(resource)
        writer = self._writers.get(resource)
        return self._last_barrier(resource) if writer is None else {(writer, resource)}

    def _before_writing(self, resource: str) -> Iterable[tuple[int, str]]:
        writer = self._writers.get(resource)
        since = 0 if writer is None else bisect_right(self._readers_of_everything, writer)
        readers = (*self._readers.get(resource, ()), *self._readers_of_everything[since:])
        if not readers and writer is not None:
            return {(writer, resource)}
        return {(each, resource) for each in readers} or self._last_barrier(resource)

    def _before_barrier(self) -> set[tuple[int, str]]:
        waits = {(reader, EVERYTHING) for reader in self._readers_of_everything}
        waits |= {(reader, resource) for resource, readers in self._readers.items() for reader in readers}
        waits |= {(writer, resource) for resource, writer in self._writers.items()}
        return waits or self._last_barrier(EVERYTHING)

    def _last_barrier(self, resource: str) -> set[tuple[int, str]]:
        return set() if self._barrier is None else {(self._barrier, resource)}
