"""What `[limits]` says, and what it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from forethought.kernel.errors import SettingsError
from forethought.kernel.settings import load_settings
from forethought.planners.engines.limits import Limit, Limits


def read(folder: Path, text: str) -> Limits:
    """Return the limits of a forethought.toml."""
    (folder / "forethought.toml").write_text(f"[limits]\n{text}\n", encoding="utf-8")
    return Limits.read(load_settings(folder, environment={}))


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ('"M.send" = { concurrency = 2 }', Limit("M.send", 2)),
        ('"M.send" = { rate = "100/60s" }', Limit("M.send", None, 100, 60.0)),
        ('"M.send" = { concurrency = 1, rate = "5/s" }', Limit("M.send", 1, 5, 1.0)),
        ('"M.send" = { rate = "1000/h" }', Limit("M.send", None, 1000, 3600.0)),
        ('"M.*" = { rate = "3 / 0.5m" }', Limit("M.*", None, 3, 30.0)),
    ],
)
def test_a_limit_is_calls_at_one_time_or_calls_per_time(tmp_path: Path, text: str, limit: Limit) -> None:
    assert [*read(tmp_path, text)] == [limit]


def test_a_function_has_the_limit_of_its_name_else_the_first_that_fits(tmp_path: Path) -> None:
    limits = read(tmp_path, '"M.*" = {concurrency=1}\n"*" = {concurrency=2}\n"m.SEND" = {concurrency=3}')
    assert [limit and limit.concurrency for limit in map(limits.of, ("M.send", "M.read", "X.y"))] == [3, 1, 2]
    assert Limits().of("M.send") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '"M.send" = 2',
            "'M.send' in [limits] must be a table such as { concurrency = 2, rate = \"100/60s\" }, not 2",
        ),
        (
            "M.send = { concurrency = 2 }",
            "'M' in [limits] has a dot in its name: write \"M.send\" = …, in quotes",
        ),
        ('"M.send" = { parallel = 2 }', "'M.send' in [limits] has no 'parallel': a limit has concurrency and rate"),
        ('"M.send" = {}', "'M.send' in [limits] says nothing: write { concurrency = 2, rate = \"100/60s\" }"),
        (
            '"M.send" = { concurrency = 0 }',
            "'concurrency' of 'M.send' in [limits] must be a whole number from 1, not 0",
        ),
        (
            '"M.send" = { concurrency = true }',
            "'concurrency' of 'M.send' in [limits] must be a whole number from 1, not True",
        ),
        (
            '"M.send" = { rate = "often" }',
            "'rate' of 'M.send' in [limits] must be calls per time, "
            'such as "100/60s", "5/s" or "1000/h", not \'often\'',
        ),
        (
            '"M.send" = { rate = "0/s" }',
            "'rate' of 'M.send' in [limits] must be calls per time, "
            'such as "100/60s", "5/s" or "1000/h", not \'0/s\'',
        ),
    ],
)
def test_what_makes_no_sense_is_told_with_the_way_out(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, text)
    assert str(refused.value) == message
