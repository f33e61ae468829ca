"""`forethought doctor`: what is in use, and why; and whether it works."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import Forethought


def test_it_shows_versions_models_packs_settings_and_problems(forethought: Forethought, packs: Path) -> None:
    done = forethought("doctor", "--model", "openai:gpt-5-mini")
    headings = [each for each in done.output.splitlines() if each and not each.startswith(" ")]
    assert headings == ["Versions", "Models", "Skill packs", "Memory", "Settings", "Problems"]
    assert f"  Names            1 function    {packs / 'Names'}\n" in done.output
    assert "  no forethought.toml is in use\n" in done.output


def test_a_model_that_lacks_its_key_is_broken(forethought: Forethought) -> None:
    done = forethought("doctor", "--model", "openai:gpt-5-mini")
    assert done.status == 1
    assert "  broken  openai:gpt-5-mini  --model, but OPENAI_API_KEY is not set\n" in done.output
    assert done.output.endswith("Problems\n  the model 'openai:gpt-5-mini' cannot be used\n")


def test_a_model_that_can_be_used_is_the_one(
    forethought: Forethought, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret-key")
    (workplace / "forethought.toml").write_text('model = "openai:gpt-5-mini"\n', encoding="utf-8")
    done = forethought("doctor")
    assert done.status == 0
    assert f"  used    openai:gpt-5-mini  'model' in {workplace / 'forethought.toml'}\n" in done.output
    assert done.output.endswith("Problems\n  none\n")
    assert "secret-key" not in done.output


def test_json_is_the_documented_shape(forethought: Forethought) -> None:
    done = forethought("doctor", "--json", "--model", "http://127.0.0.1:9/v1#m")
    assert list(done.json) == [
        "ok", "versions", "settings", "models", "planner_model", "packs", "memory", "problems", "failures"
    ]  # fmt: skip
    models = done.rows("models")
    assert models[0] == {
        "spec": "http://127.0.0.1:9/v1#m",
        "order": 1,
        "chosen": True,
        "available": False,
        "reason": "--model, but nothing listens at http://127.0.0.1:9/v1",
    }


def test_an_order_of_models_is_shown_with_what_is_in_use(
    forethought: Forethought, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret-key")
    (workplace / "forethought.toml").write_text('[models]\nfast = "openai:c"\n', encoding="utf-8")
    order = [word for spec in ("http://127.0.0.1:9/v1#a", "openai:b", "openai:e") for word in ("--model", spec)]
    done = forethought("doctor", *order, "--planner-model", "openai:d")
    models = done.output.partition("Models\n")[2]
    assert [" ".join(each.split()) for each in models.splitlines()[:5]] == [
        "broken http://127.0.0.1:9/v1#a --model, but nothing listens at http://127.0.0.1:9/v1",
        "used openai:b --model",
        "then openai:e --model",
        "ready openai:d --planner-model",
        f"ready openai:c 'fast' in [models] of {workplace / 'forethought.toml'}",
    ]
    assert "  plans are made by openai:d\n" in done.output
    assert done.output.endswith("Problems\n  the model 'http://127.0.0.1:9/v1#a' cannot be used\n")


def test_settings_that_cannot_be_read_are_a_problem_and_all_else_is_shown(
    forethought: Forethought, workplace: Path
) -> None:
    (workplace / "forethought.toml").write_text("model = ", encoding="utf-8")
    done = forethought("doctor")
    assert done.status == 1
    assert f"{workplace / 'forethought.toml'}: " in done.output.partition("Problems")[2]
    assert "Names" in done.output


def test_a_folder_of_the_settings_that_is_not_there_is_a_problem(forethought: Forethought, workplace: Path) -> None:
    (workplace / "forethought.toml").write_text('skills = ["nowhere"]\n', encoding="utf-8")
    done = forethought("doctor", skills=False)
    assert done.status == 1
    assert f"{workplace / 'nowhere'}: there is no such folder" in done.output


def test_a_bad_file_of_a_pack_is_a_problem(forethought: Forethought, packs: Path) -> None:
    (packs / "Writing" / "Joke" / "config.json").write_text("{ no json", encoding="utf-8")
    done = forethought("doctor")
    assert done.status == 1
    assert "config.json" in done.output.partition("Problems")[2]


def test_the_memory_in_use_is_shown_with_who_says_so(
    forethought: Forethought, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workplace / "a.txt").write_text("A text.", encoding="utf-8")
    forethought("memory", "add", "a.txt")
    done = forethought("doctor")
    assert "Memory\n  used    .forethought/memory.db  the default, 1 text\n  used    local " in done.output
    settings = workplace / "forethought.toml"
    settings.write_text('[memory]\npath = "there.db"\n', encoding="utf-8")
    monkeypatch.setenv("FORETHOUGHT_MEMORY_EMBEDDER", "openai:x")
    done = forethought("doctor")
    assert (done.status, "  embedder openai:x: OPENAI_API_KEY is not set" in done.output) == (1, True)
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    assert forethought("doctor", "--json").json["memory"] == {
        "path": str(workplace / "there.db"),
        "path_reason": f"'path' in [memory] of {settings}",
        "texts": 0,
        "embedder": "openai:x",
        "embedder_reason": "FORETHOUGHT_MEMORY_EMBEDDER",
        "available": True,
    }
    assert not (workplace / "there.db").exists()


def test_a_memory_that_cannot_be_read_is_a_problem(forethought: Forethought, workplace: Path) -> None:
    (workplace / "forethought.toml").write_text('[memory]\npath = "x.db"\nembedder = "no:x"\n', encoding="utf-8")
    (workplace / "x.db").write_text("not a database " * 100, encoding="utf-8")
    done = forethought("doctor")
    assert done.status == 1
    assert (
        f"  broken  {workplace / 'x.db'}  'path' in [memory] of {workplace / 'forethought.toml'}, cannot be read\n"
        in done.output
    )
    assert "  broken  no:x" in done.output
    problems = done.output.partition("Problems\n")[2]
    assert "x.db" in problems
    assert "'no:x'" in problems
