"""`forethought mcp`: the official client, and our own kernel, list, check, approve, run and call what we serve."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from mcp import types
from mcp.client.session import ClientSession
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.memory import create_connected_server_and_client_session

from forethought.cli.serving import make_server
from forethought.kernel import Kernel
from forethought.kernel.errors import FunctionError
from forethought.planners import add_recipes, parse, run

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought

Client = Callable[[], AbstractAsyncContextManager[ClientSession]]

PRINTS = '''
from forethought.kernel import skill


@skill(effect="pure")
def shout(words: list[str], times: int = 1) -> str:
    """Say it loudly."""
    print("this must not reach the client")
    return " ".join(words).upper() * times
'''

RECIPE = """
<plan goal="Greet somebody by their nickname">
  <input name="WHO" description="who is greeted"/>
  <function.Names.getNickName input="$WHO" setContextVariable="NICK"/>
  <function.Loud.shout words='["hello"]' setContextVariable="HELLO"/>
  <function.StringFunctions.stringReplace input="$HELLO, USER_NAME" to="$NICK"/>
</plan>
"""

MAIL = '<plan><input name="TO"/><function.Emailer.sendEmail emailaddress="$TO" message="hi"/></plan>'


def command(packs: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "forethought.cli", "mcp", *options, "--skills", str(packs)]


@pytest.fixture
def served(packs: Path, workplace: Path) -> Path:
    """The packs of these tests, one that prints, and a recipe."""
    assert workplace.is_dir()
    for name, text in (("loud.py", PRINTS), ("plans/greet.xml", RECIPE)):
        file = packs / "Loud" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return packs


@pytest.fixture
def client(served: Path) -> Client:
    """Serve these packs to an official client, here in this process, for as long as the block lasts."""

    @asynccontextmanager
    async def connect() -> AsyncGenerator[ClientSession]:
        kernel = Kernel.from_packs(served)
        assert add_recipes(kernel) == ()
        async with kernel, create_connected_server_and_client_session(make_server(kernel, kernel.skills)) as session:
            yield session

    return connect


@asynccontextmanager
async def process(served: Path, *options: str) -> AsyncGenerator[ClientSession]:
    """Serve packs by the command line, on standard input and output of a process."""
    program, *arguments = command(served, *options)
    started = StdioServerParameters(command=program, args=arguments, env=dict(os.environ))
    with open(os.devnull, "w") as nowhere:  # noqa: ASYNC230, PTH123 - it never waits
        async with stdio_client(started, errlog=nowhere) as streams, ClientSession(*streams) as session:
            await session.initialize()
            yield session


def said(result: types.CallToolResult) -> str:
    [content] = result.content
    assert isinstance(content, types.TextContent)
    return content.text


async def test_functions_recipes_and_plans_are_tools(client: Client) -> None:
    async with client() as session:
        tools = {each.name: each for each in (await session.list_tools()).tools}
    assert [*tools] == [
        "Emailer-getEmailAddress",
        "Emailer-sendEmail",
        "Loud-shout",
        "Names-getNickName",
        "StringFunctions-stringReplace",
        "StringFunctions-fail",
        "Writing-Joke",
        "Loud-greet",
        "check_plan",
        "show_plan",
        "run_plan",
    ]
    shout = tools["Loud-shout"]
    assert (shout.title, shout.description) == ("Loud.shout", "Say it loudly.")
    assert shout.inputSchema == {
        "type": "object",
        "properties": {
            "words": {"type": "array", "items": {"type": "string"}},
            "times": {"type": "integer", "default": 1},
        },
        "required": ["words"],
    }
    assert tools["Loud-greet"].inputSchema["required"] == ["WHO"]


@pytest.mark.parametrize(
    ("tool", "hints"),
    [
        ("Loud-shout", (True, False, True, False)),
        ("Names-getNickName", (True, False, True, False)),
        ("Emailer-sendEmail", (False, False, False, True)),
        ("check_plan", (True, None, None, False)),
        ("run_plan", (False, True, False, True)),
    ],
)
async def test_effects_are_annotations(
    client: Client, tool: str, hints: tuple[bool | None, bool | None, bool | None, bool | None]
) -> None:
    async with client() as session:
        [found] = [each for each in (await session.list_tools()).tools if each.name == tool]
    assert found.annotations
    read_only, destructive = found.annotations.readOnlyHint, found.annotations.destructiveHint
    assert (read_only, destructive, found.annotations.idempotentHint, found.annotations.openWorldHint) == hints


async def test_a_function_is_called_and_its_value_comes_back_whole(client: Client) -> None:
    async with client() as session:
        result = await session.call_tool("Loud-shout", {"words": '["a", "b"]', "times": "2"})
        assert (said(result), result.structuredContent, result.isError) == ("A BA B", {"result": "A BA B"}, False)
        assert said(await session.call_tool("Loud-greet", {"WHO": "Steven"})) == "HELLO, Stevie"


@pytest.mark.parametrize(
    ("tool", "arguments", "reason"),
    [
        ("StringFunctions-fail", {"input": "x"}, "no luck with x"),
        ("Loud-shout", {}, "the parameter 'words' has no value"),
        ("Loud-shout", {"word": 1}, "there is no parameter 'word' (it has: words, times)"),
        ("Loud-whisper", {}, "there is no tool 'Loud-whisper'"),
        (
            "run_plan",
            {"xml": "<plan/>"},
            "there is no parameter 'xml' (it has: plan, inputs, approval)",
        ),
        ("check_plan", {}, "'plan' and 'approval' are texts, 'inputs' is an object"),
    ],
)
async def test_a_failure_is_a_sentence(client: Client, tool: str, arguments: dict[str, object], reason: str) -> None:
    async with client() as session:
        result = await session.call_tool(tool, arguments)
        assert (result.isError, said(result)) == (True, reason)
        assert said(await session.call_tool("Loud-shout", {"words": ["on"]})) == "ON"


async def test_check_plan_tells_every_problem_with_its_place(client: Client) -> None:
    async with client() as session:
        result = await session.call_tool("check_plan", {"plan": '<plan>\n<function.Loud.shout word="x"/></plan>'})
        fine = await session.call_tool("check_plan", {"plan": MAIL})
    found = result.structuredContent
    assert found
    assert found["ok"] is False
    assert [(each["code"], each["line"]) for each in found["problems"]] == [("unknown-parameter", 2)]
    assert fine.structuredContent == {"ok": True, "problems": []}


async def test_a_plan_with_effects_runs_with_the_approval_of_this_very_plan_and_inputs(
    client: Client, workplace: Path
) -> None:
    mail = {"plan": MAIL, "inputs": {"TO": "ann@example.org"}}
    async with client() as session:
        waiting = await session.call_tool("run_plan", mail)
        shown = await session.call_tool("show_plan", mail)
        assert waiting.structuredContent
        assert shown.structuredContent
        assert waiting.structuredContent["status"] == "waiting"
        assert shown.structuredContent["effects"] == ["1. Emailer.sendEmail"]
        agreed = shown.structuredContent["approval"]
        assert waiting.structuredContent["approval"] == agreed
        other = await session.call_tool("run_plan", {**mail, "inputs": {"TO": "bo@example.org"}, "approval": agreed})
        assert (other.isError, "approval-void" in said(other)) == (True, True)
        assert not (workplace / "sent.txt").exists()
        done = await session.call_tool("run_plan", {**mail, "approval": agreed})
        assert done.structuredContent
        assert done.structuredContent["value"] == "sent to ann@example.org"
    assert (workplace / "sent.txt").read_text(encoding="utf-8") == "ann@example.org|no subject|hi\n"


async def test_a_plan_without_effects_runs_and_one_that_fails_is_an_error(client: Client) -> None:
    async with client() as session:
        fine = await session.call_tool("run_plan", {"plan": "<plan><function.Loud.shout words='[\"hi\"]'/></plan>"})
        assert (fine.structuredContent or {})["value"] == "HI"
        failed = await session.call_tool("run_plan", {"plan": '<plan><function.fail input="x"/></plan>'})
        assert failed.isError
        assert (failed.structuredContent or {})["status"] == "failed"
        broken = await session.call_tool("run_plan", {"plan": "<plan><function.No.such/></plan>"})
        assert (broken.structuredContent or {})["problems"][0]["code"] == "unknown-function"


async def test_what_is_told_of_a_plan_has_no_secrets(client: Client) -> None:
    steps = '<function.Names.getNickName input="$PASSWORD" setContextVariable="A"/>'
    plan = f'<plan><input name="PASSWORD">lion rampant</input>{steps}</plan>'
    async with client() as session:
        shown = await session.call_tool("show_plan", {"plan": plan})
        done = await session.call_tool("run_plan", {"plan": plan})
    assert "[redacted]" in said(shown)
    assert "lion" not in said(shown)
    assert json.loads(said(done))["variables"] == {"PASSWORD": "[redacted]", "A": "[redacted]"}
    assert "lion" not in said(done)


async def test_what_functions_print_does_not_reach_the_client(served: Path) -> None:
    async with process(served) as session:
        assert said(await session.call_tool("Loud-shout", {"words": ["hi"]})) == "HI"
        result = await session.call_tool("run_plan", {"plan": "<plan><function.Loud.greet WHO='Steven'/></plan>"})
        assert (result.structuredContent or {})["value"] == "HELLO, Stevie"


def test_a_client_that_leaves_ends_the_server_and_nothing_is_said(served: Path) -> None:
    greeting = '{"jsonrpc": "2.0", "method": "notifications/initialized"}\n'
    done = subprocess.run(command(served), input=greeting, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


async def test_only_the_named_packs_are_tools_and_plans_use_all(served: Path) -> None:
    async with process(served, "names") as session:
        tools = [each.name for each in (await session.list_tools()).tools]
        assert tools == ["Names-getNickName", "check_plan", "show_plan", "run_plan"]
        result = await session.call_tool("check_plan", {"plan": MAIL})
        assert (result.structuredContent or {})["ok"] is True


async def test_our_own_kernel_plans_over_what_we_serve(served: Path) -> None:
    async with Kernel() as kernel:
        environment = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        await kernel.import_mcp("Remote", command=command(served), env=environment)
        plan = parse(
            '<plan><function.Remote.Loud-greet WHO="Steven" setContextVariable="G"/>'
            '<function.Remote.Loud-shout words=\'["$G"]\' times="2"/></plan>'
        )
        result = await run(plan, kernel)
        assert (result.value, result.error) == ("HELLO, STEVIEHELLO, STEVIE", None)
        with pytest.raises(FunctionError, match=r"Remote\.StringFunctions-fail failed: no luck with x"):
            await kernel.invoke("Remote.StringFunctions-fail", input="x")


async def test_http_serves_clients_of_this_machine(served: Path) -> None:
    server = await asyncio.create_subprocess_exec(
        *command(served, "--http", "127.0.0.1:0"), stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert server.stderr
        line = (await server.stderr.readline()).decode()
        found = re.fullmatch(r"serving 8 functions at (http://127\.0\.0\.1:\d+/mcp)\n", line)
        assert found, line
        async with streamable_http_client(found[1]) as streams, ClientSession(*streams[:2]) as session:
            await session.initialize()
            assert said(await session.call_tool("Loud-shout", {"words": ["hi"]})) == "HI"
        status, allowed = await asyncio.gather(_status(found[1], "evil.test"), _status(found[1], "127.0.0.1"))
        assert (status, allowed) == (421, 406)
    finally:
        server.terminate()
        output, _ = await server.communicate()
    assert output == b""


async def _status(url: str, host: str) -> int:
    """Return how the server answers a request that a page of `host` could send."""
    import httpx

    port = cast("int", httpx.URL(url).port)
    async with httpx.AsyncClient() as client:
        return (await client.post(url, headers={"Host": f"{host}:{port}"}, json={})).status_code


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--json"], "mcp: a server has no document to print\n  hint: leave --json out\n"),
        (["Nams"], "mcp: there is no pack 'Nams'\n  hint: packs are Emailer, Names, StringFunctions, Writing\n"),
        (["--http", "8000x"], "mcp: --http '8000x' is not HOST:PORT\n  hint: such as --http 127.0.0.1:8765\n"),
        (
            ["--http", "0.0.0.0:8000"],
            "mcp: '0.0.0.0' is not this machine\n  hint: use 127.0.0.1, localhost, ::1; to serve others, put a proxy "
            "that asks for keys before it\n",
        ),
    ],
)
def test_wrong_usage_is_said_with_the_way_out(forethought: Forethought, options: list[str], message: str) -> None:
    done = forethought("mcp", *options)
    assert (done.status, done.messages) == (2, f"forethought: error: {message}")
