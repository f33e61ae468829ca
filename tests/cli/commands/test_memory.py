"""`forethought memory`: documents are added, found, listed, forgotten and embedded anew, by the real local vectors."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from forethought.kernel import SemanticMemory

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought, Outcome

MINUTES = (
    "# Minutes\n\nIn May.\n\n## Budget\n\nThe board approves three millions.\n\n## Garden\n\nRoses will be planted.\n"
)


@pytest.fixture
def docs(workplace: Path) -> Path:
    """A folder with a document of each kind of text, and a few things that are none."""
    folder = workplace / "docs"
    folder.mkdir()
    for name, text in {
        "minutes.md": MINUTES,
        "会议.txt": "会议纪要：预算为三百万元。",
        "page.html": "<title>Cats</title><p>Cats sleep a lot.",
        "tool.py": 'def fetch():\n    """Download a web page."""\n',
        "__init__.py": "",
        ".secret": "x",
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG\x00\xff")
    return folder


def hits(done: Outcome) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", done.json["hits"])


def test_a_folder_is_added_and_progress_is_on_standard_error(forethought: Forethought, docs: Path) -> None:
    done = forethought("memory", "add", "docs", "--size", "60", "--overlap", "0")
    assert (done.status, done.output) == (
        0,
        "4 documents, 6 pieces: 6 new or changed, 0 forgotten\nleft out: 1 hidden, 1 empty, 1 that cannot be read\n",
    )
    assert done.messages == (
        "docs/minutes.md: 3 pieces, 3 new or changed\n"
        "docs/page.html: 1 piece, 1 new or changed\n"
        "docs/picture.png: left out: it is not a text\n"
        "docs/tool.py: 1 piece, 1 new or changed\n"
        "docs/会议.txt: 1 piece, 1 new or changed\n"
    )


def test_adding_again_tells_what_changed_and_what_is_gone(forethought: Forethought, docs: Path) -> None:
    forethought("memory", "add", "docs", "--size", "60", "--overlap", "0")
    (docs / "tool.py").unlink()
    (docs / "minutes.md").write_text(MINUTES.replace("Roses", "Tulips"), encoding="utf-8")
    (docs / "page.html").write_text("<p>Dogs bark.", encoding="utf-8")
    done = forethought("memory", "add", "docs", "--size", "60", "--overlap", "0")
    assert done.output.splitlines()[0] == "3 documents, 5 pieces: 2 new or changed, 1 forgotten"
    assert "docs/minutes.md: 3 pieces, 1 new or changed\n" in done.messages
    assert "docs/会议.txt: 1 piece, as before\n" in done.messages
    assert done.messages.endswith("docs/tool.py: is gone; 1 piece forgotten\n")


def test_add_as_json_is_the_documented_shape(forethought: Forethought, docs: Path) -> None:
    (docs / "minutes.md").unlink()
    done = forethought("memory", "add", "docs", "--json")
    assert done.json == {
        "collection": "documents",
        "documents": [
            {"source": (docs / name).as_posix(), "pieces": 1, "changed": 1, "forgotten": 0}
            for name in ("page.html", "tool.py", "会议.txt")
        ],
        "skipped": [
            {"source": (docs / ".secret").as_posix(), "reason": "hidden"},
            {"source": (docs / "__init__.py").as_posix(), "reason": "it is empty"},
            {"source": (docs / "picture.png").as_posix(), "reason": "it is not a text"},
        ],
        "forgotten": [],
        "failures": [],
    }


def test_standard_input_is_a_document_of_a_given_name(forethought: Forethought) -> None:
    page = b"<!doctype html><title>Cats</title><h1>Cats</h1><p>They sleep."
    done = forethought("memory", "add", "-", "--source", "https://example.org/cats", stdin=page)
    assert done.messages == "https://example.org/cats: 1 piece, 1 new or changed\n"
    (hit,) = hits(forethought("memory", "search", "sleep", "--json"))
    assert (hit["source"], hit["text"]) == ("https://example.org/cats", "Cats\n\nThey sleep.")


def test_a_file_that_is_no_document_makes_the_status_1_and_the_others_are_added(
    forethought: Forethought, docs: Path
) -> None:
    done = forethought("memory", "add", "docs/picture.png", "docs/page.html")
    assert (done.status, done.output) == (1, "1 document, 1 piece: 1 new or changed, 0 forgotten\n")
    assert done.messages.splitlines() == [
        f"forethought: error: '{docs.as_posix()}/picture.png': it is not a text",
        "docs/page.html: 1 piece, 1 new or changed",
    ]


def test_what_is_not_there_is_wrong_usage(forethought: Forethought) -> None:
    done = forethought("memory", "add", "nowhere")
    assert (done.status, done.messages) == (
        2,
        "forethought: error: there is no file or folder 'nowhere'\n"
        "  hint: what was kept of it: forethought memory forget nowhere\n",
    )
    done = forethought("memory", "add", ".", "--size", "100", "--overlap", "60")
    assert (done.status, done.messages) == (
        2,
        "forethought: error: an overlap of 60 does not fit pieces of 100 characters\n"
        "  hint: it must be less than half of them\n",
    )


def test_an_encoding_of_nothing_reads_nothing(forethought: Forethought, workplace: Path) -> None:
    (workplace / "a.txt").write_bytes(b"caf\xe9")
    done = forethought("memory", "add", "a.txt", "--encoding", "undefined")
    assert (done.status, done.messages) == (
        1,
        f"forethought: error: '{workplace / 'a.txt'}': it is neither UTF-8 nor undefined\n",
    )


def test_a_limit_of_any_size_is_one(forethought: Forethought, docs: Path) -> None:
    forethought("memory", "add", "docs/page.html")
    for mode in ("hybrid", "vector", "keyword"):
        assert len(hits(forethought("memory", "search", "cats", "--mode", mode, "--limit", "9" * 30, "--json"))) == 1


def test_text_that_is_not_utf8_is_read_as_told(forethought: Forethought, workplace: Path) -> None:
    (workplace / "a.txt").write_bytes("预算".encode("gb18030"))
    assert "it is not UTF-8 text\n" in forethought("memory", "add", ".").messages
    done = forethought("memory", "add", ".", "--encoding", "gb18030")
    assert done.messages == "a.txt: 1 piece, 1 new or changed\n"
    done = forethought("memory", "add", ".", "--encoding", "gb1830")
    assert (done.status, done.messages) == (
        2,
        "forethought: error: 'gb1830' is not an encoding\n  hint: such as gb18030, shift-jis, cp1252\n",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add", "-", "--source", " "], "memory add: --source is empty"),
        (["add", "-", "--collection", ""], "memory add: --collection is empty"),
        (["search", " "], "memory search: the query is empty"),
        (["search", "x", "--limit", "0"], "'--limit 0' finds nothing"),
        (["search", "x", "--min-relevance", "nan"], "'--min-relevance nan' is no relevance"),
        (["search", "x", "--min-relevance", "50"], "'--min-relevance 50.0' is no relevance"),
        (["add", ""], "memory add: a name is empty"),
        (["add", "-", "--encoding", "hex"], "'hex' is not an encoding"),
        (["forget", "x", ""], "memory forget: a name is empty"),
        (["forget"], "memory forget: say what: a source, a folder, an id, or --collection NAME"),
    ],
)
def test_what_means_nothing_is_wrong_usage(forethought: Forethought, arguments: list[str], message: str) -> None:
    done = forethought("memory", *arguments)
    assert (done.status, done.output, done.messages.splitlines()[0]) == (2, "", f"forethought: error: {message}")


def test_search_shows_the_place_the_text_and_the_lists(forethought: Forethought, docs: Path) -> None:
    forethought("memory", "add", "docs", "--size", "60", "--overlap", "0")
    done = forethought("memory", "search", "who approves millions?", "--limit", "1")
    first, text, told = done.output.splitlines()
    assert first == "1. docs/minutes.md  Minutes > Budget"
    assert text == "   ## Budget The board approves three millions."
    assert told.startswith("   relevance ")
    assert ": vector 0." in told
    assert " (rank 1), keyword " in told
    assert told.endswith("; in documents")


@pytest.mark.parametrize(
    ("mode", "query", "text"),
    [
        ("keyword", "ROSES", "## Garden\n\nRoses will be planted."),
        ("vector", "flowers", "## Garden\n\nRoses will be planted."),
        ("hybrid", "预算", "会议纪要：预算为三百万元。"),
        ("vector", "feline animals", "Cats sleep a lot."),
    ],
)
def test_each_mode_finds_by_its_own_list(
    forethought: Forethought, docs: Path, mode: str, query: str, text: str
) -> None:
    forethought("memory", "add", "docs", "--size", "60", "--overlap", "0")
    hit = hits(forethought("memory", "search", query, "--mode", mode, "--json"))[0]
    assert str(hit["text"]).strip() == text
    lists = {each["list"] for each in cast("list[dict[str, object]]", hit["found"])}
    assert lists == ({"vector", "keyword"} if mode == "hybrid" else {mode})


def test_search_as_json_is_the_documented_shape(forethought: Forethought, docs: Path) -> None:
    forethought("memory", "add", "docs", "--size", "60", "--overlap", "0")
    done = forethought("memory", "search", "roses", "--mode", "keyword", "--json")
    (hit,) = hits(done)
    assert (list(done.json), done.json["mode"]) == (["query", "mode", "hits"], "keyword")
    start, end = MINUTES.index("## Garden"), len(MINUTES.rstrip())
    assert {key: value for key, value in hit.items() if key not in ("id", "found", "relevance")} == {
        "collection": "documents",
        "text": MINUTES[start:end],
        "description": "Minutes > Garden",
        "metadata": {"kind": "markdown", "title": "Minutes", "section": ["Minutes", "Garden"]},
        "source": (docs / "minutes.md").as_posix(),
        "chunk": 2,
        "start": start,
        "end": end,
    }


def test_what_is_less_relevant_than_asked_is_left_out(forethought: Forethought, docs: Path) -> None:
    forethought("memory", "add", "docs")
    done = forethought("memory", "search", "quantum chromodynamics", "--min-relevance", "0.9")
    assert (done.status, done.output, done.messages) == (0, "", "nothing was found\n")


def test_collections_are_kept_apart(forethought: Forethought, docs: Path) -> None:
    forethought("memory", "add", "docs/page.html", "--collection", "animals")
    forethought("memory", "add", "docs/tool.py", "--collection", "tools")
    found = hits(forethought("memory", "search", "cats", "--collection", "animals", "--json"))
    assert [each["collection"] for each in found] == ["animals"]
    done = forethought("memory", "search", "cats", "--collection", "anmals")
    assert (done.status, done.messages) == (
        2,
        "forethought: error: there is no collection 'anmals'\n  hint: there are animals, tools\n",
    )


def test_list_names_the_documents_of_each_collection(forethought: Forethought, docs: Path) -> None:
    forethought("memory", "add", "docs/minutes.md", "--size", "60", "--overlap", "0")
    forethought("memory", "add", "docs/tool.py", "--collection", "tools")
    assert forethought("memory", "list").output == (
        "documents  3 texts\n  docs/minutes.md  3 pieces\n\ntools  1 text\n  docs/tool.py  1 piece\n"
    )
    assert forethought("memory", "list", "--collection", "tools", "--json").json == {
        "collections": [
            {
                "name": "tools",
                "texts": 1,
                "sources": [{"source": (docs / "tool.py").as_posix(), "pieces": 1}],
                "others": [],
            }
        ]
    }


def test_list_shows_texts_of_no_document_with_their_ids(forethought: Forethought) -> None:
    async def remember() -> None:
        async with SemanticMemory.open() as memory:
            for number in range(25):
                await memory.save("notes", f"Note\n{number:02} " + "word " * 40, id=f"n{number:02}")

    asyncio.run(remember())
    lines = forethought("memory", "list").output.splitlines()
    assert (lines[0], len(lines[1]), lines[-1]) == ("notes  25 texts", 100, "  ... and 5 more")
    assert lines[1].startswith("  n00  Note 00 word word")
    assert lines[1].endswith("...")
    (notes,) = cast("list[dict[str, object]]", forethought("memory", "list", "--json").json["collections"])
    assert (notes["texts"], notes["sources"], len(cast("list[object]", notes["others"]))) == (25, [], 25)
    assert forethought("memory", "forget", "n03").output == "1 text forgotten\n"


def test_an_empty_memory_says_how_to_fill_it(forethought: Forethought, workplace: Path) -> None:
    for command in (["list"], ["search", "x"]):
        done = forethought("memory", *command)
        assert (done.status, done.output) == (0, "")
        assert done.messages.endswith("nothing is kept yet: forethought memory add FILE\n")
    assert list(workplace.iterdir()) == [], "asking makes no file"


def test_forgetting_is_by_source_by_folder_or_by_id(forethought: Forethought, docs: Path) -> None:
    forethought("memory", "add", "docs", "--size", "60", "--overlap", "0")
    assert forethought("memory", "forget", "docs/minutes.md").output == "3 texts forgotten\n"
    (cat, *_) = hits(forethought("memory", "search", "cats", "--json"))
    assert forethought("memory", "forget", str(cat["id"])).output == "1 text forgotten\n"
    done = forethought("memory", "forget", "docs", "nothing")
    assert (done.status, done.output) == (1, "2 texts forgotten\n")
    assert done.messages == "forethought: error: nothing is kept of 'nothing'\n  hint: forethought memory list\n"


def test_a_whole_collection_is_forgotten_only_on_a_clear_yes(forethought: Forethought, docs: Path) -> None:
    forethought("memory", "add", "docs/page.html")
    done = forethought("memory", "forget", "--collection", "documents")
    assert (done.status, done.messages) == (
        2,
        "forethought: error: 1 text of 'documents' would be forgotten, and nobody can be asked here\n"
        "  hint: add --yes\n",
    )
    assert forethought("memory", "forget", "--collection", "documents", "--yes").output == "1 text forgotten\n"


def test_reindex_embeds_everything_with_the_embedder_that_is_set(
    forethought: Forethought, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forethought("memory", "add", "docs/page.html", "docs/tool.py")
    assert forethought("memory", "reindex").output == "2 texts embedded\n"
    monkeypatch.setenv("FORETHOUGHT_MEMORY_EMBEDDER", "nonsense:x")
    done = forethought("memory", "reindex")
    assert (done.status, done.output) == (1, "")
    assert "'nonsense:x'" in done.messages


def test_the_file_is_an_option_a_setting_or_the_default(
    forethought: Forethought, docs: Path, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forethought("memory", "add", "docs/page.html", "--memory", "given.db")
    monkeypatch.setenv("FORETHOUGHT_MEMORY_PATH", "set.db")
    forethought("memory", "add", "docs/page.html")
    monkeypatch.delenv("FORETHOUGHT_MEMORY_PATH")
    forethought("memory", "add", "docs/page.html")
    made = sorted(each.relative_to(workplace).as_posix() for each in workplace.rglob("*.db"))
    assert made == [".forethought/memory.db", "given.db", "set.db"]


def test_what_was_read_cannot_control_the_terminal(forethought: Forethought, workplace: Path) -> None:
    (workplace / "a.txt").write_text("\x1b[2J hostile \u202e text", encoding="utf-8")
    forethought("memory", "add", "a.txt", "--source", "\x1b[1m")
    done = forethought("memory", "search", "hostile")
    assert "\x1b" not in done.output
    assert r"\x1b[2J hostile \u202e text" in done.output


def test_a_file_that_is_no_memory_is_an_error_and_stays_as_it_is(forethought: Forethought, workplace: Path) -> None:
    (workplace / "x.db").write_text("not a database " * 100, encoding="utf-8")
    done = forethought("memory", "list", "--memory", "x.db")
    assert (done.status, done.output) == (1, "")
    assert done.messages.startswith("forethought: error: memory ")
    assert (workplace / "x.db").read_text(encoding="utf-8").startswith("not a database")
