"""What a server says about itself; another answer than a list of models is a list of none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from forethought.kernel.models.servers import is_llama_cpp, listens, models_of


def answer(body: bytes, status: str = "200 OK", heard: list[bytes] | None = None) -> Iterator[str]:
    """Serve one answer to one client, and yield the address; what the client said is kept in `heard`."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def once() -> None:
            client, _ = server.accept()
            with client:
                said = client.recv(65536)
                if heard is not None:
                    heard.append(said)
                head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                client.sendall(head.encode() + body)

        thread = threading.Thread(target=once)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        thread.join()


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b'{"data": [{"id": "m", "owned_by": "llamacpp"}]}', "200 OK", True),
        (b'{"data": [{"id": "m", "owned_by": "vllm"}, 3]}', "200 OK", False),
        (b'{"data": []}', "200 OK", False),
        (b'{"data": "none"}', "200 OK", False),
        (b'["data"]', "200 OK", False),
        (b"<html>", "200 OK", False),
        (b"\xff\xfe", "200 OK", False),
        (b"[" * 200_000, "200 OK", False),
        (b'{"data": []}', "401 Unauthorized", False),
        (b"", "spoken in another language", None),
    ],
)
def test_a_server_is_llama_cpps_if_it_says_so(body: bytes, status: str, said: bool | None) -> None:
    serving = answer(body, status)
    assert is_llama_cpp(next(serving)) is said
    next(serving, None)


def test_a_key_is_told_to_its_own_server_only() -> None:
    heard: list[bytes] = []
    there = answer(b'{"data": []}', heard=heard)
    here = answer(b"", f"302 Found\r\nLocation: {next(there)}/models", heard)
    assert models_of(next(here), "secret") == []
    next(here, None)
    next(there, None)
    assert [b"Bearer secret" in said for said in heard] == [True, False]


def test_where_nobody_listens_nothing_is_said() -> None:
    assert models_of("http://127.0.0.1:9/v1") is None
    assert not listens("http://127.0.0.1:9")
    assert not listens("http://127.0.0.1:port")
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert listens(f"127.0.0.1:{server.getsockname()[1]}")
