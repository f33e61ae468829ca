"""A small folder of packs, a plan over it, and the command line called in this process."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import pytest

from forethought.cli.main import main

FILES = {
    "Names/names.py": '''
from forethought.kernel.functions import skill


@skill(effect="reads:contacts", idempotent=True)
def getNickName(input: str) -> str:
    """The name a person likes to be called.

    Args:
        input: the person's name
    """
    return {"Steven": "Stevie"}.get(input, input)
''',
    "StringFunctions/strings.py": '''
from forethought.kernel.errors import SettingsError
from forethought.kernel.functions import skill


@skill(name="stringReplace", effect="pure", quick=True)
def string_replace(input: str, to: str, from_: str = "USER_NAME", times: int = -1) -> str:
    """Replaces a text by another one."""
    return input.replace(from_, to, times)


@skill(effect="reads:luck")
def fail(input: str) -> str:
    """Fails."""
    raise SettingsError(f"no luck with {input}")
''',
    "Emailer/emailer.py": '''
from pathlib import Path

from forethought.kernel.functions import skill


@skill(effect="reads:contacts")
def getEmailAddress(input: str) -> str:
    """Looks up an address."""
    return f"{input.lower()}@example.org"


@skill(effect="writes:mail", open_world=True)
def sendEmail(emailaddress: str, message: str, subject: str = "no subject") -> str:
    """Sends a mail: it appends to a file."""
    with Path("sent.txt").open("a", encoding="utf-8") as file:
        file.write(f"{emailaddress}|{subject}|{message}\\n")
    return f"sent to {emailaddress}"
''',
    "Writing/Joke/skprompt.txt": "Tell a joke about {{$input}} in a {{$style}} style.\n",
    "Writing/Joke/config.json": json.dumps(
        {
            "schema": 1,
            "description": "A joke about a subject",
            "input_variables": [
                {"name": "input", "description": "the subject", "is_required": True},
                {"name": "style", "description": "how it is told", "default": "dry"},
            ],
        }
    ),
}

GREET = """\
<plan goal="Greet Steven by his nickname">
  <input name="INPUT" type="string" description="the greeting">Hello, USER_NAME.</input>
  <!-- Steven prefers his nickname -->
  <function.Names.getNickName input="Steven" setContextVariable="NICKNAME"/>
  <function.StringFunctions.stringReplace input="$INPUT" to="$NICKNAME" setContextVariable="MESSAGE"/>
  <function.Emailer.getEmailAddress input="Steven" setContextVariable="EMAIL"/>
  <function.Emailer.sendEmail emailaddress="$EMAIL" message="$MESSAGE" subject="Hello" appendToResult="RESULT__SENT"/>
</plan>
"""


@dataclass(frozen=True)
class Outcome:
    """What a command line left: its exit status and what it wrote."""

    status: int
    output: str
    messages: str

    @property
    def json(self) -> dict[str, object]:
        """The one document on standard output."""
        return cast("dict[str, object]", json.loads(self.output))

    def rows(self, key: str) -> list[dict[str, object]]:
        """The objects listed under `key` of the document."""
        return cast("list[dict[str, object]]", self.json[key])


Forethought = Callable[..., Outcome]


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """A folder of four packs; nothing on this machine decides what else is in use."""
    folder = tmp_path / "packs"
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and an environment without settings, keys or colours."""
    place = tmp_path / "workplace"
    place.mkdir()
    monkeypatch.chdir(place)
    for name in clean(os.environ):
        monkeypatch.delenv(name)
    return place


@pytest.fixture
def greet(tmp_path: Path) -> Path:
    """A plan of four steps over these packs; the last one writes."""
    file = tmp_path / "greet.xml"
    file.write_text(GREET, encoding="utf-8")
    return file


def clean(environment: Mapping[str, str]) -> list[str]:
    """Return the variables that would decide something in a test."""
    return [
        name
        for name in environment
        if name.startswith("FORETHOUGHT_") or name.endswith("_API_KEY") or name in ("NO_COLOR", "OLLAMA_HOST")
    ]


@pytest.fixture
def forethought(
    workplace: Path, packs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Forethought:
    """Call the command line with the packs of this test, in its own working directory."""

    def call(*arguments: str, stdin: bytes = b"", skills: bool = True) -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        given = [*arguments, "--skills", str(packs)] if skills else list(arguments)
        capsys.readouterr()
        status = main(given)
        written = capsys.readouterr()
        return Outcome(status, written.out, written.err)

    assert workplace.is_dir()
    return call


class ModelServer:
    """A server of its own that speaks OpenAI's chat API and answers by script; `requests` keeps what it was asked."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.spec = f"http://{address[0]}:{address[1]}/v1#scripted"
        self.replies: list[str] = []
        self.requests: list[dict[str, object]] = []


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    """Serve on loopback for one test."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({"object": "list", "data": [{"id": "scripted", "object": "model", "owned_by": "test"}]})

        def do_POST(self) -> None:
            served.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            message = {"role": "assistant", "content": served.replies.pop(0)}
            self._answer(
                {
                    "id": "1",
                    "object": "chat.completion",
                    "created": 1,
                    "model": "scripted",
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
                }
            )

        def _answer(self, document: object) -> None:
            data = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = ModelServer(("127.0.0.1", server.server_address[1]))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
