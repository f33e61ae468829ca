"""`--journal`: where runs are kept, in a file or in a database that is shared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought


def test_what_one_keeps_in_a_database_another_one_finds_there(
    forethought: Forethought, workplace: Path, database: str
) -> None:
    (workplace / "plan.xml").write_text('<plan goal="Nick"><function.Names.getNickName input="Steven"/></plan>')
    assert forethought("run", "plan.xml", "--yes", "--journal", database).output == "Stevie\n"
    assert forethought("runs", "list").messages == "there are no runs\n"
    assert [each["goal"] for each in forethought("runs", "list", "--json", "--journal", database).rows("runs")] == [
        "Nick"
    ]
    assert forethought("replay", "last", "--journal", database).output == "Stevie\n"
    assert not (workplace / ".forethought").exists()


def test_a_database_that_is_not_there_is_told_without_its_password(forethought: Forethought) -> None:
    told = forethought("runs", "list", "--journal", "postgresql://ada:hunter2@127.0.0.1:1/work")
    assert told.status == 1
    assert told.messages.startswith(
        "forethought: error: the journal 'postgresql://ada@127.0.0.1:1/work': it cannot be reached: "
    )
    assert "hunter2" not in told.messages
