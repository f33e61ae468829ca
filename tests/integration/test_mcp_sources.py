"""A real MCP server, in a process of its own: planned over, run, refreshed, and gone in the middle of a run."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forethought.kernel import Kernel
from forethought.kernel.errors import FunctionError, PackError, ServerError, SettingsError
from forethought.kernel.packs.reading import read_pack
from forethought.kernel.settings import Settings
from forethought.kernel.sources.importing import Effects
from forethought.kernel.sources.refreshing import refresh
from forethought.kernel.testing import ScriptedModel
from forethought.planners import SequentialPlanner, approval_hash, parse, run, run_sync
from forethought.planners.running.retries import Retry

if TYPE_CHECKING:
    from tests.conftest import Serve

TOOLS = Path(__file__).parent.parent / "servers" / "tools.py"
COMMAND = [sys.executable, str(TOOLS)]
ONCE = Retry(times=0)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack that declares the server, with a key that comes from the environment."""
    folder = tmp_path / "packs" / "Weather"
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text(
        f'mcp:\n  command: {sys.executable}\n  args: ["{TOOLS}"]\n'
        '  env: {KEY: "${env:WEATHER}", NOTES: notes.txt}\n'
        "effects:\n  die: writes:world\n",
        encoding="utf-8",
    )
    asyncio.run(refresh(folder, {"WEATHER": "k"}))
    return folder


def kernel_of(pack: Path, model: ScriptedModel | None = None, **environment: str) -> Kernel:
    settings = Settings(environment={"WEATHER": "s3cr3t", **environment})
    return Kernel.from_packs(pack.parent, model=model, settings=settings)


PLAN = """
<plan goal="Keep the forecast">
  <function.Weather.add a="1" b="2" setContextVariable="DAYS"/>
  <function.Weather.forecast city="Rome" days="$DAYS" setContextVariable="F"/>
  <function.Weather.note text="${F.city}: ${F.degrees[-1]}"/>
</plan>
"""


async def test_tools_of_a_pack_are_planned_over_and_run(pack: Path) -> None:
    model = ScriptedModel([PLAN])
    async with kernel_of(pack, model) as kernel:
        planned = await SequentialPlanner(kernel).create_plan("Keep the forecast")
        assert "Forecast the weather" in model.requests[0].messages[0].content
        result = await run(planned, kernel)
        assert [step.output for step in result.steps] == [
            3,
            {"city": "Rome", "degrees": [20.5, 21.5, 22.5]},
            "noted Rome: 22.5",
        ]
    assert (pack / "notes.txt").read_text(encoding="utf-8") == "Rome: 22.5\n"


async def test_a_server_is_started_by_the_first_call_shared_and_closed(pack: Path) -> None:
    kernel = kernel_of(pack)
    async with kernel:
        plan = parse('<plan><function.Weather.whoami appendToResult="A"/><function.whoami appendToResult="B"/></plan>')
        results = (await run(plan, kernel)).results
        assert results["A"] == results["B"] == await kernel.invoke("Weather.whoami")
        pid, key = str(results["A"]).split()
        assert (key, alive(int(pid))) == ("s3cr3t", True)
    assert not alive(int(pid))
    assert str(await kernel.invoke("Weather.whoami")).split()[0] != pid
    await kernel.aclose()


def test_a_run_of_its_own_loop_leaves_no_process(pack: Path) -> None:
    kernel = kernel_of(pack)
    pids = {str(run_sync(parse("<plan><function.Weather.whoami/></plan>"), kernel).value).split()[0] for _ in range(2)}
    assert len(pids) == 2
    assert not any(alive(int(pid)) for pid in pids)


def test_a_secret_is_in_no_snapshot_and_no_signature(pack: Path) -> None:
    read = read_pack(pack)
    assert read.problems == ()
    kept = (pack / "mcp.lock.json").read_text(encoding="utf-8") + repr(read)
    assert "s3cr3t" not in kept
    assert "${env:WEATHER}" in kept


