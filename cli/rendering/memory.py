"""What is in memory, what a search finds, and how documents get there, as people read it and as JSON."""

from __future__ import annotations

import os
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from forethought.kernel.memory.documents.adding import Added, Event, Forgotten, Found
from forethought.kernel.memory.documents.finding import Skipped
from forethought.kernel.memory.records import Hit, Record
from forethought.kernel.values import jsonable

from .styling import Paint, plain, visible

if TYPE_CHECKING:
    from forethought.cli.console import Console
    from forethought.kernel.memory.store import Progress

__all__ = [
    "Contents",
    "contents_as_json",
    "counting",
    "events_as_json",
    "hit_as_json",
    "remembering",
    "render_contents",
    "render_events",
    "render_hits",
]

_EXCERPT = 280
_BEFORE = 60
_MOST_TEXTS = 20
_COUNTED = {  # nobody wants a line for each of these
    "hidden": "hidden",
    "named in .gitignore": "named in .gitignore",
    "made by programs": "made by programs",
    "it is empty": "empty",
}


def render_hits(hits: Sequence[Hit], query: str, *, paint: Paint = plain, width: int = 100) -> str:
    """Return each hit as its place, an excerpt around what was asked, and the lists that found it."""
    return "\n\n".join(_hit(number, hit, query, paint, width) for number, hit in enumerate(hits, 1))


def _hit(number: int, hit: Hit, query: str, paint: Paint, width: int) -> str:
    found = ", ".join(f"{each.list} {each.score:.3g} (rank {each.rank})" for each in hit.found)
    lines = textwrap.wrap(visible(_excerpt(hit.record.text, query)), width - 3)
    told = f"relevance {hit.relevance:.2f}: {found}; in {visible(hit.collection)}"
    return "\n   ".join([f"{number}. {paint(_place(hit.record), 'bold')}", *lines, paint(told, "dim")])


def _place(record: Record) -> str:
    page = record.metadata.get("page")
    place = shown_source(record.source) if record.source else visible(record.id)
    about = f"  {visible(record.description)}" if record.description else ""
    return f"{place}{f', page {page}' if isinstance(page, int) else ''}{about}"


def _excerpt(text: str, query: str) -> str:
    """Return a stretch of the text that begins a little before the longest word of the query that is in it."""
    text = " ".join(text.split())
    if len(text) <= _EXCERPT:
        return text
    words = sorted(set(re.findall(r"\w+", query.lower())), key=len, reverse=True)
    at = next((at for word in words if (at := text.lower().find(word)) >= 0), 0)
    start = min(max(0, at - _BEFORE), len(text) - _EXCERPT)
    start = text.rfind(" ", 0, start) + 1 if start else 0
    return f"{'... ' if start else ''}{text[start : start + _EXCERPT]}{'...' if start + _EXCERPT < len(text) else ''}"


def shown_source(source: str) -> str:
    """Return a path as seen from the working directory where it lies below; all else as it is."""
    here = f"{os.getcwd()}/"  # noqa: PTH109 - text is all that is needed
    return visible(source.removeprefix(here))


def hit_as_json(hit: Hit) -> dict[str, object]:
    """Return a hit in the shape that `memory search --json` documents."""
    record = hit.record
    return {
        "id": record.id,
        "collection": hit.collection,
        "relevance": hit.relevance,
        "text": record.text,
        "description": record.description,
        "metadata": jsonable(dict(record.metadata)),
        "source": record.source,
        "chunk": record.chunk,
        "start": record.start,
        "end": record.end,
        "found": [{"list": each.list, "rank": each.rank, "score": each.score} for each in hit.found],
    }


class Contents(NamedTuple):
    """What a collection holds: how many pieces of each source, and the texts of no source."""

    name: str
    sources: Mapping[str, int]
    others: Sequence[Record]


def render_contents(contents: Contents, *, paint: Paint = plain, width: int = 100) -> str:
    """Return a collection: its documents with how many pieces each has, then the texts that are no document's."""
    name, sources, others = contents
    lines = [f"{paint(visible(name), 'bold')}  {_count(sum(sources.values()), 'text')}"]
    lines += [f"  {shown_source(source)}  {_count(pieces, 'piece')}" for source, pieces in sources.items() if source]
    for each in others[:_MOST_TEXTS]:
        text = visible(" ".join(each.text.split()))
        room = max(20, width - len(each.id) - 4)
        lines.append(f"  {visible(each.id)}  {text if len(text) <= room else f'{text[: room - 3]}...'}")
    if len(others) > _MOST_TEXTS:
        lines.append(f"  ... and {len(others) - _MOST_TEXTS} more")
    return "\n".join(lines)


