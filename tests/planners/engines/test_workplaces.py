"""Where workers are, and what the settings say about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from forethought.kernel.errors import EngineError, SettingsError
from forethought.kernel.settings import load_settings
from forethought.planners.engines.limits import Limit
from forethought.planners.engines.places import Places, database_of
from forethought.planners.engines.workplaces import Workplace
from forethought.planners.journaling.locating import locate

ADDRESS = "postgresql://ada:word@db.example.org/work"


def workplace(folder: Path, text: str, database: str | None = None, **environment: str) -> Workplace:
    """Return the workplace of a forethought.toml."""
    (folder / "forethought.toml").write_text(text, encoding="utf-8")
    return Workplace.of(load_settings(folder, environment=environment), database)


def test_in_postgresql_the_journal_is_where_the_queues_are() -> None:
    assert Places.of(ADDRESS) == (ADDRESS, ADDRESS, "'postgresql://ada@db.example.org/work'")
    assert Places.of("postgres://db/work").carrier == "postgresql://db/work"
    assert database_of(ADDRESS) == ADDRESS


def test_on_one_machine_there_are_two_files_side_by_side(tmp_path: Path) -> None:
    file = tmp_path / "runs.db"
    assert Places.of(f"sqlite:///{file}") == (str(file), f"sqlite:///{file}-dbos", f"'sqlite:///{file}'")
    assert database_of(str(file)) == f"sqlite:///{file}"


@pytest.mark.parametrize("given", ["runs.db", "mysql://db/work", "sqlite:///", ""])
def test_what_is_no_database_is_told(given: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Places.of(given)
    forms = "postgresql://USER@HOST/NAME, or sqlite:///FILE on one machine"
    assert str(refused.value) == f"'{given}' is no database for workers: it is {forms}"


def test_an_option_comes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    text = '[engine]\ndatabase = "sqlite:///file.db"\n'
    assert workplace(tmp_path, text).database == f"sqlite:///{tmp_path / 'file.db'}"
    assert workplace(tmp_path, text, FORETHOUGHT_DATABASE=ADDRESS).database == ADDRESS
    assert workplace(tmp_path, text, "sqlite:///mine.db", FORETHOUGHT_DATABASE=ADDRESS).database == "sqlite:///mine.db"


def test_the_journal_of_workers_is_the_one_that_commands_read(tmp_path: Path) -> None:
    (tmp_path / "forethought.toml").write_text('[engine]\ndatabase = "sqlite:///file.db"\n', encoding="utf-8")
    assert locate(None, load_settings(tmp_path, environment={})) == tmp_path / "file.db"
    assert locate(None, load_settings(tmp_path, environment={"FORETHOUGHT_DATABASE": ADDRESS})) == ADDRESS
    assert locate("other.db", load_settings(tmp_path, environment={})) == Path("other.db")


def test_limits_local_functions_and_secrets_are_those_of_the_settings(tmp_path: Path) -> None:
    text = '[engine]\nlocal = ["A.*", "B.c"]\n[limits]\n"A.b" = {concurrency = 2}\n[journal]\nredact = "X[0-9]"\n'
    found = workplace(tmp_path, text, ADDRESS)
    assert (found.local, [*found.limits], found.redact) == (("A.*", "B.c"), [Limit("A.b", 2)], ("X[0-9]",))
    assert found.shown == "'postgresql://ada@db.example.org/work'"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "",
            "there is no database for workers: give one by --database, FORETHOUGHT_DATABASE, or `database` in [engine]",
        ),
        ("[engine]\ndatabase = 3\n", "'database' in [engine] must be postgresql://… or sqlite:///FILE, not 3"),
        ('[engine]\ndatabase = "x"\n', "'database' in [engine] must be postgresql://… or sqlite:///FILE, not 'x'"),
        (
            '[engine]\ndatabase = "sqlite:///x"\nlocal = 3\n',
            "'local' in [engine] must be a list of functions such as [\"Strings.*\"], not 3",
        ),
    ],
)
def test_settings_that_make_no_sense_are_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        workplace(tmp_path, text)
    assert str(refused.value).startswith(message)


def test_what_the_extra_brings_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from forethought.planners.engines.carrying import Carrier

    monkeypatch.setitem(sys.modules, "dbos", None)
    with pytest.raises(EngineError) as refused:
        Carrier("sqlite:///x", "'sqlite:///x'")
    assert str(refused.value) == "the workers of 'sqlite:///x': dbos is not installed (pip install 'forethought[dbos]')"
