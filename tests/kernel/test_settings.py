"""Settings: one file, the environment before it, every mistake named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from forethought.kernel.errors import SettingsError
from forethought.kernel.settings import load_settings


def write(directory: Path, text: str) -> Path:
    file = directory / "forethought.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_nothing_is_set_where_there_is_no_file(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, environment={})
    assert (settings.model, settings.planner_model, settings.skills, settings.problems) == ((), (), (), ())
    assert settings.section("emailer") == {}


def test_the_nearest_file_upwards_is_read_and_its_paths_are_relative_to_it(tmp_path: Path) -> None:
    file = write(tmp_path, 'model = "openai:gpt-5-mini"\nskills = ["packs"]\n')
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    settings = load_settings(deep, environment={})
    assert settings.file == file
    assert settings.model == ("openai:gpt-5-mini",)
    assert settings.skills == (tmp_path / "packs",)
    assert settings.sources["model"] == f"'model' in {file}"


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    write(tmp_path, 'model = "openai:a"\nplanner_model = "openai:b"\nskills = ["x"]\n')
    environment = {"FORETHOUGHT_MODEL": "ollama:c", "FORETHOUGHT_SKILLS": os.pathsep.join(["one", "two"])}
    settings = load_settings(tmp_path, environment=environment)
    assert (settings.model, settings.planner_model) == (("ollama:c",), ("openai:b",))
    assert settings.skills == (Path("one"), Path("two"))
    assert settings.sources["model"] == "FORETHOUGHT_MODEL"


def test_several_models_are_an_order_and_the_environment_divides_them_by_commas(tmp_path: Path) -> None:
    write(tmp_path, 'model = ["openai:a", "local"]\nplanner_model = "openai:b"\n')
    assert load_settings(tmp_path, environment={}).model == ("openai:a", "local")
    environment = {"FORETHOUGHT_PLANNER_MODEL": "ollama:c, local,"}
    assert load_settings(tmp_path, environment=environment).planner_model == ("ollama:c", "local")


def test_models_of_service_ids_are_a_table_and_no_section(tmp_path: Path) -> None:
    file = write(tmp_path, '[models]\nFast = "ollama:c"\nbest = ["openai:a", "local"]\n')
    settings = load_settings(tmp_path, environment={"FORETHOUGHT_MODELS_FAST": "openai:d,local"})
    assert settings.models == {"fast": ("openai:d", "local"), "best": ("openai:a", "local")}
    assert settings.sources["models.fast"] == "FORETHOUGHT_MODELS_FAST"
    assert settings.sources["models.best"] == f"'best' in [models] of {file}"
    assert settings.sections == {}


def test_a_section_ignores_case_and_takes_its_keys_from_the_environment_first(tmp_path: Path) -> None:
    write(tmp_path, '[Emailer]\nHost = "mail.example.org"\nport = 25\n')
    settings = load_settings(tmp_path, environment={"FORETHOUGHT_EMAILER_PORT": "2525", "FORETHOUGHT_EMAILER_": "x"})
    assert settings.section("emailer") == {"host": "mail.example.org", "port": "2525"}


def test_forethought_config_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text('model = "local"\n', encoding="utf-8")
    assert load_settings(tmp_path, environment={"FORETHOUGHT_CONFIG": str(file)}).model == ("local",)
    with pytest.raises(SettingsError, match=r"FORETHOUGHT_CONFIG names 'nowhere\.toml', which is not a file"):
        load_settings(tmp_path, environment={"FORETHOUGHT_CONFIG": "nowhere.toml"})


def test_an_unknown_key_is_a_problem_with_the_nearest_key(tmp_path: Path) -> None:
    file = write(tmp_path, 'modle = "local"\nzzz = 1\n')
    near, far = load_settings(tmp_path, environment={}).problems
    assert str(near) == f"{file}: warning: there is no setting 'modle' (did you mean 'model'?) [unknown-setting]"
    assert far.hint == "settings are model, planner_model, skills; all else is in tables"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("model = []\n", "'model' must be a text such as \"openai:NAME\", or a list of some, not []"),
        ('models = "a"\n', "'models' must be a table of service ids, not 'a'"),
        (
            "[models]\nfast = 3\n",
            "'fast' in [models] must be a text such as \"openai:NAME\", or a list of some, not 3",
        ),
        (
            '[models]\ndefault = "local"\n',
            "'default' in [models] is no service id: write model = … above all tables",
        ),
        ("model = ]\n", "Invalid value (at line 1, column 9)"),
        ("model = " + "[" * 5_000, "it is nested too deeply"),
        ("model = 3\n", "'model' must be a text such as \"openai:NAME\", or a list of some, not 3"),
        ('skills = ["a", 1]\n', "'skills' must be a list of directories, not ['a', 1]"),
    ],
)
def test_a_bad_file_is_named_with_the_line_or_the_key(tmp_path: Path, text: str, sentence: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, environment={})
    assert str(caught.value) == f"{file}: {sentence}"


def test_keys_of_the_environment_are_never_printed(tmp_path: Path) -> None:
    assert "secret" not in repr(load_settings(tmp_path, environment={"OPENAI_API_KEY": "secret"}))


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_above_the_folder_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "forethought.toml"
    file.write_text('model = "http://evil.example/v1#m"', encoding="utf-8")
    folder = tmp_path / "mine"
    folder.mkdir()
    os.chown(file, 12345, -1)
    with pytest.raises(SettingsError) as caught:
        load_settings(folder, environment={})
    assert str(caught.value).startswith(f"{file} belongs to another user, and could name a server or functions of")
    assert load_settings(folder, environment={"FORETHOUGHT_CONFIG": str(file)}).model
    assert load_settings(tmp_path, environment={}).model, "in the very folder it is there to be seen"
    os.chown(folder, 12345, -1)
    assert load_settings(folder, environment={}).model, "a folder and the file above it are one owner's"
