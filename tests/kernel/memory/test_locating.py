"""Where memory is: what is given comes first, then the environment, then the file of settings, then the default."""

from __future__ import annotations

from pathlib import Path

import pytest

from forethought.kernel import Kernel, SemanticMemory
from forethought.kernel.errors import EmbedderError, SettingsError
from forethought.kernel.memory.locating import locate
from forethought.kernel.settings import Settings, load_settings
from forethought.kernel.testing import HashEmbedder


def settings_of(folder: Path, text: str = "", **environment: str) -> Settings:
    if text:
        (folder / "forethought.toml").write_text(text, encoding="utf-8")
    return load_settings(folder, environment=environment)


def test_the_default_is_a_file_here(tmp_path: Path) -> None:
    assert locate(None, None, settings_of(tmp_path)) == (Path(".forethought/memory.db"), "local")


def test_the_default_is_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "forethought.toml").touch()
    found = locate(None, None, settings_of(tmp_path / "below"))
    assert found == (tmp_path / ".forethought" / "memory.db", "local")


def test_settings_name_the_file_relative_to_their_own(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, '[memory]\npath = "notes.db"\nembedder = "openai:x"\n')
    assert locate(None, None, settings) == (tmp_path / "notes.db", "openai:x")
    assert locate("other.db", "local", settings) == (Path("other.db"), "local")


def test_the_environment_names_it_relative_to_the_working_directory(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, '[memory]\npath = "notes.db"', FORETHOUGHT_MEMORY_PATH="mine.db")
    assert locate(None, None, settings).path == Path("mine.db")


def test_in_process_is_said_in_sqlites_words(tmp_path: Path) -> None:
    assert locate(":memory:", None, settings_of(tmp_path)).path is None
    assert locate(None, None, settings_of(tmp_path, '[memory]\npath = ":memory:"')).path is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[memory]\npath = 3", r"'path' in \[memory\] must be the path of a file, not 3"),
        ("[memory]\nembedder = []", r"'embedder' in \[memory\] must be a text such as \"local\", not \[\]"),
    ],
)
def test_settings_of_a_wrong_type_are_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        locate(None, None, settings_of(tmp_path, text))


async def test_a_kernel_has_the_memory_of_its_settings_and_makes_no_file_by_itself(tmp_path: Path) -> None:
    kernel = Kernel(settings=settings_of(tmp_path, '[memory]\npath = "notes.db"\n'))
    assert kernel.memory is kernel.memory
    assert await kernel.memory.count() == 0
    assert not (tmp_path / "notes.db").exists()


async def test_a_kernel_has_the_memory_it_was_given(tmp_path: Path) -> None:
    async with SemanticMemory.open(tmp_path / "a.db", embedder=HashEmbedder()) as memory:
        assert Kernel(memory=memory).memory is memory
        await memory.save("notes", "a", id="1")
    assert await Kernel(memory=tmp_path / "a.db").memory.count() == 1


async def test_the_default_folder_is_none_of_a_repositorys_business(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with SemanticMemory.open(embedder=HashEmbedder(), settings=settings_of(tmp_path)) as memory:
        await memory.save("notes", "a")
    assert {each.name for each in (tmp_path / ".forethought").iterdir()} >= {".gitignore", "memory.db"}
    assert (tmp_path / ".forethought" / ".gitignore").read_text(encoding="utf-8") == "*\n"


async def test_the_embedder_is_that_of_the_settings_the_memory_was_opened_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that changes its folder, or its environment, before the first text keeps what it opened."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORETHOUGHT_MEMORY_EMBEDDER", "openai:text-embedding-3-small")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    memory = SemanticMemory.open()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "forethought.toml").write_text("[memory\n", encoding="utf-8")
    monkeypatch.chdir(elsewhere)
    with pytest.raises(EmbedderError, match="OPENAI_API_KEY is not set"):
        await memory.search("x")
