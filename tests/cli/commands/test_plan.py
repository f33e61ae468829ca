"""`forethought plan`: a goal becomes XML on standard output; nothing runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forethought.planners.language.parsing import parse

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought, ModelServer

GOOD = 'Sure:\n```xml\n<plan><function.Names.getNickName input="$WHO"/></plan>\n```\n'
BAD = '<plan><function.Names.getNikName input="Steven"/></plan>'
IMPOSSIBLE = "<plan>No function flies.</plan>"


def plan(forethought: Forethought, server: ModelServer, *arguments: str, replies: list[str]) -> tuple[int, str, str]:
    server.replies = replies
    done = forethought("plan", *arguments, "--model", server.spec)
    return done.status, done.output, done.messages.replace(server.spec, "SPEC")


def test_the_plan_is_canonical_xml_and_says_what_it_needs(forethought: Forethought, model_server: ModelServer) -> None:
    status, output, messages = plan(forethought, model_server, "Call them", "--input", "WHO", replies=[GOOD])
    assert status == 0
    assert output == (
        '<plan goal="Call them">\n'
        '  <input name="WHO" type="string"/>\n'
        '  <function.Names.getNickName input="$WHO"/>\n'
        "</plan>\n"
    )
    assert messages.startswith("planning with SPEC ...\n")
    assert messages.endswith("1 model call, 100 + 20 tokens\n")


def test_an_answer_with_errors_is_repaired_and_that_is_told(
    forethought: Forethought, model_server: ModelServer
) -> None:
    status, output, messages = plan(forethought, model_server, "Call $WHO", "--input", "WHO", replies=[BAD, GOOD])
    assert (status, parse(output).goal) == (0, "Call $WHO")
    assert "answer 1 had 1 error; the model was told\n" in messages
    assert messages.endswith("2 model calls, 200 + 40 tokens\n")


def test_where_no_answer_is_a_plan_the_last_ones_problems_are_shown(
    forethought: Forethought, model_server: ModelServer
) -> None:
    status, output, messages = plan(forethought, model_server, "Call them", replies=[BAD, BAD, BAD])
    assert (status, output) == (1, "")
    assert "answer:1:17: error: there is no function 'Names.getNikName' [unknown-function]\n  1 | <plan>" in messages
    assert messages.endswith(
        "forethought: error: no plan for 'Call them': "
        "the model wrote a plan 3 times, and the last one still has problems\n"
    )


def test_a_plan_can_be_written_to_a_file(forethought: Forethought, model_server: ModelServer, workplace: Path) -> None:
    status, output, _ = plan(forethought, model_server, "Call them", "-o", "plan.xml", "--input", "WHO", replies=[GOOD])
    assert (status, output) == (0, "")
    assert parse((workplace / "plan.xml").read_bytes()).goal == "Call them"
    assert [each.name for each in workplace.iterdir()] == ["plan.xml"]


def test_without_a_plan_a_file_that_was_there_stays(
    forethought: Forethought, model_server: ModelServer, workplace: Path
) -> None:
    (workplace / "plan.xml").write_text("precious", encoding="utf-8")
    status, _, _ = plan(forethought, model_server, "Fly", "-o", "plan.xml", replies=[IMPOSSIBLE])
    assert status == 1
    assert (workplace / "plan.xml").read_text(encoding="utf-8") == "precious"


def test_a_place_that_cannot_be_written_is_said_before_the_model_is_asked(
    forethought: Forethought, model_server: ModelServer
) -> None:
    status, output, messages = plan(forethought, model_server, "Call", "-o", "no/where.xml", replies=[])
    assert (status, output) == (2, "")
    folder = Path.cwd() / "no"
    assert messages == f"forethought: error: cannot write 'no/where.xml': there is no folder '{folder}'\n"


def test_json_is_the_documented_shape(forethought: Forethought, model_server: ModelServer) -> None:
    model_server.replies = [BAD, GOOD]
    done = forethought("plan", "Call", "--input", "WHO", "--json", "--model", model_server.spec)
    assert list(done.json) == ["goal", "plan", "reason", "attempts", "problems", "falls", "usage"]
    assert parse(str(done.json["plan"])).goal == "Call"
    attempts = done.rows("attempts")
    assert [each["reply"] for each in attempts] == [BAD, GOOD]
    assert done.json["usage"] == {"prompt_tokens": 200, "completion_tokens": 40, "calls": 2}


def test_where_a_model_cannot_answer_that_is_told_and_the_next_one_is_asked(
    forethought: Forethought, model_server: ModelServer
) -> None:
    model_server.replies = [GOOD]
    gone, here = "http://127.0.0.1:9/v1#gone", model_server.spec
    done = forethought("plan", "Call", "--input", "WHO", "--json", "--planner-model", gone, "--planner-model", here)
    (fall,) = done.rows("falls")
    assert (done.status, fall["model"], fall["next"]) == (0, gone, here)
    lines = done.messages.splitlines()
    assert lines[0] == f"planning with {gone}, {here} ..."
    assert lines[1] == f"{fall['reason']}; asking {here}"
    assert str(fall["reason"]).startswith(f"model {gone}: cannot connect to http://127.0.0.1:9/v1: ")


def test_json_without_a_plan_gives_the_reason(forethought: Forethought, model_server: ModelServer) -> None:
    model_server.replies = [IMPOSSIBLE]
    done = forethought("plan", "Fly", "--json", "--model", model_server.spec)
    assert (done.status, done.json["plan"]) == (1, None)
    assert "No function flies." in str(done.json["reason"])


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize("goal", ["", " \n"])
def test_an_empty_goal_is_wrong_usage_whatever_model_there_is(
    forethought: Forethought, monkeypatch: pytest.MonkeyPatch, command: str, goal: str
) -> None:
    monkeypatch.setenv("FORETHOUGHT_LOCAL_MODEL", "nowhere.gguf")
    done = forethought(command, goal)
    assert (done.status, done.output, done.messages) == (
        2,
        "",
        'forethought: error: the goal is empty\n  hint: such as "Write a joke about dinosaurs in upper case"\n',
    )


def test_goals_in_chinese_come_through(forethought: Forethought, model_server: ModelServer) -> None:
    replies = ['<plan><function.Names.getNickName input="史蒂文"/></plan>']
    _, output, _ = plan(forethought, model_server, "他喜欢被称为什么？", replies=replies)
    assert parse(output).goal == "他喜欢被称为什么？"
    assert "史蒂文" in output


@pytest.mark.parametrize("name", ["x" * 300, "nul\0.xml"])
def test_a_name_that_no_file_can_have_is_said_before_the_model_is_asked(
    forethought: Forethought, model_server: ModelServer, name: str
) -> None:
    done = forethought("plan", "a goal", "-o", name, "--model", model_server.spec, "--json")
    assert done.status == 2
    assert str(done.json["error"]).startswith("cannot write ")
    assert model_server.requests == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_json_is_one_document_where_the_file_cannot_be_written(
    forethought: Forethought, model_server: ModelServer
) -> None:
    model_server.replies.append('<plan><function.Names.getNickName input="Steven"/></plan>')
    done = forethought("plan", "a goal", "-o", "/dev/full", "--model", model_server.spec, "--json")
    assert (done.status, done.json) == (2, {"error": "cannot write '/dev/full': no space left on device"})


def test_a_file_may_have_the_longest_name_there_is(
    forethought: Forethought, model_server: ModelServer, workplace: Path
) -> None:
    model_server.replies.append('<plan><function.Names.getNickName input="Steven"/></plan>')
    assert forethought("plan", "a goal", "-o", "x" * 255, "--model", model_server.spec).status == 0
    assert [each.name for each in workplace.iterdir()] == ["x" * 255]
