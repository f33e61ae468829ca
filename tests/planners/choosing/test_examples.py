"""Examples: the goals of saved plans speak for the functions that these plans call."""

from __future__ import annotations

from pathlib import Path

import pytest

from forethought.kernel import Kernel
from forethought.kernel.functions import FunctionSignature
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.testing import HashEmbedder, ScriptedModel
from forethought.planners.choosing.examples import examples_of
from forethought.planners.choosing.ranking import rank
from forethought.planners.sequential import SequentialPlanner

JOKE = FunctionSignature(plugin="Fun", name="Joke")
SEND = FunctionSignature(plugin="Mail", name="send")
SKILLS = SkillRegistry([JOKE, SEND])
CHEER = '<plan goal="Cheer Ada up"><function.Fun.Joke/><function.joke/><function.Mail-send/></plan>'


def saved(folder: Path, **plans: str) -> list[tuple[str, Path]]:
    (folder / "plans").mkdir(exist_ok=True)
    files = [(folder / "plans" / f"{name}.xml", text) for name, text in plans.items()]
    for file, text in files:
        file.write_text(text, encoding="utf-8")
    return [("Pack", file) for file, _ in files]


def test_a_goal_is_an_example_for_each_function_that_reached_it(tmp_path: Path) -> None:
    again = '<plan goal="Amuse Bob"><function.Joke/><function.Elsewhere.look/></plan>'
    assert examples_of(saved(tmp_path, cheer=CHEER, amuse=again), SKILLS) == {
        "Fun.Joke": ("Cheer Ada up", "Amuse Bob"),
        "Mail.send": ("Cheer Ada up",),
    }


@pytest.mark.parametrize("text", ["", "no plan", "<plan><function.Joke/></plan>", '<plan goal="Nothing"/>'])
def test_what_is_no_plan_with_a_goal_and_steps_gives_no_example(tmp_path: Path, text: str) -> None:
    assert examples_of(saved(tmp_path, plan=text), SKILLS) == {}
    assert examples_of([("Pack", tmp_path / "plans" / "gone.xml")], SKILLS) == {}


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    files = saved(tmp_path, cheer=CHEER)
    assert "Mail.send" in examples_of(files, SKILLS)
    saved(tmp_path, cheer='<plan goal="Cheer Bob up"><function.Joke/></plan>')
    assert examples_of(files, SKILLS) == {"Fun.Joke": ("Cheer Bob up",)}


async def test_an_example_near_the_goal_counts_as_a_text_and_its_words_count() -> None:
    goal, examples = "Cheer Ada up", {"Mail.send": ["Cheer Ada up"]}
    by_words = (await rank(goal, [*SKILLS], embedder=None, examples=examples)).relevance
    assert (by_words["Fun.Joke"].score, by_words["Mail.send"].score) == (0, 0.5)
    embedder = HashEmbedder(256)
    near = (await rank(goal, [*SKILLS], embedder=embedder, examples=examples)).relevance["Mail.send"]
    far = (await rank(goal, [*SKILLS], embedder=embedder)).relevance["Mail.send"]
    assert near.text == pytest.approx(1)
    assert near.score > far.score


async def test_a_planner_takes_the_saved_plans_of_its_packs_as_examples(tmp_path: Path) -> None:
    for name in ("First", "Second", "Third"):
        (tmp_path / "Pack" / name).mkdir(parents=True)
        (tmp_path / "Pack" / name / "skprompt.txt").write_text("{{$input}}", encoding="utf-8")
    saved(tmp_path / "Pack", cheer='<plan goal="Cheer Ada up"><function.Pack.Third input="x"/></plan>')
    kernel = Kernel.from_packs(tmp_path, model=ScriptedModel(["<plan/>"]))
    planner = SequentialPlanner(kernel, max_relevant_functions=1, embedder=HashEmbedder(256))
    result = await planner.plan("Cheer Ada up")
    assert [each.full_name for each in result.choice.skills] == ["Pack.Third"]
    assert result.choice.by == "hash:256"