async def test_a_secret_that_is_not_set_is_named_and_nothing_is_started(pack: Path) -> None:
    kernel = Kernel.from_packs(pack.parent, settings=Settings(environment={}))
    result = await run(parse("<plan><function.Weather.whoami/></plan>"), kernel)
    assert str(result.error).startswith("step 1, Weather.whoami, failed: the environment variable 'WEATHER' is not set")
    assert isinstance(result.cause, SettingsError)


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_a_server_that_dies_mid_run_fails_the_step_and_no_other_starts(serve: Serve, transport: str) -> None:
    async with Kernel() as kernel:
        if transport == "stdio":
            await kernel.import_mcp("Tools", command=COMMAND, timeout=20, effects={"die": "writes:tools"})
            said = "it has ended; it said: boom: out of memory"
        else:
            url = f"{serve('tools', 'http').url}/mcp"
            await kernel.import_mcp("Tools", url=url, timeout=20, effects={"die": "writes:tools"})
            said = "it has ended"
        plan = '<plan><function.add a="1" b="2"/><function.die/><function.wipe/></plan>'
        async with asyncio.timeout(10):
            result = await run(parse(plan), kernel, retry=ONCE)
    assert [step.status for step in result.steps] == ["succeeded", "failed", "not_started"]
    assert str(result.error).startswith("step 2, Tools.die, failed: the server '")
    assert str(result.error).endswith(said)


async def test_arguments_may_refer_to_secrets_and_errors_show_the_reference() -> None:
    script = "import sys; sys.exit(sys.argv[1][::-1])"
    async with Kernel(settings=Settings(environment={"KEY": "s3cr3t"})) as kernel:
        with pytest.raises(ServerError) as caught:
            await kernel.import_mcp("X", command=[sys.executable, "-c", script, "${env:KEY}"])
    assert (caught.value.said, "s3cr3t" in str(caught.value)) == ("t3rc3s", False)


async def test_a_server_that_died_is_started_again_by_the_next_call() -> None:
    async with Kernel() as kernel:
        await kernel.import_mcp("Tools", command=COMMAND)
        with pytest.raises(FunctionError, match="it has ended"):
            await kernel.invoke("Tools.die")
        assert await kernel.invoke("Tools.add", a=1, b=2) == 3


async def test_a_server_killed_between_two_calls_fails_the_second_at_once(serve: Serve) -> None:
    served = serve("tools", "http")
    async with Kernel() as kernel:
        await kernel.import_mcp("Tools", url=f"{served.url}/mcp")
        served.process.kill()
        served.process.wait()
        async with asyncio.timeout(10):
            with pytest.raises(FunctionError, match="it has ended"):
                await kernel.invoke("Tools.add", a=1, b=2)
            with pytest.raises(FunctionError, match="it cannot be reached"):
                await kernel.invoke("Tools.add", a=1, b=2)


async def test_what_a_tool_says_of_its_failure_is_the_reason() -> None:
    async with Kernel() as kernel:
        await kernel.import_mcp("Tools", command=COMMAND)
        with pytest.raises(FunctionError) as caught:
            await kernel.invoke("Tools.wipe")
    assert str(caught.value) == "Tools.wipe failed: Error executing tool wipe: there is nothing to wipe"


async def test_effects_in_code_have_the_last_word() -> None:
    async with Kernel() as kernel:
        effects: Effects = {"wipe": "writes:disk", "note": {"effect": "writes:notes", "idempotent": True}}
        found = {each.name: each for each in await kernel.import_mcp("Tools", command=COMMAND, effects=effects)}
        assert (str(found["wipe"].effect), found["wipe"].destructive) == ("writes:disk", False)
        assert (str(found["note"].effect), found["note"].idempotent) == ("writes:notes", True)
        with pytest.raises(PackError, match="Tools: the pack has no function 'wippe'"):
            await kernel.import_mcp("Tools", command=COMMAND, effects={"wippe": "pure"})


