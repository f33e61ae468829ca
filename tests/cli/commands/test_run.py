"""`forethought run`: shown, checked, asked for, and then run as it reads."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought, ModelServer, Outcome
    from tests.conftest import Snapshot

PURE = """\
<plan goal="Greet somebody">
  <input name="WHO"/>
  <input name="TIMES" type="integer">1</input>
  <function.StringFunctions.stringReplace input="Hello USER_NAME USER_NAME" to="$WHO" times="$TIMES"/>
</plan>
"""


@pytest.fixture
def pure(workplace: Path) -> Path:
    """A plan without effects that needs one input."""
    file = workplace / "pure.xml"
    file.write_text(PURE, encoding="utf-8")
    return file


def test_the_result_goes_to_standard_output_and_each_event_is_a_line(forethought: Forethought, pure: Path) -> None:
    done = forethought("run", str(pure), "--input", "WHO=Ann", "--yes")
    assert (done.status, done.output) == (0, "Hello Ann USER_NAME\n")
    assert done.messages == (
        "running 1 step\n"
        "[1] StringFunctions.stringReplace started\n"
        "[1] StringFunctions.stringReplace done: Hello Ann USER_NAME\n"
        "run succeeded\n"
    )


def test_a_plan_without_effects_is_shown_and_runs_unasked(forethought: Forethought, pure: Path) -> None:
    done = forethought("run", str(pure), "--input", "WHO=Ann")
    assert (done.status, done.output) == (0, "Hello Ann USER_NAME\n")
    assert done.messages.startswith(
        'Goal: Greet somebody\n\nInput: $WHO (string) = "Ann"\nInput: $TIMES (integer) = "1"\n'
    )


def test_what_is_shown_for_approval_has_the_values_that_were_given(forethought: Forethought, greet: Path) -> None:
    done = forethought("run", str(greet), "--input", "input=Dear USER_NAME \x1b[2J")
    assert done.status == 3
    assert (
        '\nInput: $INPUT (string) = "Dear USER_NAME \\x1b[2J"  (the greeting; given, not its default)\n'
        in done.messages
    )


def test_inputs_are_typed_as_the_plan_says(forethought: Forethought, pure: Path) -> None:
    done = forethought("run", str(pure), "--input", "who=Ann", "--input", "times=2")
    assert done.output == "Hello Ann Ann\n"


def test_an_input_of_the_wrong_type_is_an_error_before_anything_runs(forethought: Forethought, pure: Path) -> None:
    done = forethought("run", str(pure), "--input", "WHO=Ann", "--input", "TIMES=many")
    assert (done.status, done.output) == (1, "")
    assert done.messages.startswith(
        f"{pure}:3:3: error: the input 'TIMES' has the wrong type: 'many' is not an integer"
    )
    assert done.messages.endswith("\n1 error\n")
    assert forethought("run", str(pure), "--input", "WHO=Ann", "--input", "TIMES=many", "--dry-run") == done


def test_an_input_of_the_wrong_type_is_told_before_anybody_is_asked(forethought: Forethought, workplace: Path) -> None:
    file = workplace / "late.xml"
    file.write_text(
        '<plan><input name="N" type="integer"/><function.Emailer.sendEmail emailaddress="a@b.c" message="$N"/></plan>',
        encoding="utf-8",
    )
    done = forethought("run", str(file), "--input", "N=many")
    assert (done.status, "has effects" in done.messages) == (1, False)


def test_a_plan_that_says_that_its_goal_cannot_be_reached_is_refused_once(
    forethought: Forethought, workplace: Path
) -> None:
    (workplace / "fly.xml").write_text('<plan goal="fly">no wings</plan>', encoding="utf-8")
    done = forethought("run", "fly.xml")
    assert (done.status, done.output) == (1, "")
    assert done.messages == (
        "fly.xml:1:1: error: there is nothing to run, since the plan says that the goal cannot be reached: no wings "
        "[impossible-plan]\n"
        '  1 | <plan goal="fly">no wings</plan>\n'
        "    | ^~~~~\n"
        "1 error\n"
    )


@pytest.mark.parametrize("command", ["run", "check", "plan"])
@pytest.mark.parametrize("given", ["姓名=李", "1A=x", "=x", "A B=x"])
def test_an_input_that_no_plan_can_name_is_wrong_usage(
    forethought: Forethought, pure: Path, command: str, given: str
) -> None:
    name, where = given.partition("=")[0], "" if command == "run" else f"{command}: "
    assert forethought(command, str(pure), "--input", given).messages == (
        f"forethought: error: {where}--input '{given}': no variable can be named '{name}'\n"
        "  hint: a name has ASCII letters, digits and underscores, and does not begin with a digit\n"
    )


def test_standard_input_is_read_once(forethought: Forethought, pure: Path) -> None:
    twice = ("--input-file", "WHO=-", "--input-file", "TIMES=-")
    for arguments in (("-", *twice[:2]), (str(pure), *twice)):
        done = forethought("run", *arguments, stdin=pure.read_bytes())
        assert (done.status, done.messages) == (
            2,
            "forethought: error: '-' stands for standard input, which can be read only once\n",
        )


def test_a_missing_input_is_named_with_the_way_to_give_it(forethought: Forethought, pure: Path) -> None:
    done = forethought("run", str(pure))
    assert (done.status, done.output) == (1, "")
    assert done.messages == (
        f"{pure}:2:3: error: the input 'WHO' has no value [missing-input]\n"
        '  2 |   <input name="WHO"/>\n'
        "    |   ^~~~~~\n"
        '  hint: give it one: --input WHO="...", or in Python inputs={"WHO": ...}\n'
        "1 error\n"
    )


def test_an_input_that_the_plan_has_no_use_for_is_a_warning(forethought: Forethought, pure: Path) -> None:
    done = forethought("run", str(pure), "--input", "WHO=Ann", "--input", "WHAT=x", "--yes")
    assert done.status == 0
    assert done.messages.startswith(
        f"{pure}: warning: the plan has no use for the input 'WHAT' [unused-input-value]\n"
        "  hint: its inputs are WHO, TIMES\n1 warning\n"
    )


def test_a_value_is_text_whatever_it_holds(forethought: Forethought, pure: Path) -> None:
    done = forethought("run", str(pure), "--input", "WHO=$TIMES=@/etc/passwd &amp; {{x}}")
    assert done.output == "Hello $TIMES=@/etc/passwd &amp; {{x}} USER_NAME\n"


def test_an_input_can_be_a_files_text(forethought: Forethought, pure: Path, workplace: Path) -> None:
    (workplace / "who.txt").write_text("Ann\nBob\n", encoding="utf-8")
    assert forethought("run", str(pure), "--input-file", "WHO=who.txt").output == "Hello Ann\nBob\n USER_NAME\n"


def test_an_input_file_that_is_no_text_is_wrong_usage(forethought: Forethought, pure: Path, workplace: Path) -> None:
    (workplace / "who.txt").write_bytes(b"caf\xe9")
    done = forethought("run", str(pure), "--input-file", "WHO=who.txt")
    assert (done.status, done.messages) == (2, "forethought: error: 'who.txt' is not UTF-8 text (byte 3)\n")


def test_effects_wait_for_an_approval_where_nobody_can_be_asked(
    forethought: Forethought, greet: Path, workplace: Path
) -> None:
    done = forethought("run", str(greet))
    assert (done.status, done.output) == (3, "")
    assert done.messages.endswith(
        "This plan has effects:\n"
        "  4. Emailer.sendEmail: writes mail, open world\n"
        "forethought: error: the plan waits for an approval, and nobody can be asked here; nothing was run\n"
        f"  hint: forethought approve {kept(done)}, then forethought resume {kept(done)}; "
        f"or add --yes, or --approved {hash_of(forethought, greet)}\n"
    )
    assert not (workplace / "sent.txt").exists()


def test_where_nothing_is_kept_an_approval_is_a_hash(forethought: Forethought, greet: Path, workplace: Path) -> None:
    done = forethought("run", str(greet), "--no-journal")
    assert done.messages.endswith(f"  hint: add --yes, or --approved {hash_of(forethought, greet)}\n")
    assert list(workplace.iterdir()) == []


def kept(done: Outcome) -> str:
    """Return the id of the run that waits."""
    found = re.search(r"forethought approve (\S+),", done.messages)
    assert found
    return found[1]


def test_a_run_that_waits_is_a_document_too(forethought: Forethought, greet: Path) -> None:
    done = forethought("run", str(greet), "--json")
    assert done.status == 3
    assert (done.json["status"], done.json["run"], done.json["value"]) == ("waiting", kept(done), None)
    steps = done.rows("steps")
    assert [each["status"] for each in steps] == ["not_started"] * 4
    assert done.json["error"] == "the plan waits for an approval"
    approved = forethought("run", str(greet), "--json", "--approved", str(done.json["approval"]))
    assert (approved.status, approved.json["status"]) == (0, "succeeded")
    void = forethought("run", str(greet), "--json", "--approved", "another")
    assert void.status == 3
    assert str(void.json["error"]).startswith("the approval 'another' is for another plan")


def test_yes_approves_and_the_effect_happens_once(forethought: Forethought, greet: Path, workplace: Path) -> None:
    done = forethought("run", str(greet), "--yes")
    assert (done.status, done.output) == (0, "sent to steven@example.org\n")
    assert (workplace / "sent.txt").read_text(encoding="utf-8") == "steven@example.org|Hello|Hello, Stevie.\n"


def test_json_of_a_run_is_the_documented_shape(forethought: Forethought, greet: Path) -> None:
    done = forethought("run", str(greet), "--yes", "--json")
    run = done.json
    assert list(run) == ["run", "status", "value", "results", "variables", "steps", "usage", "error"]
    assert (run["status"], run["error"]) == ("succeeded", None)
    assert run["value"] == "sent to steven@example.org"
    assert run["results"] == {"RESULT__SENT": "sent to steven@example.org"}
    assert run["variables"] == {
        "INPUT": "Hello, USER_NAME.",
        "NICKNAME": "Stevie",
        "MESSAGE": "Hello, Stevie.",
        "EMAIL": "steven@example.org",
    }
    steps = done.rows("steps")
    assert [list(each) for each in steps] == [["id", "function", "status", "started", "ended", "output", "error"]] * 4


def test_a_dry_run_checks_shows_and_stops(forethought: Forethought, greet: Path, workplace: Path) -> None:
    done = forethought("run", str(greet), "--dry-run")
    assert done.status == 0
    assert re.fullmatch(r"approval: [0-9a-f]{32}\n", done.messages)
    assert done.output == forethought("show", str(greet)).output
    assert list(workplace.iterdir()) == []


def test_a_dry_run_as_json_is_the_plan_and_the_hash_of_its_approval(forethought: Forethought, greet: Path) -> None:
    done = forethought("run", str(greet), "--dry-run", "--json")
    plan = json.loads(forethought("show", str(greet), "--json").output)
    assert json.loads(done.output) == {**plan, "approval": done.messages.split()[-1]}


def hash_of(forethought: Forethought, plan: Path, *options: str) -> str:
    """Return the hash that a dry run tells."""
    return forethought("run", str(plan), "--dry-run", *options).messages.split()[-1]


def test_what_was_approved_runs_unasked(forethought: Forethought, greet: Path, workplace: Path) -> None:
    done = forethought("run", str(greet), "--approved", hash_of(forethought, greet))
    assert done.status == 0
    assert (workplace / "sent.txt").exists()


def test_what_was_not_approved_waits_even_with_yes(forethought: Forethought, greet: Path, workplace: Path) -> None:
    approved = hash_of(forethought, greet)
    done = forethought("run", str(greet), "--approved", approved, "--input", "INPUT=Bye", "--yes")
    assert (done.status, list(workplace.iterdir())) == (3, [])
    found = hash_of(forethought, greet, "--input", "INPUT=Bye")
    assert done.messages.endswith(
        f"forethought: error: the approval '{approved}' is for another plan, other inputs or other functions: "
        f"this run is '{found}'; nothing was run\n"
        "  hint: look at the plan again, and approve what it is now\n"
    )


def test_a_plan_with_errors_does_not_run(forethought: Forethought, workplace: Path) -> None:
    (workplace / "bad.xml").write_text('<plan><function.Names.getNikName input="x"/></plan>', encoding="utf-8")
    done = forethought("run", "bad.xml", "--yes")
    assert (done.status, done.output) == (1, "")
    assert done.messages.splitlines()[-1] == "1 error"


def test_a_failing_step_fails_the_run(forethought: Forethought) -> None:
    plan = b'<plan><function.StringFunctions.fail input="\x7f\xc2\x9b31m"/></plan>'
    done = forethought("run", "-", stdin=plan)
    assert (done.status, done.output) == (1, "")
    assert done.messages.splitlines()[-6:-2] == [
        "running 1 step",
        "[1] StringFunctions.fail started",
        "[1] StringFunctions.fail failed: no luck with \\x7f\\x9b31m",
        "run failed",
    ]
    error, hint = done.messages.splitlines()[-2:]
    assert error.startswith("forethought: error: step 1, StringFunctions.fail, failed: no luck with \\x7f\\x9b31m")
    assert hint.startswith("  hint: forethought resume 2")


def test_a_failed_run_is_a_document_too(forethought: Forethought) -> None:
    done = forethought("run", "-", "--json", stdin=b'<plan><function.StringFunctions.fail input="it"/></plan>')
    assert (done.status, done.json["status"]) == (1, "failed")
    assert done.json["error"] == 'step 1, StringFunctions.fail, failed: no luck with it (where input is "it")'
    told = f"forethought: error: {done.json['error']}\n  hint: forethought resume {done.json['run']}\n"
    assert done.messages.endswith(told)


def test_what_functions_print_does_not_mix_with_the_result(forethought: Forethought, packs: Path) -> None:
    (packs / "Names" / "loud.py").write_text(
        "from forethought.kernel.functions import skill\n\n\n"
        '@skill(effect="pure")\ndef loud() -> str:\n    """Loud."""\n    print("I am loud")\n    return "quiet"\n',
        encoding="utf-8",
    )
    done = forethought("run", "-", "--json", stdin=b"<plan><function.Names.loud/></plan>")
    assert done.json["value"] == "quiet"
    assert "I am loud\n" in done.messages


def test_a_value_in_a_pipe_is_exactly_what_it_is(forethought: Forethought) -> None:
    plan = '<plan><function.Names.getNickName input="tab&#9;escape&#x9b;"/></plan>'
    assert forethought("run", "-", stdin=plan.encode()).output == "tab\tescape\x9b\n"


def test_a_goal_is_planned_shown_and_run(
    forethought: Forethought, model_server: ModelServer, snapshot: Snapshot
) -> None:
    model_server.replies = ['<plan><function.Names.getNickName input="Steven"/></plan>']
    done = forethought("run", "What does Steven like to be called?", "--model", model_server.spec)
    assert (done.status, done.output) == (0, "Stevie\n")
    snapshot("cli/run_goal.messages.txt", done.messages.replace(model_server.spec, "SPEC"))


def test_a_goal_with_effects_waits_like_a_file(
    forethought: Forethought, model_server: ModelServer, workplace: Path
) -> None:
    model_server.replies = ['<plan><function.Emailer.sendEmail emailaddress="a@b" message="m"/></plan>']
    done = forethought("run", "Mail it", "--model", model_server.spec)
    assert (done.status, done.output) == (3, "")
    run = kept(done)
    assert done.messages.endswith(f"  hint: forethought approve {run}, then forethought resume {run}; or add --yes\n")
    model_server.replies = ['<plan><function.Emailer.sendEmail emailaddress="a@b" message="m"/></plan>']
    done = forethought("run", "Mail it", "--model", model_server.spec, "--no-journal")
    assert done.messages.endswith("  hint: add --yes, or keep the plan first: forethought plan GOAL -o plan.xml\n")
    assert not (workplace / "sent.txt").exists()


def test_a_goal_that_was_approved_beforehand_is_shown_all_the_same(
    forethought: Forethought, model_server: ModelServer, workplace: Path
) -> None:
    model_server.replies.append('<plan><function.Emailer.sendEmail emailaddress="a@b.c" message="Hi"/></plan>')
    done = forethought("run", "Write a mail", "--yes", "--model", model_server.spec)
    assert (done.status, done.output) == (0, "sent to a@b.c\n")
    assert "\n1. Emailer.sendEmail  [writes mail, open world]\n" in done.messages


def test_a_prompt_function_asks_the_model(forethought: Forethought, model_server: ModelServer) -> None:
    model_server.replies = ["Why did the dinosaur cross the road?"]
    plan = b'<plan><function.Writing.Joke input="dinosaurs"/></plan>'
    done = forethought("run", "-", "--model", model_server.spec, stdin=plan)
    assert (done.status, done.output) == (0, "Why did the dinosaur cross the road?\n")
    assert "run succeeded, 1 model call, 100 + 20 tokens\n" in done.messages
    assert "Tell a joke about dinosaurs in a dry style." in str(model_server.requests[0])


def test_a_prompt_function_asks_the_next_model_where_the_first_cannot_answer_and_that_is_told(
    forethought: Forethought, model_server: ModelServer
) -> None:
    model_server.replies = ["Why did the dinosaur cross the road?"]
    plan = b'<plan><function.Writing.Joke input="dinosaurs"/></plan>'
    gone = "http://127.0.0.1:9/v1#gone"
    done = forethought("run", "-", "--model", gone, "--model", model_server.spec, stdin=plan)
    assert (done.status, done.output) == (0, "Why did the dinosaur cross the road?\n")
    started, fall, finished = done.messages.splitlines()[-4:-1]
    assert started == "[1] Writing.Joke started"
    assert fall.startswith(f"model {gone}: cannot connect to http://127.0.0.1:9/v1: ")
    assert fall.endswith(f"; asking {model_server.spec}")
    assert finished.startswith("[1] Writing.Joke done")


def test_a_goal_that_no_model_can_plan_is_a_failure(forethought: Forethought, model_server: ModelServer) -> None:
    model_server.replies = ["<plan>Nothing flies here.</plan>"]
    done = forethought("run", "Fly", "--model", model_server.spec)
    assert (done.status, done.output) == (1, "")
    assert done.messages.splitlines()[-1] == (
        "forethought: error: no plan for 'Fly': the model finds no way with these functions: Nothing flies here."
    )


def test_a_word_that_is_no_file_is_a_goal_and_one_that_ends_with_xml_is_a_file(forethought: Forethought) -> None:
    done = forethought("run", "nothing.XML")
    assert (done.status, done.messages) == (
        2,
        "forethought: error: cannot read 'nothing.XML': no such file or directory\n",
    )


def test_a_pipe_is_a_file(forethought: Forethought, pure: Path) -> None:
    """Such as a shell makes of `run <(command)`."""
    reader, writer = os.pipe()
    os.write(writer, pure.read_bytes())
    os.close(writer)
    done = forethought("run", f"/dev/fd/{reader}", "--input", "WHO=Ann")
    os.close(reader)
    assert (done.status, done.output) == (0, "Hello Ann USER_NAME\n")


def test_a_bad_model_spec_is_said_before_anything_happens(forethought: Forethought) -> None:
    done = forethought("run", "Tell a joke", "--model", "opnai:gpt")
    assert (done.status, done.output) == (1, "")
    assert done.messages.startswith("forethought: error: 'opnai:gpt' is not a model:")
    assert "did you mean 'openai'?" in done.messages


@pytest.mark.parametrize("goal", ["Tell a long story. " * 300, "a goal with a \0 in it", "folder"])
def test_a_goal_of_any_length_is_a_goal(
    forethought: Forethought, model_server: ModelServer, workplace: Path, goal: str
) -> None:
    (workplace / "folder").mkdir()
    model_server.replies = ["<plan>No.</plan>"]
    done = forethought("run", goal, "--model", model_server.spec)
    assert (done.status, len(model_server.requests)) == (1, 1)


def test_packs_that_cannot_be_read_whole_are_told_in_a_line(forethought: Forethought, pure: Path, packs: Path) -> None:
    (packs / "Writing" / "Joke" / "config.json").write_text("{ no json", encoding="utf-8")
    done = forethought("run", str(pure), "--input", "WHO=Ann", "--yes")
    assert (done.status, done.output) == (0, "Hello Ann USER_NAME\n")
    assert done.messages.startswith("skill packs: 1 error; `forethought skills check` says more\n")


def test_an_error_of_several_lines_is_one(forethought: Forethought) -> None:
    plan = b'<plan><function.StringFunctions.fail input="a&#10;forethought: fine"/></plan>'
    done = forethought("run", "-", stdin=plan)
    assert done.status == 1
    assert "\nforethought: fine" not in done.messages


BROKEN = """\
<plan goal="Say hello to Steven">
  <function.Names.getNickName input="Steven" setContextVariable="NICK"/>
  <function.StringFunctions.fail input="$NICK" setContextVariable="TEXT"/>
  <function.StringFunctions.stringReplace input="$TEXT" to="x"/>
  <function.Emailer.getEmailAddress/>
