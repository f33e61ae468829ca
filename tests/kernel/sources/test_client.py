"""An HTTP client that connects to no address but those it is given."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

import httpx
import pytest

from forethought.kernel.sources.client import ApiClient

if TYPE_CHECKING:
    from tests.conftest import Serve


async def test_a_name_leads_to_the_first_address_that_takes_a_connection(serve: Serve) -> None:
    port = serve("orders").url.rpartition(":")[2]
    async with ApiClient([ip_address("127.0.0.2"), ip_address("127.0.0.1")], timeout=10) as client:
        response = await client.get(f"http://shop.invalid:{port}/orders/1")
    assert response.json() == {"id": 1, "item": "tea"}
    assert str(response.request.url) == f"http://shop.invalid:{port}/orders/1"


async def test_where_no_address_takes_a_connection_the_name_is_not_looked_up(serve: Serve) -> None:
    url = serve("orders").url
    async with ApiClient([ip_address("127.0.0.2")], timeout=10) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(url.replace("127.0.0.1", "localhost"))


async def test_what_a_server_packs_is_unpacked_once(serve: Serve) -> None:
    url = serve("orders").url
    async with ApiClient([], timeout=10) as client:
        with pytest.raises(OverflowError, match=r"its answer has more than 20,000,000 bytes"):
            await client.get(f"{url}/flood")
        response = await client.get(f"{url}/orders/7")
    assert (response.status_code, response.reason_phrase, response.json()["detail"]) == (
        404,
        "Not Found",
        "there is no order /orders/7",
    )
