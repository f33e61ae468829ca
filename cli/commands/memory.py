"""`forethought memory`: texts and documents that are kept, searched by meaning and by keyword."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser
from forethought.cli.console import Console, UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from forethought.kernel.memory.documents.adding import Event
    from forethought.kernel.memory.documents.document import Document
    from forethought.kernel.memory.memory import SemanticMemory

__all__ = ["ADD", "FORGET", "LIST", "REINDEX", "SEARCH"]

STDIN = "-"

_MEMORY = """\
  --memory PATH       the file of the memory (default: FORETHOUGHT_MEMORY_PATH, or `path` in [memory] of
                      forethought.toml, else .forethought/memory.db)
"""

_ADD_HELP = f"""\
Usage: forethought memory add FILE|DIR|-... [OPTIONS]

Reads documents (text, Markdown, HTML, PDF, source files), splits them by their structure, and keeps the pieces with
where each stands. Adding again embeds only what changed, and forgets what is gone from a file or a folder. Of a
folder, hidden files, links, binaries and what a .gitignore names are left out. - reads standard input.
Exit status: 0, or 1 where a FILE cannot be read as a document.

Options:
  --collection NAME   where they are kept (default: documents)
  --source NAME       what standard input is called: a path or an address (default: -)
  --size N            how many characters a piece has at most (default: 1000)
  --overlap N         how many characters neighbours within a section share at most (default: 120)
  --encoding NAME     what text is in that is not UTF-8, such as gb18030, shift-jis, cp1252
{_MEMORY}
{EVERYWHERE}
Examples:
  forethought memory add docs notes.md report.pdf
  curl -s https://example.org | forethought memory add - --source https://example.org
"""

_SEARCH_HELP = f"""\
Usage: forethought memory search QUERY [OPTIONS]

Finds what fits the query best: by meaning, by keyword, or by both at once. Every hit says which list found it, at
which rank, and with what score.

Options:
  --collection NAME   search only there; may be given several times (default: everywhere)
  --mode MODE         hybrid (default), vector or keyword
  --limit N           how many hits at most (default: 10)
  --min-relevance R   leave out what is less relevant, from 0 to 1 (default: 0)
{_MEMORY}
{EVERYWHERE}
Examples:
  forethought memory search "who approves the budget"
  forethought memory search budget --mode keyword --limit 3 --json
"""

_LIST_HELP = f"""\
Usage: forethought memory list [OPTIONS]

Lists what is kept: each collection, its documents with how many pieces each has, and its other texts.

Options:
  --collection NAME   list only this one; may be given several times
{_MEMORY}
{EVERYWHERE}
Example:
  forethought memory list --collection documents
"""

_FORGET_HELP = f"""\
Usage: forethought memory forget SOURCE|DIR|ID... [OPTIONS]
       forethought memory forget --collection NAME [OPTIONS]

Forgets documents by their source, all documents of a folder, texts by their id; or a whole collection, which is asked
for on a terminal and needs --yes elsewhere. Exit status: 0, or 1 where nothing is kept of a name.

Options:
  --collection NAME   only there; may be given several times (default: everywhere)
  --yes               forget a whole collection without asking
{_MEMORY}
{EVERYWHERE}
Examples:
  forethought memory forget docs/old.md
  forethought memory forget --collection drafts --yes
"""

_REINDEX_HELP = f"""\
Usage: forethought memory reindex [OPTIONS]

Embeds every text anew with the embedder that is set now: `embedder` in [memory] of forethought.toml, or
FORETHOUGHT_MEMORY_EMBEDDER. Until all are done, the old vectors stay; an interrupted reindex goes on where it was.

Options:
{_MEMORY}
{EVERYWHERE}
Example:
  forethought memory reindex
"""


def _memory_option(parser: Parser) -> None:
    parser.add_argument("--memory", metavar="PATH")


def _collections_option(parser: Parser) -> None:
    parser.add_argument("--collection", metavar="NAME", action="append", default=[])
    _memory_option(parser)


def _with_memory(options: Options, work: Callable[[SemanticMemory], Awaitable[int]]) -> int:
    """Open the memory of these options, do `work` with it, and return the exit status."""
    import asyncio

    from forethought.kernel.memory.memory import SemanticMemory

    async def run() -> int:
        async with SemanticMemory.open(options.memory) as memory:
            return await work(memory)

    return asyncio.run(run())


async def _chosen(options: Options, memory: SemanticMemory) -> list[str]:
    """Return the collections these options name, or all; raises UsageError for one that holds nothing."""
    there = await memory.collections()
    for name in options.collection:
        if name not in there:
            raise UsageError(f"there is no collection '{name}'", f"there are {', '.join(there)}" if there else _EMPTY)
    return list(dict.fromkeys(options.collection)) or there


_EMPTY = "nothing is kept yet: forethought memory add FILE"


def _refuse_empty(command: str, names: list[str]) -> None:
    """Refuse a name that is empty, such as that of a shell's variable that is not set: it would be the folder here."""
    if not all(map(str.strip, names)):
        raise UsageError(f"memory {command}: a name is empty", "a dot is the working directory")


