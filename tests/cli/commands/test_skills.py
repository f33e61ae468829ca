"""`forethought skills`: packs and functions, read and never run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought


def test_list_has_a_line_a_function_below_its_pack(forethought: Forethought) -> None:
    done = forethought("skills", "list")
    assert (done.status, done.messages) == (0, "")
    assert done.output == (
        "Emailer\n"
        "  getEmailAddress(input: string) -> string  [reads contacts]\n"
        '  sendEmail(emailaddress: string, message: string, subject: string = "no subject") -> string'
        "  [writes mail, open world]\n"
        "\n"
        "Names\n"
        "  getNickName(input: string) -> string  [reads contacts]\n"
        "\n"
        "StringFunctions\n"
        '  stringReplace(input: string, to: string, from: string = "USER_NAME", times: integer = -1) -> string'
        "  [pure]\n"
        "  fail(input: string) -> string  [reads luck]\n"
        "\n"
        "Writing\n"
        '  Joke(input: string, style: string = "dry") -> string  [pure]\n'
    )


def test_list_shows_what_a_pack_says_about_itself(forethought: Forethought, packs: Path) -> None:
    (packs / "Names" / "pack.yaml").write_text("description: Who is who\nversion: '2'\n", encoding="utf-8")
    assert forethought("skills", "list", "names").output == (
        "Names  2 Who is who\n  getNickName(input: string) -> string  [reads contacts]\n"
    )


def test_list_of_a_pack_that_is_not_there_names_those_that_are(forethought: Forethought) -> None:
    done = forethought("skills", "list", "Nmaes")
    assert (done.status, done.output) == (2, "")
    assert done.messages == (
        "forethought: error: there is no pack 'Nmaes'\n  hint: packs are Emailer, Names, StringFunctions, Writing\n"
    )


@pytest.mark.parametrize("name", ["joke", "Writing.Joke"])
def test_list_of_a_function_tells_how_to_show_it(forethought: Forethought, name: str) -> None:
    assert forethought("skills", "list", name).messages == (
        f"forethought: error: there is no pack '{name}'\n  hint: forethought skills show {name}\n"
    )


def test_list_as_json_is_the_documented_shape(forethought: Forethought) -> None:
    done = forethought("skills", "list", "Writing", "--json")
    assert done.json == {
        "skills": [
            {
                "name": "Writing.Joke",
                "kind": "prompt",
                "description": "A joke about a subject",
                "parameters": [
                    {
                        "name": "input",
                        "type": "string",
                        "required": True,
                        "default": None,
                        "description": "the subject",
                    },
                    {
                        "name": "style",
                        "type": "string",
                        "required": False,
                        "default": "dry",
                        "description": "how it is told",
                    },
                ],
                "returns": "string",
                "effect": "pure",
                "idempotent": True,
                "destructive": False,
                "open_world": False,
            }
        ],
        "problems": [],
    }


def test_one_bad_file_costs_one_function_and_the_status_is_1(forethought: Forethought, packs: Path) -> None:
    (packs / "Writing" / "Joke" / "config.json").write_text("{ no json", encoding="utf-8")
    listed = forethought("skills", "list")
    assert listed.status == 1
    assert "Names\n  getNickName" in listed.output
    assert "config.json" in listed.messages
    assert listed.messages.splitlines()[-1] == "1 error"
    checked = forethought("skills", "check")
    assert (checked.status, checked.messages) == (1, "")
    assert f"{packs / 'Writing' / 'Joke' / 'config.json'}:1:" in checked.output
    assert "\n  1 | { no json\n" in checked.output
    assert "\n  1 | { no json\n" in listed.messages


def test_the_line_of_a_problem_is_shown_also_where_another_of_the_file_has_none(
    forethought: Forethought, packs: Path
) -> None:
    prompt = packs / "Writing" / "Joke" / "skprompt.txt"
    prompt.write_text("Tell a joke\nabout {{$主题}}\n", encoding="utf-8")
    (prompt.parent / "config.json").unlink()
    assert forethought("skills", "check").output == (
        f"{prompt}: notice: 'Joke' has no config.json [missing-config]\n"
        "  hint: a planner chooses by the description: add one\n"
        f"{prompt}:2:1: error: '{{{{$主题}}}}': a variable needs a name after '$' [bad-template]\n"
        "  2 | about {{$主题}}\n"
        "    | ^\n"
        "1 error, 1 notice\n"
    )


def test_check_without_problems_counts(forethought: Forethought) -> None:
    assert forethought("skills", "check").output == "4 packs, 6 functions, no problems\n"


def test_check_takes_a_folder(forethought: Forethought, packs: Path) -> None:
    assert forethought("skills", "check", str(packs / "Names")).output == "1 pack, 1 function, no problems\n"


def test_check_as_json_names_files(forethought: Forethought, packs: Path) -> None:
    assert forethought("skills", "check", "--json").json == {"ok": True, "problems": []}
    (packs / "Writing" / "Joke" / "config.json").write_text("{ no json", encoding="utf-8")
    done = forethought("skills", "check", "--json")
    problems = done.rows("problems")
    assert (done.status, problems[0]["file"]) == (1, str(packs / "Writing" / "Joke" / "config.json"))


@pytest.mark.parametrize("name", ["Names.getNickName", "names.getnickname", "getNickName", "Names-getNickName"])
def test_show_says_everything_about_a_function(forethought: Forethought, packs: Path, name: str) -> None:
    done = forethought("skills", "show", name)
    assert (done.status, done.messages) == (0, "")
    assert done.output == (
        "Names.getNickName\n"
        "  The name a person likes to be called.\n"
        "\n"
        "kind     native function\n"
        "effect   reads contacts, idempotent\n"
        "returns  string\n"
        f"file     {packs / 'Names' / 'names.py'}\n"
        "\n"
        "Parameters:\n"
        "  input  string  required  the person's name\n"
    )


def test_show_as_json_adds_file_and_problems(forethought: Forethought, packs: Path) -> None:
    shown = forethought("skills", "show", "Joke", "--json").json
    assert shown["name"] == "Writing.Joke"
    assert Path(str(shown["file"])).parent == packs / "Writing" / "Joke"
    assert shown["problems"] == []


def test_show_of_an_unknown_function_suggests_one(forethought: Forethought) -> None:
    done = forethought("skills", "show", "getNikName")
    assert (done.status, done.output) == (1, "")
    assert done.messages == (
        "forethought: error: there is no function 'getNikName'; did you mean 'Names.getNickName'?\n"
    )


def test_new_writes_a_pack_that_has_no_problems(forethought: Forethought, workplace: Path) -> None:
    done = forethought("skills", "new", "GreetingSkill", skills=False)
    assert done.status == 0
    files = done.output.splitlines()
    assert files
    assert all((workplace / each).is_file() for each in files)
    checked = forethought("skills", "check", "plugins", skills=False)
    assert (checked.status, checked.output.partition(",")[0]) == (0, "1 pack")


def test_new_changes_nothing_that_exists(forethought: Forethought) -> None:
    assert forethought("skills", "new", "Greeting", "--directory", "mine", skills=False).status == 0
    again = forethought("skills", "new", "Greeting", "--directory", "mine", skills=False)
    assert (again.status, again.output) == (1, "")
    assert "it is there already" in again.messages


def test_descriptions_cannot_reach_the_terminal(forethought: Forethought, packs: Path) -> None:
    (packs / "Names" / "pack.yaml").write_text('description: "\\e[2J\\u202e"\n', encoding="utf-8")
    done = forethought("skills", "list")
    assert "\x1b" not in done.output + done.messages
    assert "\u202e" not in done.output + done.messages


def test_by_default_the_packs_of_this_folder_are_there_too(forethought: Forethought, packs: Path) -> None:
    packs.rename("plugins")
    assert "\nNames\n  getNickName" in "\n" + forethought("skills", "list", skills=False).output


def test_the_shipped_packs_are_not_read_twice_where_they_are_the_packs_of_this_folder(
    forethought: Forethought, monkeypatch: pytest.MonkeyPatch
) -> None:
    from forethought import plugins

    monkeypatch.chdir(Path(plugins.__path__[0]).resolve().parent)
    names = [each for each in forethought("skills", "list", skills=False).output.splitlines() if each[:1].strip()]
    assert len(names) == len(set(names))


def test_a_folder_given_twice_counts_once(forethought: Forethought, packs: Path) -> None:
    assert forethought("skills", "check", "--skills", f"{packs}/.").output == "4 packs, 6 functions, no problems\n"


def test_settings_name_the_packs_where_nothing_is_given(forethought: Forethought, packs: Path, workplace: Path) -> None:
    (workplace / "forethought.toml").write_text(f"skills = ['{packs}']\n", encoding="utf-8")
    assert forethought("skills", "check", skills=False).output == "4 packs, 6 functions, no problems\n"


def test_a_function_that_another_one_replaces_is_a_notice(
    forethought: Forethought, packs: Path, workplace: Path
) -> None:
    other = workplace / "Writing" / "Joke"
    other.mkdir(parents=True)
    (other / "skprompt.txt").write_text("Be funny about {{$topic}}", encoding="utf-8")
    done = forethought("skills", "check", "--skills", str(packs), "--skills", str(workplace), skills=False)
    file = packs / "Writing" / "Joke" / "skprompt.txt"
    assert done.status == 0
    assert (
        f"{file}: notice: 'Writing.Joke' is replaced by the one of '{other / 'skprompt.txt'}' [function-replaced]\n"
        in done.output
    )
