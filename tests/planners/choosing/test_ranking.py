"""Ranking by words and by meaning: what counts, what it is made of, and that functions are embedded once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import EmbedderError, SettingsError
from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.memory.embedders.local import is_installed
from forethought.kernel.settings import Settings
from forethought.kernel.testing import ScriptedModel
from forethought.planners.choosing import meaning
from forethought.planners.choosing.ranking import Ranking, Relevance, rank, rank_by_keywords
from forethought.planners.sequential import SequentialPlanner

if TYPE_CHECKING:
    from forethought.kernel.memory.embedder import FloatMatrix

needs_vectors = pytest.mark.skipif(not is_installed(), reason="no word vectors: pip install 'forethought[memory]'")

CHANNEL = Parameter("channel", description="the channel's name")
FUNCTIONS = [
    FunctionSignature(plugin="Chat", name="post", description="Write to a channel", parameters=(CHANNEL,)),
    FunctionSignature(plugin="Chat", name="get_channels", description="What there is to write to"),
    FunctionSignature(plugin="Web", name="fetch", description="Read a page", parameters=(Parameter("url"),)),
    FunctionSignature(plugin="Fun", name="joke", description="Say something funny"),
]


class Colours:
    """An embedder of two colours, which keeps what it was asked: texts with `red` point one way, others the other."""

    name = "colours"
    dimension = 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str], /) -> FloatMatrix:
        self.asked.extend(texts)
        return np.array([[1, 0] if "red" in text else [0, 1] for text in texts], dtype=np.float32)


async def test_without_an_embedder_the_score_is_the_share_of_words() -> None:
    goal = "post to a channel"
    ranking = await rank(goal, FUNCTIONS, embedder=None)
    assert ranking == rank_by_keywords(goal, FUNCTIONS)
    assert ranking.by == "keywords"
    assert all(each.score == each.keyword for each in ranking.relevance.values())


async def test_no_functions_are_a_ranking_of_none() -> None:
    assert (await rank("x", [], embedder=Colours())).relevance == {}


async def test_a_name_and_a_text_near_the_goal_or_to_a_part_of_it_count() -> None:
    functions = [
        FunctionSignature(plugin="A", name="red", description="x"),
        FunctionSignature(plugin="B", name="paint", description="in red"),
        FunctionSignature(plugin="C", name="green", description="x"),
    ]
    ranking = await rank("something in red", functions, embedder=Colours())
    assert [(each.name, each.text) for each in ranking.relevance.values()] == [(1, 1), (0, 1), (0, 0)]
    in_part = await rank("open the door and paint it red", functions, embedder=Colours())
    assert [(each.name, each.text) for each in in_part.relevance.values()] == [(1, 1), (0.5, 1), (0.5, 0.5)]
    assert ranking.by == "colours"


async def test_every_score_is_from_0_to_1() -> None:
    best = [FunctionSignature(plugin="red", name="red", description="red", parameters=(Parameter("url"),))]
    for goal in ("red www.example.com", "", "?!", "x" * 100_000, "\ud800"):
        for each in (await rank(goal, [*FUNCTIONS, *best], embedder=Colours())).relevance.values():
            assert 0 <= each.score <= 1


@needs_vectors
async def test_what_makes_what_a_fitting_function_needs_is_pulled_in() -> None:
    found = (await rank("Post the minutes to our channel", FUNCTIONS)).relevance
    assert found["Chat.get_channels"].needed_by == "Chat.post"
    assert found["Chat.post"].needed_by == ""
    assert sorted(found, key=lambda name: -found[name].score)[:2] == ["Chat.post", "Chat.get_channels"]


async def test_the_best_maker_comes_along_however_little_it_fits_by_itself() -> None:
    maker = FunctionSignature(plugin="Chat", name="channels", description="What there is")
    others = [FunctionSignature(plugin=f"P{number}", name="paint", description="red") for number in range(100)]
    chat = FunctionSignature(plugin="Chat", name="red", description="red", parameters=(CHANNEL,))
    found = (await rank("red", [maker, chat, *others], embedder=Colours())).relevance
    assert (found["Chat.channels"].text, found["Chat.channels"].needed_by) == (0, "Chat.red")
    assert found["Chat.channels"].score >= 0.8 * found["Chat.red"].score > 0.3


@needs_vectors
async def test_a_value_in_the_goal_counts_for_what_takes_it() -> None:
    found = (await rank("What is new at www.example.com?", FUNCTIONS)).relevance
    assert [name for name, each in found.items() if each.given] == ["Web.fetch"]
    without = (await rank("What is new there?", FUNCTIONS)).relevance
    assert found["Web.fetch"].score > without["Web.fetch"].score + 0.05


async def test_functions_are_embedded_once_whatever_the_goal() -> None:
    embedder = Colours()
    for goal in ("red", "green"):
        await rank(goal, [*FUNCTIONS], embedder=embedder)
    assert embedder.asked == [
        *("post", "get channels", "fetch", "joke"),
        "post. Write to a channel",
        "get channels. What there is to write to",
        "fetch. Read a page",
        "joke. Say something funny",
        *("red", "red"),
        *("green", "green"),
    ]


@needs_vectors
async def test_what_one_program_embedded_another_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(meaning, "_indexes", [])
    ranked = await rank("joke", FUNCTIONS)
    before = [(path, path.stat().st_mtime_ns) for path in sorted(tmp_path.rglob("*.sqlite3"))]  # noqa: ASYNC240
    monkeypatch.setattr(meaning, "_indexes", [])
    assert await rank("joke", FUNCTIONS) == ranked
    assert [(path, path.stat().st_mtime_ns) for path, _ in before] == before != []


async def test_a_spec_of_no_embedder_is_refused() -> None:
    with pytest.raises(SettingsError, match="'nonsense' is not a model"):
        await rank("x", FUNCTIONS, embedder="nonsense")


def test_without_the_local_vectors_keywords_rank() -> None:
    code = (
        "import asyncio, importlib.machinery as machinery, sys\n"
        "find = machinery.PathFinder.find_spec\n"
        "machinery.PathFinder.find_spec = lambda name, *rest: None if name == 'wordllama' else find(name, *rest)\n"
        "from forethought.kernel.functions import FunctionSignature\n"
        "from forethought.planners.choosing.ranking import rank\n"
        "joke = FunctionSignature(plugin='Fun', name='joke')\n"
        "print(asyncio.run(rank('a joke', [joke])).by, 'semantic_kernel' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("keywords False\n", "")


async def test_alone_a_function_has_nothing_of_its_plugin_and_of_those_that_need_it() -> None:
    ranking = Ranking(
        {
            "A.far": Relevance(0.9, keyword=0.0, name=0.1, text=0.1, plugin=1.0, needed_by="A.near"),
            "A.near": Relevance(0.5, keyword=0.8, name=0.8, text=0.8, given=True),
        },
        "ours",
    )
    alone = ranking.alone()
    assert [round(each.score, 3) for each in alone.relevance.values()] == [0.071, 0.821]
    assert (alone.by, alone.relevance["A.far"].needed_by) == ("ours", "A.near")
    by_words = rank_by_keywords("post", FUNCTIONS)
    assert by_words.alone() == by_words


class Palette:
    """Three functions of one plugin, of which a goal means one."""

    @skill(effect="pure")
    def red(self) -> str:
        return "red"

    @skill(effect="pure")
    def green(self) -> str:
        return "green"

    @skill(effect="pure")
    def blue(self) -> str:
        return "blue"


async def test_a_small_model_is_shown_what_fits_alone() -> None:
    class Small(ScriptedModel):
        small = True

    shown: list[list[str]] = []
    for model in (Small(["<plan/>"]), ScriptedModel(["<plan/>"])):
        kernel = Kernel(model=model)
        kernel.add_functions(Palette(), "Palette")
        result = await SequentialPlanner(kernel, embedder=Colours()).plan("paint it red")
        shown.append([each.name for each in result.choice.skills])
    assert shown == [["red"], ["red", "green", "blue"]]


async def test_a_planner_opens_its_embedder_with_the_settings_of_its_kernel() -> None:
    """Not with those of the working directory, nor with those of another kernel."""
    keys: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        keys.extend(line[-6:] for line in asked.split(b"\r\n") if line.lower().startswith(b"authorization:"))
        writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        spec = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1#e"
        for key in ("first", "second"):
            kernel = Kernel(model=ScriptedModel([]), settings=Settings(environment={"FORETHOUGHT_API_KEY": key}))
            kernel.add_functions(Palette(), "Palette")
            with pytest.raises(EmbedderError, match="the server refuses the key"):
                await SequentialPlanner(kernel, embedder=spec).create_plan("paint it red")
    assert keys == [b" first", b"second"]


def test_an_embedder_is_opened_once_for_the_same_settings() -> None:
    one, other = (Settings(environment={"FORETHOUGHT_API_KEY": key}) for key in ("first", "second"))
    spec = "http://127.0.0.1:9/v1#once"
    assert meaning.opened(spec, one) is meaning.opened(spec, one)
    assert meaning.opened(spec, one) is not meaning.opened(spec, other)