def contents_as_json(contents: Contents) -> dict[str, object]:
    """Return a collection in the shape that `memory list --json` documents."""
    return {
        "name": contents.name,
        "texts": sum(contents.sources.values()),
        "sources": [{"source": source, "pieces": pieces} for source, pieces in contents.sources.items() if source],
        "others": [{"id": each.id, "text": each.text} for each in contents.others],
    }


def render_events(events: Sequence[Event]) -> str:
    """Return what adding did, in a few lines."""
    added = [each for each in events if isinstance(each, Added)]
    pieces, changed = sum(each.records for each in added), sum(each.changed for each in added)
    gone = [each for each in events if isinstance(each, Forgotten)]
    removed = sum(each.removed for each in added) + sum(each.records for each in gone)
    lines = [
        f"{_count(len(added), 'document')}, {_count(pieces, 'piece')}: {changed} new or changed, {removed} forgotten"
    ]
    skipped = Counter(_kind(each.reason) for each in events if isinstance(each, Skipped))
    if skipped:
        lines.append(f"left out: {', '.join(f'{number} {visible(kind)}' for kind, number in skipped.most_common())}")
    return "\n".join(lines)


def _kind(reason: str) -> str:
    return _COUNTED.get(reason, "that cannot be read")


def events_as_json(events: Iterable[Event]) -> dict[str, object]:
    """Return what adding did, in the shape that `memory add --json` documents."""
    shown: dict[str, list[object]] = {"documents": [], "skipped": [], "forgotten": []}
    for event in events:
        match event:
            case Added():
                shown["documents"].append(
                    {
                        "source": event.source,
                        "pieces": event.records,
                        "changed": event.changed,
                        "forgotten": event.removed,
                    }
                )
            case Skipped():
                shown["skipped"].append({"source": event.source, "reason": event.reason})
            case Forgotten():
                shown["forgotten"].append({"source": event.source, "pieces": event.records})
            case Found():
                continue
    return dict(shown)


def _line(event: Event) -> str | None:
    """Return what to say of an event, None where nothing is worth a line."""
    match event:
        case Added(changed=0, removed=0):
            return f"{shown_source(event.source)}: {_count(event.records, 'piece')}, as before"
        case Added():
            gone = f", {event.removed} forgotten" if event.removed else ""
            return (
                f"{shown_source(event.source)}: {_count(event.records, 'piece')}, {event.changed} new or changed{gone}"
            )
        case Forgotten():
            return f"{shown_source(event.source)}: is gone; {_count(event.records, 'piece')} forgotten"
        case Skipped() if event.reason not in _COUNTED:
            return f"{shown_source(event.source)}: left out: {visible(event.reason)}"
        case _:
            return None


@contextmanager
def remembering(console: Console) -> Generator[Callable[[Event], None], None, None]:
    """Yield a listener that tells on standard error, while the block lasts, how documents are added."""
    done = total = 0
    with _bar(console, "reading") as (progress, tell):

        def listen(event: Event) -> None:
            nonlocal done, total
            if isinstance(event, Found):
                total += event.files
            elif isinstance(event, Added):
                done += 1
            line = _line(event)
            if line is not None:
                tell(line)
            progress(done, max(done, total))

        yield listen


@contextmanager
def counting(console: Console, what: str) -> Generator[Progress, None, None]:
    """Yield a function that shows on a terminal how much is done, of how much; elsewhere nothing is said."""
    with _bar(console, what) as (progress, _):
        yield progress


@contextmanager
def _bar(console: Console, what: str) -> Generator[tuple[Progress, Callable[[str], None]], None, None]:
    """Yield what moves a bar on a terminal, and what tells a line above it."""
    if not console.live:
        yield (lambda done, of: None), console.tell
        return
    from rich.console import Console as Terminal
    from rich.progress import Progress as Bar
    from rich.text import Text

    with Bar(console=Terminal(file=console.messages, highlight=False), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield (
            lambda done, of: bar.update(task, completed=done, total=of),
            lambda line: bar.console.print(Text(line)),
        )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