def _add_options(parser: Parser) -> None:
    from forethought.kernel.memory.documents.splitting import OVERLAP, SIZE

    parser.add_argument("documents", metavar="FILE|DIR|-", nargs="+")
    parser.add_argument("--collection", metavar="NAME", default="documents")
    parser.add_argument("--source", metavar="NAME", default=STDIN)
    parser.add_argument("--size", metavar="N", type=int, default=SIZE)
    parser.add_argument("--overlap", metavar="N", type=int, default=OVERLAP)
    parser.add_argument("--encoding", metavar="NAME", default="utf-8")
    _memory_option(parser)


def _add(options: Options, console: Console) -> int:
    from forethought.cli.rendering.memory import events_as_json, remembering, render_events

    if not 0 <= options.overlap < options.size / 2:
        raise UsageError(
            f"an overlap of {options.overlap} does not fit pieces of {options.size} characters",
            "it must be less than half of them",
        )
    for option in ("collection", "source"):
        if not getattr(options, option).strip():
            raise UsageError(f"memory add: --{option} is empty")
    try:
        b"text".decode(options.encoding)
    except UnicodeError:
        pass  # each document that it does not fit is told
    except LookupError as error:
        raise UsageError(f"'{options.encoding}' is not an encoding", "such as gb18030, shift-jis, cp1252") from error
    _refuse_empty("add", options.documents)
    for name in options.documents:
        if name != STDIN and not Path(name).exists():
            raise UsageError(
                f"there is no file or folder '{name}'", f"what was kept of it: forethought memory forget {name}"
            )

    async def work(memory: SemanticMemory) -> int:
        with remembering(console) as listen:
            events, failures = await _added(options, console, memory, listen)
        if console.json:
            shown = events_as_json(events)
            console.print_json({"collection": options.collection, **shown, "failures": failures})
        else:
            console.print(render_events(events))
        return 1 if failures else 0

    return _with_memory(options, work)


async def _added(
    options: Options, console: Console, memory: SemanticMemory, listen: Callable[[Event], None]
) -> tuple[list[Event], list[str]]:
    """Add all that was named; return what happened, and the sentence for each file that is no document."""
    from forethought.kernel.errors import DocumentError
    from forethought.kernel.memory.documents.adding import add_document, add_folder

    events: list[Event] = []
    failures: list[str] = []
    how = {"collection": options.collection, "size": options.size, "overlap": options.overlap}
    for name in options.documents:
        try:
            if _is_folder(name):
                events += await add_folder(memory, Path(name), encoding=options.encoding, listen=listen, **how)
                continue
            event = await add_document(memory, _read(name, options, console), **how)
        except DocumentError as error:
            failures.append(str(error))
            console.fail(str(error))
        else:
            events.append(event)
            listen(event)
    return events, failures


def _is_folder(name: str) -> bool:
    return name != STDIN and Path(name).is_dir()


def _read(name: str, options: Options, console: Console) -> Document:
    from forethought.kernel.memory.documents.reading import read_document, read_file

    if name != STDIN:
        return read_file(Path(name), encoding=options.encoding)
    data = console.input.buffer.read() if console.input else b""
    return read_document(data, options.source, encoding=options.encoding)


def _search_options(parser: Parser) -> None:
    parser.add_argument("query", metavar="QUERY")
    parser.add_argument("--mode", choices=("hybrid", "vector", "keyword"), default="hybrid")
    parser.add_argument("--limit", metavar="N", type=int, default=10)
    parser.add_argument("--min-relevance", metavar="R", type=float, default=0.0)
    _collections_option(parser)


