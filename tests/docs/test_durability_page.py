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


KEPT_IN_A_DATABASE_BY = {
    "Of many processes that want a run, one gets it.": (
        "planners/journaling/test_postgres.py::test_of_many_that_want_a_run_one_wins"
    ),
    "A process that was not heard of for 15 seconds has lost its runs to whoever wants them: it writes nothing more "
    "about them, and starts no further step of them.": (
        "planners/journaling/test_postgres.py::"
        "test_a_process_that_was_taken_for_dead_writes_nothing_more_and_starts_no_step"
    ),
    "A process that ends gives its runs back at once.": (
        "planners/journaling/test_postgres.py::test_a_process_that_ends_gives_its_lease_back_at_once"
    ),
    "A server that was away has heard of nobody, so all leases begin anew when it starts.": (
        "planners/journaling/test_postgres.py::test_a_server_that_was_away_has_heard_of_nobody_so_all_leases_begin_anew"
    ),
    "A run waits for a server that is started again, for 30 seconds, and goes on.": (
        "planners/journaling/test_postgres.py::test_a_run_waits_for_a_server_that_is_started_again"
    ),
    "What the server has done, and could not answer, is not written twice.": (
        "planners/journaling/test_postgres.py::test_what_the_server_has_done_and_not_answered_is_not_written_twice"
    ),
    "Where the server stays away, no further step starts; what is known is kept until it is back, and the run is "
    "resumed.": (
        "planners/journaling/test_postgres.py::"
        "test_a_server_that_stays_away_ends_the_run_before_the_next_step_and_it_can_be_resumed"
    ),
    "A password in an address is shown nowhere.": (
        "planners/journaling/test_postgres.py::test_a_password_is_shown_nowhere"
    ),
}

KEPT_BY_WORKERS = {
    "The journal says what has happened; what carries work between machines is asked for nothing else.": (
        "planners/engines/test_working.py::test_what_a_run_came_to_is_known_where_the_end_of_its_turn_was_lost"
    ),
    "A run that was handed in is not lost: a worker takes it, and another one goes on where that one ended.": (
        "integration/test_killed_workers.py::test_runs_end_as_if_no_worker_had_been_killed_and_no_effect_happens_twice"
    ),
    "A step is given to one worker, under an id of run, step, round and attempt; what it gave comes back by this id.": (
        "planners/engines/test_workers.py::test_who_takes_a_run_over_finds_its_step_under_way"
    ),
    "A step starts once at most under each id. What a worker had not begun when it was lost, another one does. What it "
    "had begun is done again where that does no harm, and else is in doubt, as on one machine.": (
        "planners/engines/test_workers.py::test_a_step_that_writes_is_in_doubt_where_its_worker_was_killed"
    ),
    "A worker that was only away starts nothing that was taken over from it. What it had begun it ends: see that the "
    "worker which is named is gone before you say that a step in doubt was not done.": (
        "integration/test_killed_workers.py::test_a_worker_that_was_away_for_longer_than_its_lease_repeats_nothing"
    ),
    "A worker that lacks a function of a run, or has it with another signature than the run was approved with, leaves "
    "the run to others; one that is given such a step gives it back, and whoever coordinates the run calls it.": (
        "planners/engines/test_workers.py::test_a_worker_that_lacks_a_function_leaves_the_run_to_another_one"
    ),
    "Values travel as JSON. What JSON does not hold, nor brings back by the type of its parameter, does not travel, "
    "nor does what is secret by name, by type or by its looks: such a call is made by the worker that coordinates the "
    "run, beyond any limit of its function. A run that is given a secret is refused when it is handed in: let the "
    "function read it where it runs.": "planners/engines/test_workers.py::test_a_secret_does_not_travel",
    "Where what a function gave does not travel, it is called again where that does no harm; else the step is in "
    "doubt. A function that gives such things belongs into `local`.": (
        "planners/engines/test_engines.py::test_what_cannot_travel_is_what_it_is_in_one_process"
    ),
}


@pytest.mark.parametrize(
    ("section", "kept"),
    [
        ("What is guaranteed", KEPT_BY),
        ("One journal for many machines", KEPT_IN_A_DATABASE_BY),
        ("Many machines", KEPT_BY_WORKERS),
    ],
)
def test_the_page_guarantees_what_is_tested_and_nothing_else(section: str, kept: dict[str, str]) -> None:
    text = PAGE.read_text(encoding="utf-8").split(f"## {section}\n")[1].partition("\n1. ")[2].split("\n\n")[0]
    said = [" ".join(each.split()) for each in re.split(r"^\d+\. ", text, flags=re.MULTILINE)]
    assert said == list(kept)


@pytest.mark.parametrize("test", [*KEPT_BY.values(), *KEPT_IN_A_DATABASE_BY.values(), *KEPT_BY_WORKERS.values()])
def test_there_is_such_a_test(test: str) -> None:
    file, _, name = test.partition("::")
    assert re.search(rf"def {name}\(", (ROOT / "tests" / file).read_text(encoding="utf-8"))
