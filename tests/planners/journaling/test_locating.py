"""Where a journal is, by what was said nearest: in a file, or in a database."""

from __future__ import annotations

from pathlib import Path

import pytest

from forethought.kernel.errors import SettingsError
from forethought.kernel.settings import load_settings
from forethought.planners.journaling.journal import Journal
from forethought.planners.journaling.locating import open_journal

DATABASE = "postgresql://ada:hunter2@db.example.org/work"
SHOWN = "postgresql://ada@db.example.org/work"


@pytest.fixture
def setting(tmp_path: Path) -> Path:
    """A forethought.toml that names a database."""
    file = tmp_path / "forethought.toml"
    file.write_text(f'[journal]\npath = "{DATABASE}"\n', encoding="utf-8")
    return file


def test_a_database_is_named_by_argument_environment_or_setting(setting: Path) -> None:
    for path, environment in (
        (None, {}),
        (DATABASE, {"FORETHOUGHT_JOURNAL_PATH": "runs.db"}),
        (None, {"FORETHOUGHT_JOURNAL_PATH": DATABASE}),
    ):
        assert open_journal(path, load_settings(setting.parent, environment=environment)).path == SHOWN


def test_a_file_of_the_settings_is_relative_to_them_and_any_other_one_to_where_one_is(setting: Path) -> None:
    folder = setting.parent
    given = {"FORETHOUGHT_JOURNAL_PATH": "runs.db"}
    assert open_journal(None, load_settings(folder, environment=given)).path == Path("runs.db")
    assert open_journal("mine.db", load_settings(folder, environment=given)).path == Path("mine.db")
    setting.write_text('[journal]\npath = "runs.db"\n', encoding="utf-8")
    assert open_journal(None, load_settings(folder, environment={})).path == folder / "runs.db"


def test_a_file_may_be_said_as_the_address_that_workers_take(setting: Path) -> None:
    folder = setting.parent
    assert open_journal("sqlite:///mine.db", load_settings(folder, environment={})).path == Path("mine.db")
    setting.write_text('[journal]\npath = "sqlite:///runs.db"\n', encoding="utf-8")
    assert open_journal(None, load_settings(folder, environment={})).path == folder / "runs.db"
    assert Journal("sqlite:////tmp/runs.db").path == Path("/tmp/runs.db")


def test_what_is_no_place_is_refused(setting: Path) -> None:
    setting.write_text("[journal]\npath = 3\n", encoding="utf-8")
    with pytest.raises(
        SettingsError, match=r"'path' in \[journal\] must be the path of a file or the address of a data"
    ):
        open_journal(None, load_settings(setting.parent, environment={}))
    setting.write_text('[journal]\nsynchronous = "most"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"'synchronous' in \[journal\] must be"):
        open_journal(None, load_settings(setting.parent, environment={}))