def _search(options: Options, console: Console) -> int:
    from forethought.cli.rendering.memory import hit_as_json, render_hits

    if not options.query.strip():
        raise UsageError("memory search: the query is empty")
    if options.limit < 1:
        raise UsageError(f"'--limit {options.limit}' finds nothing", "give a number from 1 on")
    if not 0 <= options.min_relevance <= 1:
        raise UsageError(f"'--min-relevance {options.min_relevance}' is no relevance", "give a number from 0 to 1")

    async def work(memory: SemanticMemory) -> int:
        among = await _chosen(options, memory)
        hits = await memory.search(
            options.query,
            collection=among,
            mode=options.mode,
            limit=options.limit,
            min_relevance=options.min_relevance,
        )
        if console.json:
            listed = [hit_as_json(each) for each in hits]
            console.print_json({"query": options.query, "mode": options.mode, "hits": listed})
        elif hits:
            console.print(render_hits(hits, options.query, paint=console.paint, width=console.width))
        else:
            console.tell(f"nothing was found; {_EMPTY}" if not among else "nothing was found")
        return 0

    return _with_memory(options, work)


def _list(options: Options, console: Console) -> int:
    from forethought.cli.rendering.memory import Contents, contents_as_json, render_contents

    async def work(memory: SemanticMemory) -> int:
        contents = [
            Contents(name, await memory.sources(name), await memory.records(name, source=""))
            for name in await _chosen(options, memory)
        ]
        if console.json:
            console.print_json({"collections": [contents_as_json(each) for each in contents]})
        elif contents:
            shown = [render_contents(each, paint=console.paint, width=console.width) for each in contents]
            console.print("\n\n".join(shown))
        else:
            console.tell(_EMPTY)
        return 0

    return _with_memory(options, work)


def _forget_options(parser: Parser) -> None:
    parser.add_argument("names", metavar="SOURCE|DIR|ID", nargs="*")
    parser.add_argument("--yes", action="store_true")
    _collections_option(parser)


def _forget(options: Options, console: Console) -> int:
    _refuse_empty("forget", options.names)
    if not options.names and not options.collection:
        raise UsageError("memory forget: say what: a source, a folder, an id, or --collection NAME")

    async def work(memory: SemanticMemory) -> int:
        among = await _chosen(options, memory)
        wanted = {name: await _ids_of(memory, name, among) for name in options.names} or {
            "": {name: [each.id for each in await memory.records(name)] for name in among}
        }
        if not options.names and not options.yes:
            _confirm(sum(map(len, wanted[""].values())), among, console)
        unknown = [name for name, found in wanted.items() if not found]
        forgotten = 0
        for found in wanted.values():
            for collection, ids in found.items():
                forgotten += await memory.remove(collection, ids)
        if console.json:
            console.print_json({"forgotten": forgotten, "unknown": unknown})
        else:
            console.print(f"{forgotten} text{'' if forgotten == 1 else 's'} forgotten")
        for name in unknown:
            console.fail(f"nothing is kept of '{name}'", "forethought memory list")
        return 1 if unknown else 0

    return _with_memory(options, work)


async def _ids_of(memory: SemanticMemory, name: str, among: list[str]) -> dict[str, list[str]]:
    """Return the ids, by collection, of what `name` means: an id, a source, or all sources of a folder."""
    from forethought.kernel.memory.documents.reading import source_of

    place = source_of(Path(name))
    within = f"{place.rstrip('/')}/"
    found: dict[str, list[str]] = {}
    for collection in among:
        ids = [name] if await memory.get(collection, name) else []
        for source in await memory.sources(collection):
            if source and (source in (name, place) or source.startswith(within)):
                ids += [each.id for each in await memory.records(collection, source=source)]
        if ids:
            found[collection] = ids
    return found


def _confirm(texts: int, among: list[str], console: Console) -> None:
    from forethought.cli.rendering.styling import visible

    named = " and ".join(f"'{visible(name)}'" for name in among)
    what = f"{texts} text{'' if texts == 1 else 's'} of {named}"
    if not console.answers:
        raise UsageError(f"{what} would be forgotten, and nobody can be asked here", "add --yes")
    if not console.ask(f"Forget {what}?"):
        raise UsageError("nothing was forgotten")


def _reindex(options: Options, console: Console) -> int:
    from forethought.cli.rendering.memory import counting

    async def work(memory: SemanticMemory) -> int:
        with counting(console, "embedding") as progress:
            texts = await memory.reindex(progress)
        if console.json:
            console.print_json({"texts": texts})
        else:
            console.print(f"{texts} text{'' if texts == 1 else 's'} embedded")
        return 0

    return _with_memory(options, work)


ADD = Command(_ADD_HELP, _add_options, _add)
SEARCH = Command(_SEARCH_HELP, _search_options, _search)
LIST = Command(_LIST_HELP, _collections_option, _list)
FORGET = Command(_FORGET_HELP, _forget_options, _forget)
REINDEX = Command(_REINDEX_HELP, _memory_option, _reindex)