@pytest.mark.parametrize(
    ("command", "timeout", "reason"),
    [
        (["no-such-command"], 10, "the server 'no-such-command': there is no 'no-such-command' to start"),
        (
            [sys.executable, "-c", "import sys; sys.exit('no luck')"],
            10,
            f"the server '{sys.executable} -c import sys; sys.exit('no luck')': it ended before it answered; "
            "it said: no luck",
        ),
        (["sleep", "60"], 0.2, "the server 'sleep 60': it did not answer within 0.2 seconds"),
    ],
)
async def test_a_server_that_does_not_greet_is_an_error_and_never_a_wait(
    command: list[str], timeout: float, reason: str
) -> None:
    async with Kernel() as kernel, asyncio.timeout(20):
        with pytest.raises(ServerError) as caught:
            await kernel.import_mcp("X", command=command, timeout=timeout)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("hangs_up", "timeout", "reason"),
    [(True, 60, "it ended before it answered"), (False, 0.2, "it did not answer within 0.2 seconds")],
)
async def test_a_url_where_nobody_greets_is_an_error_and_never_a_wait(
    hangs_up: bool, timeout: float, reason: str
) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not hangs_up:
            await reader.read()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server, Kernel() as kernel, asyncio.timeout(20):
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/mcp"
        with pytest.raises(ServerError) as caught:
            await kernel.import_mcp("X", url=url, timeout=timeout)
    assert str(caught.value) == f"the server '{url}': {reason}"


async def test_a_cancelled_call_ends_at_once_and_the_server_stays() -> None:
    async with Kernel() as kernel:
        await kernel.import_mcp("Tools", command=COMMAND)
        waiting = asyncio.create_task(kernel.invoke("Tools.whoami"))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await kernel.invoke("Tools.add", a=1, b=2) == 3


def edited(pack: Path, change: Callable[[str], str]) -> None:
    """Change what the snapshot says of a tool, as if the server had said so when it was refreshed."""
    file = pack / "mcp.lock.json"
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")


async def test_a_tool_that_is_not_what_the_snapshot_says_is_not_called(pack: Path) -> None:
    plan = parse('<plan><function.Weather.note text="x"/></plan>')
    async with kernel_of(pack) as kernel:
        agreed = approval_hash(plan, kernel)
    edited(pack, lambda text: text.replace("Keep a note in the folder", "Keep a note somewhere in the folder"))
    async with kernel_of(pack) as kernel:
        assert approval_hash(plan, kernel) != agreed
        result = await run(plan, kernel)
        assert "says something else of its tool 'note' than was read; run `forethought skills refresh`" in str(
            result.error
        )
        assert isinstance(result.cause, PackError)
    assert not (pack / "notes.txt").exists()


async def test_a_tool_that_changes_while_the_server_runs_is_not_called(caplog: pytest.LogCaptureFixture) -> None:
    async with Kernel() as kernel:
        await kernel.import_mcp("Tools", command=COMMAND)
        assert await kernel.invoke("Tools.add", a=1, b=2) == 3
        assert await kernel.invoke("Tools.turn") == "turned"
        with pytest.raises(PackError, match="says something else of its tool 'add' than was read"):
            await kernel.invoke("Tools.add", a=1, b=2)
    assert [each for each in caplog.records if each.name == "root"] == []  # which would go to standard error


async def test_a_tool_that_the_server_no_longer_has_is_not_called(pack: Path) -> None:
    edited(pack, lambda text: text.replace('"name": "whoami"', '"name": "whoareyou"'))
    async with kernel_of(pack) as kernel:
        with pytest.raises(PackError, match="has no 'whoareyou'; run `forethought skills refresh`"):
            await kernel.invoke("Weather.whoareyou")


def test_refresh_tells_what_changed(pack: Path) -> None:
    edited(pack, lambda text: text.replace("Add two numbers", "Add").replace('"name": "die"', '"name": "live"'))
    [done] = asyncio.run(refresh(pack, {"WEATHER": "k"}))
    assert (done.functions, done.added, done.changed, done.removed) == (7, ("die",), ("add",), ("live",))


def test_a_refresh_that_fails_leaves_the_snapshot(pack: Path) -> None:
    before = (pack / "mcp.lock.json").read_text(encoding="utf-8")
    with pytest.raises(SettingsError):
        asyncio.run(refresh(pack, {}))
    assert (pack / "mcp.lock.json").read_text(encoding="utf-8") == before