</plan>
"""
MENDED = '<plan><function.StringFunctions.stringReplace input="Hello USER_NAME" to="$NICK"/></plan>'
WRITES = '<plan><function.Emailer.sendEmail emailaddress="a@b.c" message="Hi $NICK"/></plan>'


@pytest.fixture
def broken(workplace: Path) -> Path:
    """A plan whose second step fails."""
    file = workplace / "broken.xml"
    file.write_text(BROKEN, encoding="utf-8")
    return file


def test_a_failed_plan_goes_on_another_way_which_is_shown(
    forethought: Forethought, broken: Path, model_server: ModelServer
) -> None:
    model_server.replies = [MENDED]
    done = forethought("run", str(broken), "--replans", "1", "--model", model_server.spec)
    assert (done.status, done.output) == (0, "Hello Stevie\n")
    told = done.messages[done.messages.index("run failed") :]
    assert told == (
        "run failed\n"
        f"looking for another way with {model_server.spec} ...\n"
        "1 model call, 100 + 20 tokens\n"
        "The plan could go on another way:\n"
        "- 2. StringFunctions.fail\n"
        "      input = $NICK\n"
        "      setContextVariable = TEXT\n"
        "~ 2. StringFunctions.stringReplace (was 3)\n"
        "    - input = $TEXT\n"
        "    + input = Hello USER_NAME\n"
        "    - to = x\n"
        "    + to = $NICK\n"
        "- 4. Emailer.getEmailAddress\n"
        "2 removed, 1 changed\n"
        "running 2 steps; what is finished does not run again\n"
        "[2] StringFunctions.stringReplace started\n"
        "[2] StringFunctions.stringReplace done: Hello Stevie\n"
        "run succeeded\n"
    )


def test_another_way_that_has_effects_waits_for_an_approval(
    forethought: Forethought, broken: Path, model_server: ModelServer, workplace: Path
) -> None:
    model_server.replies = [WRITES]
    done = forethought("run", str(broken), "--replans", "1", "--json", "--model", model_server.spec)
    document = json.loads(done.output)
    assert (done.status, document["status"]) == (3, "waiting")
    (patch,) = document["patches"]
    assert (patch["taken"], patch["reason"]) == (False, "nobody agreed to the new plan")
    assert "Emailer.sendEmail" in patch["plan"]
    assert "It has effects:\n  2. Emailer.sendEmail: writes mail, open world\n" in done.messages
    assert done.messages.endswith(
        "forethought: error: another way waits for an approval, and nobody can be asked here; it was not taken\n"
        "  hint: add --yes\n"
    )
    assert not (workplace / "sent.txt").exists()


def test_with_yes_another_way_is_gone_unasked(
    forethought: Forethought, broken: Path, model_server: ModelServer, workplace: Path
) -> None:
    model_server.replies = [WRITES]
    done = forethought("run", str(broken), "--replans", "1", "--yes", "--json", "--model", model_server.spec)
    document = json.loads(done.output)
    assert (done.status, document["status"], document["value"]) == (0, "succeeded", "sent to a@b.c")
    assert [(step["id"], step["function"]) for step in document["steps"]] == [
        ("1", "Names.getNickName"),
        ("2", "Emailer.sendEmail"),
    ]
    assert [(patch["taken"], patch["error"].partition(" (")[0]) for patch in document["patches"]] == [
        (True, "step 2, StringFunctions.fail, failed: no luck with Stevie")
    ]
    assert (workplace / "sent.txt").read_text(encoding="utf-8") == "a@b.c|no subject|Hi Stevie\n"


def test_where_no_model_answers_the_failure_stays(forethought: Forethought, broken: Path) -> None:
    done = forethought("run", str(broken), "--replans", "2", "--model", "http://127.0.0.1:9/v1#none")
    assert (done.status, done.output) == (1, "")
    assert "error: step 2, StringFunctions.fail, failed: no luck with Stevie" in done.messages
    assert "error: there is no other way: no new plan could be made: " in done.messages


@pytest.mark.parametrize("times", ["-1", "two", "101", "1.5", "²"])
def test_replans_is_a_small_number(forethought: Forethought, broken: Path, times: str) -> None:
    done = forethought("run", str(broken), f"--replans={times}")
    assert done.status == 2
    assert f"--replans '{times}' is not a number up to 100" in done.messages


STEPS = (
    'I look up the nickname. <plan><function.Names.getNickName input="Steven" setContextVariable="NICK"/></plan>',
    '<plan><function.StringFunctions.stringReplace input="Hello USER_NAME" to="$NICK" setContextVariable="T"/></plan>',
    "<answer>$T</answer>",
)


def test_a_goal_is_reached_step_by_step_and_what_was_done_runs_again_without_a_model(
    forethought: Forethought, model_server: ModelServer
) -> None:
    model_server.replies = [*STEPS]
    done = forethought("run", "--stepwise", "Greet Steven", "--save", "steps.xml", "--model", model_server.spec)
    assert (done.status, done.output) == (0, "Hello Stevie\n")
    assert done.messages == (
        f"going step by step with {model_server.spec}\n"
        "# I look up the nickname.\n"
        "[1] Names.getNickName started\n"
        "[1] Names.getNickName done: Stevie\n"
        "[2] StringFunctions.stringReplace started\n"
        "[2] StringFunctions.stringReplace done: Hello Stevie\n"
        "3 model calls, 300 + 60 tokens\n"
        "saved as steps.xml\n"
    )
    again = forethought("run", "steps.xml", "--yes")
    assert (again.status, again.output) == (0, "Hello Stevie\n")


def test_a_step_with_effects_waits_for_an_approval(
    forethought: Forethought, model_server: ModelServer, workplace: Path
) -> None:
    send = '<plan><function.Emailer.sendEmail emailaddress="a@b.c" message="Hi $NICK"/></plan>'
    model_server.replies = [STEPS[0], send]
    done = forethought("run", "--stepwise", "Greet Steven", "--json", "--model", model_server.spec)
    document = json.loads(done.output)
    assert (done.status, document["status"], document["value"]) == (3, "waiting", None)
    assert [step["id"] for step in document["steps"]] == ["1"]
    assert "The next step has effects:\n+ 2. Emailer.sendEmail\n      emailaddress = a@b.c\n" in done.messages
    assert "\n$NICK is Stevie\n" in done.messages
    assert done.messages.endswith(
        "error: step 2, Emailer.sendEmail, has effects, and nobody agreed to it: it waits for an approval\n"
        f"  hint: forethought resume {document['run']} --yes\n"
    )
    assert not (workplace / "sent.txt").exists()
    model_server.replies = [STEPS[0], send, "<answer>Done.</answer>"]
    done = forethought("run", "--stepwise", "Greet Steven", "--yes", "--json", "--model", model_server.spec)
    document = json.loads(done.output)
    assert (done.status, document["value"], document["answer"]) == (0, "sent to a@b.c", "Done.")
    assert "sendEmail" in document["plan"]


def test_a_goal_that_is_not_reached_is_an_error_and_saves_nothing(
    forethought: Forethought, model_server: ModelServer, workplace: Path
) -> None:
    model_server.replies = ["<plan>there is no way</plan>"]
    done = forethought("run", "--stepwise", "Fly", "--save", "steps.xml", "--model", model_server.spec)
    assert (done.status, done.output) == (1, "")
    assert "error: the model finds no way with these functions: there is no way\n" in done.messages
    assert not (workplace / "steps.xml").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--stepwise", "x", "--dry-run"], "--dry-run does not go with --stepwise"),
        (["--stepwise", "x", "--approved", "abc"], "--approved does not go with --stepwise"),
        (["--stepwise", " "], "the goal is empty"),
        (["--stepwise", "x", "--max-steps", "0"], "--max-steps '0' is not a number from 1 to 1000"),
        (["--stepwise", "x", "--replans", "2"], "--replans does not go with --stepwise"),
        (["x", "--save", "a.xml"], "--save goes with --stepwise"),
    ],
)
def test_what_does_not_go_together_is_said(forethought: Forethought, arguments: list[str], message: str) -> None:
    done = forethought("run", *arguments)
    assert done.status == 2
    assert message in done.messages
