"""HttpSkill against a real server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from forethought.kernel import Kernel
from forethought.kernel.errors import FunctionError


class Handler(BaseHTTPRequestHandler):
    """Answers with what it was asked; a few paths answer in ways of their own."""

    def do_GET(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size).decode()
        match self.path:
            case "/moved":
                self._answer(302, b"", Location="/there")
            case "/file":
                self._answer(302, b"", Location="file:///etc/passwd")
            case "/loop":
                self._answer(302, b"", Location="/loop")
            case "/missing":
                self._answer(404, b"no")
            case "/latin":
                self._answer(200, "é".encode("latin-1"), Content_Type="text/plain; charset=latin-1")
            case path if path.startswith("/charset/"):
                self._answer(200, "é".encode(), Content_Type=f"text/plain; charset={path.removeprefix('/charset/')}")
            case "/large":
                self._answer(200, b"x" * 5_000_001)
            case _:
                kind = self.headers.get("Content-Type", "-")
                self._answer(200, f"{self.command} {self.path} {kind} {body}".encode())

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:  # who asked has heard enough
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def url(home: object) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def test_each_method_is_a_function(kernel: Kernel, url: str) -> None:
    assert await kernel.invoke("HttpSkill.get", url=f"{url}/a?b=c") == "GET /a?b=c - "
    assert await kernel.invoke("HttpSkill.post", url=url, input='{"名": 1}') == 'POST / application/json {"名": 1}'
    assert await kernel.invoke("HttpSkill.put", url=url, input="x", content_type="text/plain") == "PUT / text/plain x"
    assert await kernel.invoke("HttpSkill.delete", url=f"{url}/d") == "DELETE /d - "


async def test_text_is_decoded_as_the_answer_says(kernel: Kernel, url: str) -> None:
    assert await kernel.invoke("HttpSkill.get", url=f"{url}/latin") == "é"


@pytest.mark.parametrize("charset", ["no-such", "hex", "punycode", "idna", "utf-8", ""])
async def test_an_encoding_that_is_no_texts_is_read_as_utf_8(kernel: Kernel, url: str, charset: str) -> None:
    assert await kernel.invoke("HttpSkill.get", url=f"{url}/charset/{charset}") == "é"


async def test_only_get_follows_a_redirection(kernel: Kernel, url: str) -> None:
    assert await kernel.invoke("HttpSkill.get", url=f"{url}/moved") == "GET /there - "
    with pytest.raises(FunctionError, match=r"POST http://127.0.0.1:\d+/moved was answered with 302 Found"):
        await kernel.invoke("HttpSkill.post", url=f"{url}/moved", input="x")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/missing", "was answered with 404 Not Found"),
        ("/loop", "failed: Exceeded maximum allowed redirects"),
        ("/file", "failed: Request URL has an unsupported protocol 'file://'"),
        ("/large", "is larger than 5000000 bytes"),
    ],
)
async def test_what_is_no_answer_fails(kernel: Kernel, url: str, path: str, message: str) -> None:
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke("HttpSkill.get", url=f"{url}{path}")
    assert message in str(caught.value)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://a/b", "example.org", "http://", "", "http://a b\0/"])
async def test_only_web_addresses_are_asked(kernel: Kernel, address: str) -> None:
    with pytest.raises(FunctionError, match="is not a web address"):
        await kernel.invoke("HttpSkill.get", url=address)


async def test_a_header_cannot_be_smuggled_in(kernel: Kernel, url: str) -> None:
    with pytest.raises(FunctionError, match="is not a kind of content"):
        await kernel.invoke("HttpSkill.post", url=url, content_type="text/plain\r\nX-Evil: 1")


async def test_a_server_that_is_not_there_is_named(kernel: Kernel) -> None:
    with pytest.raises(FunctionError, match=r"GET http://127\.0\.0\.1:1 failed: All connection attempts failed"):
        await kernel.invoke("HttpSkill.get", url="http://127.0.0.1:1")
