"""Whatever stands in a file, the command line ends well: a status, no traceback, nothing to the terminal."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forethought.cli.main import main

PIECES = st.sampled_from(
    [
        "<plan>",
        '<plan goal="g \u202e\x9b">',
        "</plan>",
        '<input name="IN" type="integer">5</input>',
        '<input name="IN"/>',
        "<!-- why\n-->",
        '<function.StringFunctions.upper input="$IN" setContextVariable="OUT"/>',
        '<function.StringFunctions.upper inputt="$OUTT" appendToResult="R"/>',
        '<function.Nobody.knows x="$OUT.a[0]" y="${IN"/>',
        "<function.upper/>",
        '<function.FileSkill.write path="中文"><arg name="input">a\nb]]&gt;</arg></function.FileSkill.write>',
        '<function.FileSkill.read path="\x1b[31m"/>',
        "<if test='x'>",
        "&amp;&#x9b;&lt;&nope;",
        "\x00",
        "\ud800",
        "\r\n\t",
    ]
)
PLANS = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(PIECES, max_size=12).map(lambda pieces: "".join(pieces).encode("utf-8", "surrogatepass")),
    st.lists(PIECES, max_size=12).map(
        lambda pieces: f"<plan>{''.join(pieces)}</plan>".encode("utf-8", "surrogatepass")
    ),
)


@pytest.fixture(scope="module", autouse=True)
def elsewhere() -> Iterator[None]:
    """A working directory that has no settings."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(Path(folder)):
        yield


def call(*arguments: str, stdin: bytes) -> tuple[int, str, str]:
    """Run a command in this process."""
    output, messages, given = io.StringIO(), io.StringIO(), sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(messages):
            status = main(arguments)
    finally:
        sys.stdin = given
    return status, output.getvalue(), messages.getvalue()


def safe(text: str) -> bool:
    return all(each == "\n" or unicodedata.category(each) not in ("Cc", "Cs") for each in text)


@given(PLANS)
def test_check_says_whether_there_are_errors_and_nothing_else_happens(plan: bytes) -> None:
    status, output, messages = call("check", "-", stdin=plan)
    assert messages == ""
    assert status == (": error: " in output)
    assert safe(output)
    status_of_json, document, _ = call("check", "-", "--json", stdin=plan)
    assert (status_of_json, json.loads(document)["ok"]) == (status, status == 0)


@given(PLANS, st.sampled_from(["text", "json", "mermaid", "dot"]))
def test_show_shows_every_plan_that_can_be_read(plan: bytes, form: str) -> None:
    status, output, messages = call("show", "-", "--format", form, stdin=plan)
    assert status in (0, 1)
    assert safe(output)
    assert safe(messages)
    assert "Traceback" not in messages
    assert "FORETHOUGHT_DEBUG" not in messages
    if form == "json":
        assert ("steps" in json.loads(output)) == (status == 0)
    else:
        assert (output != "") == (status == 0)


@given(PLANS)
def test_a_dry_run_shows_what_has_no_errors(plan: bytes) -> None:
    status, output, messages = call("run", "-", "--dry-run", stdin=plan)
    assert status in (0, 1)
    assert (output != "") == (status == 0)
    assert safe(output + messages)
    assert "FORETHOUGHT_DEBUG" not in messages
