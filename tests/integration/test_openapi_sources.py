"""A real HTTP server with an OpenAPI document: planned over, run, refreshed, and gone in the middle of a run."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forethought.kernel import Kernel
from forethought.kernel.errors import FunctionError, PackError, ServerError, SettingsError
from forethought.kernel.packs.reading import read_pack
from forethought.kernel.settings import Settings
from forethought.kernel.sources.refreshing import refresh
from forethought.kernel.testing import ScriptedModel
from forethought.planners import SequentialPlanner, parse, run

if TYPE_CHECKING:
    from tests.conftest import Serve

PLAN = """
<plan goal="Order as much tea again">
  <function.Shop.orders_list status='["open", "late"]' limit="5" X-Tenant="acme" setContextVariable="ORDERS"/>
  <function.Shop.createOrder item="$ORDERS[0].item" amount="3" to='{"city": "Rome"}' setContextVariable="NEW"/>
  <function.Shop.deleteOrder id="$NEW.id"/>
</plan>
"""


async def test_operations_are_planned_over_and_run(serve: Serve) -> None:
    url = serve("orders").url
    model = ScriptedModel([PLAN])
    kernel = Kernel(model=model, settings=Settings(environment={"KEY": "secret"}))
    await kernel.import_openapi(f"{url}/openapi.json", "Shop", server=url, headers={"X-Key": "key ${env:KEY}"})
    planned = await SequentialPlanner(kernel).create_plan("Order as much tea again")
    assert "secret" not in model.requests[0].messages[0].content
    result = await run(planned, kernel)
    assert [step.output for step in result.steps] == [
        [{"id": 1, "item": "tea", "status": ["open", "late"], "limit": ["5"], "tenant": "acme", "key": "key secret"}],
        {"id": 2, "item": "tea", "amount": 3, "to": {"city": "Rome"}},
        None,
    ]


async def test_a_file_of_a_pack_needs_nobody_to_be_read(serve: Serve, tmp_path: Path) -> None:
    url = serve("orders").url
    folder = tmp_path / "Shop"
    folder.mkdir()
    document = {"openapi": "3.0.0", "paths": {"/orders/{id}": {"get": {"parameters": [_ID], "operationId": "one"}}}}
    (folder / "api.json").write_text(json.dumps(document), encoding="utf-8")
    (folder / "pack.yaml").write_text(f"openapi: {{file: api.json, server: '{url}'}}\n", encoding="utf-8")
    kernel = Kernel.from_packs(tmp_path)
    assert await kernel.invoke("Shop.one", id="1") == {"id": 1, "item": "tea"}


_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}


async def test_a_refusal_is_said_with_what_the_server_says_and_not_tried_again(serve: Serve) -> None:
    url = serve("orders").url
    kernel = Kernel()
    await kernel.import_openapi(f"{url}/openapi.json", "Shop", server=url)
    result = await run(parse('<plan><function.Shop.getOrder id="7"/></plan>'), kernel)
    assert result.error == (
        f"step 1, Shop.getOrder, failed: the server '{url}': it answered 404 Not Found: "
        '{"detail": "there is no order /orders/7"} (where id is "7")'
    )
    assert result.steps[0].attempts == 1


async def test_an_answer_without_end_fails_the_step_and_is_not_asked_for_again(serve: Serve) -> None:
    url = serve("orders").url
    kernel = Kernel()
    await kernel.import_openapi(_file({"/flood": {"get": {"operationId": "flood"}}}), "Shop", server=url)
    result = await run(parse("<plan><function.Shop.flood/></plan>"), kernel)
    assert result.error == (
        f"step 1, Shop.flood, failed: the server '{url}': its answer has more than 20,000,000 bytes"
    )
    assert result.steps[0].attempts == 1


async def test_a_server_that_dies_mid_run_fails_the_step_and_no_other_starts(serve: Serve) -> None:
    url = serve("orders").url
    kernel = Kernel()
    await kernel.import_openapi(f"{url}/openapi.json", "Shop", server=url, effects={"get_crash": "writes:shop"})
    plan = '<plan><function.getOrder id="1"/><function.get_crash/><function.deleteOrder id="1"/></plan>'
    async with asyncio.timeout(20):
        result = await run(parse(plan), kernel)
    assert [step.status for step in result.steps] == ["succeeded", "failed", "not_started"]
    assert str(result.error).startswith(
        f"step 2, Shop.get_crash, failed: the server '{url}': it cannot be reached (Server disconnected"
    )


async def test_a_server_nobody_vouched_for_must_be_public_and_https(serve: Serve, tmp_path: Path) -> None:
    url = serve("orders").url
    file = tmp_path / "api.json"
    file.write_text(json.dumps({"openapi": "3.0.0", "servers": [{"url": url}], "paths": {"/orders": {"get": {}}}}))
    kernel = Kernel()
    await kernel.import_openapi(file, "Shop")
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke("Shop.get_orders")
    assert "nothing was sent" in str(caught.value)
    assert str(caught.value).endswith("write 'server:' in pack.yaml to trust it")


async def test_a_value_cannot_lead_a_request_elsewhere(serve: Serve) -> None:
    url = serve("orders").url
    kernel = Kernel()
    document = {
        "/orders/{name}": {"get": {"operationId": "one", "parameters": [{**_ID, "name": "name", "schema": {}}]}}
    }
    await kernel.import_openapi(_file(document), "Shop", server=f"{url}/orders")
    for name in ("..", "../openapi.json", "%2e%2e/openapi.json", "..\\openapi.json"):
        with pytest.raises(FunctionError, match=r"it answered 404|contains a dot-segment"):
            await kernel.invoke("Shop.one", name=name)


def _file(paths: object) -> Path:
    file = Path("api.json")
    file.write_text(json.dumps({"openapi": "3.0.0", "paths": paths}), encoding="utf-8")
    return file


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


async def test_a_document_that_cannot_be_had_is_an_error(serve: Serve) -> None:
    url = serve("orders").url
    kernel = Kernel(settings=Settings(environment={}))
    with pytest.raises(ServerError, match="it answered 404 Not Found"):
        await kernel.import_openapi(f"{url}/nothing.json", "Shop")
    with pytest.raises(PackError, match="OpenAPI 3 is read"):
        await kernel.import_openapi(f"{url}/orders/1", "Shop")
    with pytest.raises(SettingsError, match="'KEY' is not set"):
        await kernel.import_openapi(f"{url}/openapi.json", "Shop", headers={"X": "${env:KEY}"})
    with pytest.raises(PackError, match=r"nowhere\.json"):
        await kernel.import_openapi("nowhere.json", "Shop")


def test_a_url_is_read_from_its_snapshot(serve: Serve, tmp_path: Path) -> None:
    served = serve("orders")
    folder = tmp_path / "Shop"
    folder.mkdir()
    (folder / "pack.yaml").write_text(f"openapi: {served.url}/openapi.json\n", encoding="utf-8")
    assert [each.code for each in read_pack(folder).problems] == ["missing-snapshot"]
    [done] = asyncio.run(refresh(folder, {}))
    assert done.added == ("orders_list", "createOrder", "getOrder", "deleteOrder", "get_crash")
    served.process.kill()
    read = read_pack(folder)
    assert ([each.signature.name for each in read.functions], read.problems) == ([*done.added], ())
    with pytest.raises(ServerError, match="it cannot be reached"):
        asyncio.run(refresh(folder, {}))
    assert len(read_pack(folder).functions) == 5
