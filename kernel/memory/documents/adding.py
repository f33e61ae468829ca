"""Adding: documents become records of a memory, and what is not in them any more is forgotten."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

from forethought.kernel.errors import DocumentError
from forethought.kernel.memory.memory import SemanticMemory
from forethought.kernel.memory.records import Record
from forethought.kernel.threads import run_in_thread

from .document import Document
from .finding import Skipped, find_files
from .reading import read_file, source_of
from .splitting import OVERLAP, SIZE, Chunk, split

__all__ = ["COLLECTION", "Added", "Event", "Forgotten", "Found", "add_document", "add_folder", "records_of"]

COLLECTION = "documents"
"""Where documents are kept, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Found:
    """How many files of a folder will be read."""

    files: int


@dataclass(frozen=True, slots=True)
class Added:
    """A document is in memory: how many records it has, how many of them are new or changed, how many went."""

    source: str
    records: int
    changed: int
    removed: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A document that is no longer there was forgotten, with its records."""

    source: str
    records: int


Event: TypeAlias = Found | Added | Skipped | Forgotten


async def add_document(
    memory: SemanticMemory,
    document: Document,
    *,
    collection: str = COLLECTION,
    size: int = SIZE,
    overlap: int = OVERLAP,
) -> Added:
    """Keep a document in place of what was kept of its source; what has not changed is not touched.

    Raises DocumentError for one without a source: nobody could tell what it takes the place of.
    """
    if not document.source:
        raise DocumentError(document.source, "a document needs a source")
    now = await run_in_thread(lambda: records_of(document, split(document, size=size, overlap=overlap)))
    before = {each.id: each for each in await memory.records(collection, source=document.source)}
    changed = [each for each in now if before.get(each.id) != each]
    if changed:
        await memory.save_many(collection, changed)
    gone = before.keys() - {each.id for each in now}
    removed = await memory.remove(collection, sorted(gone)) if gone else 0
    return Added(document.source, len(now), len(changed), removed)


async def add_folder(
    memory: SemanticMemory,
    folder: Path,
    *,
    collection: str = COLLECTION,
    size: int = SIZE,
    overlap: int = OVERLAP,
    encoding: str = "utf-8",
    listen: Callable[[Event], None] = lambda event: None,
) -> tuple[Event, ...]:
    """Keep every document below `folder`, tell each event as it happens, and return them all.

    What was kept of a file below it that is not found any more is forgotten; of a file that is there but cannot be
    read, it stays. Raises DocumentError where there is no such folder.
    """
    events: list[Event] = []

    def tell(event: Event) -> None:
        events.append(event)
        listen(event)

    files = await run_in_thread(lambda: _files_of(folder))
    tell(Found(sum(isinstance(each, Path) for each in files)))
    there: set[str] = set()
    for file in files:
        if isinstance(file, Skipped):
            tell(file)
            continue
        there.add(source_of(file))
        try:
            document = await run_in_thread(partial(read_file, file, encoding=encoding))
        except DocumentError as error:
            tell(Skipped(error.source, error.reason))
        else:
            tell(await add_document(memory, document, collection=collection, size=size, overlap=overlap))
    for event in await _forget_others(memory, collection, f"{source_of(folder).rstrip('/')}/", there):
        tell(event)
    return tuple(events)


def _files_of(folder: Path) -> list[Path | Skipped]:
    try:
        return list(find_files(folder))
    except OSError as error:
        raise DocumentError(source_of(folder), f"it cannot be read: {error.strerror or error}") from error


async def _forget_others(
    memory: SemanticMemory, collection: str, prefix: str, there: Collection[str]
) -> tuple[Forgotten, ...]:
    gone = [source for source in await memory.sources(collection) if source.startswith(prefix) and source not in there]
    return tuple([Forgotten(source, await _forget(memory, collection, source)) for source in gone])


async def _forget(memory: SemanticMemory, collection: str, source: str) -> int:
    return await memory.remove(collection, [each.id for each in await memory.records(collection, source=source)])


def records_of(document: Document, chunks: Iterable[Chunk]) -> list[Record]:
    """Return the records of a document's chunks: the same place in the same source has the same id.

    The description names the document and where in it the chunk stands, so that keywords of either find it.
    """
    return [
        Record(
            id=hashlib.sha256(f"{document.source}\0{number}".encode("utf-8", "surrogatepass")).hexdigest()[:24],
            text=document.text[chunk.start : chunk.end],
            description=" > ".join(dict.fromkeys((document.title, *chunk.trail))),
            metadata=_metadata(document, chunk),
            source=document.source,
            chunk=number,
            start=chunk.start,
            end=chunk.end,
        )
        for number, chunk in enumerate(chunks)
    ]


def _metadata(document: Document, chunk: Chunk) -> Mapping[str, object]:
    metadata: dict[str, object] = {"kind": document.kind, "title": document.title}
    if chunk.trail:
        metadata["section"] = list(chunk.trail)
    if chunk.page is not None:
        metadata["page"] = chunk.page
    return metadata
