"""Each guarantee of docs/durability.md is kept by a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "durability.md"
KEPT_BY = {
    "A step is in the journal before its function is called.": (
        "planners/journaling/test_journal.py::test_a_step_is_in_the_file_while_its_function_runs"
    ),
    "What a step gave is in the journal before anything that waits for it starts.": (
        "planners/journaling/test_journal.py::test_what_a_step_gave_is_in_the_file_when_the_next_one_runs"
    ),
    "A finished step is never run twice, and what it gave is matched by its id, never by the order of calls.": (
        "property/test_resuming.py::test_a_run_that_dies_and_is_resumed_comes_to_what_one_run_does"
    ),
    "A step that started and left no end is in doubt, and no other step is.": (
        "planners/journaling/test_resuming.py::test_a_step_that_writes_and_left_no_end_is_in_doubt_and_nothing_runs"
    ),
    "A step in doubt is repeated only where that does no harm: it writes nothing, or is idempotent. Else nothing runs "
    "until somebody says what is true.": (
        "planners/journaling/test_resuming.py::test_a_step_that_only_reads_or_is_idempotent_is_repeated_unasked"
    ),
    "A run that is resumed until it ends comes to what one uninterrupted run comes to.": (
        "integration/test_killed_runs.py::test_a_killed_run_ends_as_if_it_had_not_been_and_no_effect_happens_twice"
    ),
    "A run has one process at a time: of two that resume it, one gets a clear error.": (
        "planners/journaling/test_journal.py::test_of_two_processes_that_resume_a_run_one_wins"
    ),
    "Where the journal cannot be written, no further step starts.": (
        "hostile/test_journal_files.py::test_on_a_full_disk_no_further_step_starts_and_what_was_done_is_known"
    ),
    "A secret is not in the journal.": (
        "planners/journaling/test_keeping.py::test_a_secret_is_nowhere_in_the_file_and_is_asked_for_again"
    ),
    "A secret is on no output, unless it is asked for.": (
        "cli/test_secrets.py::test_what_is_hidden_is_said_and_can_be_shown"
    ),
    "An approval counts for exactly what was approved, and not beyond its time.": (
        "planners/journaling/test_approving.py::test_another_argument_voids_an_approval"
    ),
    "A journal of this version can be read by every later one.": (
        "hostile/test_journal_files.py::test_a_journal_that_an_earlier_version_wrote_is_read_and_its_run_goes_on"
    ),
}


def test_the_page_guarantees_what_is_tested_and_nothing_else() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## What is guaranteed\n")[1].strip().split("\n\n")[0]
    said = [" ".join(each.split()) for each in re.split(r"^\d+\. ", section, flags=re.MULTILINE)[1:]]
    assert said == list(KEPT_BY)


@pytest.mark.parametrize("test", KEPT_BY.values())
def test_there_is_such_a_test(test: str) -> None:
    file, _, name = test.partition("::")
    assert re.search(rf"def {name}\(", (ROOT / "tests" / file).read_text(encoding="utf-8"))
