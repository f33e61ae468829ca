"""`openapi:` and `mcp:` in `pack.yaml` are functions, read from files of the pack and from nowhere else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from forethought.kernel.packs.pack import Pack
from forethought.kernel.packs.reading import read_pack
from forethought.kernel.sources.places import ApiPlace, McpPlace
from forethought.kernel.sources.snapshots import write_document, write_tools

DOCUMENT = {
    "openapi": "3.0.0",
    "servers": [{"url": "https://api.test"}],
    "paths": {"/x": {"get": {"operationId": "look"}, "delete": {"operationId": "drop"}}},
}


def pack(folder: Path, manifest: str, **files: object) -> Pack:
    """Write a pack and read it."""
    folder = folder / "Shop"
    folder.mkdir(exist_ok=True)
    (folder / "pack.yaml").write_text(manifest, encoding="utf-8")
    for name, value in files.items():
        text = value if isinstance(value, str) else json.dumps(value)
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return read_pack(folder)


def functions(read: Pack) -> list[str]:
    return [f"{each.signature.full_name} {each.signature.effect}" for each in read.functions]


def said(read: Pack) -> list[tuple[str, str, str | None]]:
    return [(each.code, each.message, each.hint) for each in read.problems]


def test_a_file_is_read_and_effects_have_the_last_word(tmp_path: Path) -> None:
    read = pack(tmp_path, "openapi: api.json\neffects: {drop: reads:attic}\n", api_json=DOCUMENT)
    assert (functions(read), said(read)) == (["Shop.look reads:shop", "Shop.drop reads:attic"], [])


def test_a_document_may_be_yaml_and_its_server_may_be_another(tmp_path: Path) -> None:
    text = "openapi: 3.1.0\npaths:\n  /x:\n    get: {operationId: look}\n"
    read = pack(tmp_path, "openapi: {file: api.yaml, server: 'http://127.0.0.1:1'}\n", api_yaml=text)
    assert functions(read) == ["Shop.look reads:shop"]


@pytest.mark.parametrize(
    ("manifest", "code", "message"),
    [
        ("openapi: api.json", "missing-document", "there is no OpenAPI document 'api.json'"),
        ("openapi: ../api.json", "outside-pack", "'../api.json' is not in the pack"),
        ("openapi: /etc/passwd", "outside-pack", "'/etc/passwd' is not in the pack"),
        ("openapi: 3", "wrong-type", "'openapi' must be a mapping of file, url, server, headers, timeout"),
        ("openapi: {}", "wrong-type", "'openapi' needs 'file' or 'url', one of the two"),
        ("openapi: {file: a, url: b}", "wrong-type", "'openapi' needs 'file' or 'url', one of the two"),
        ("openapi: {file: a, server: shop}", "wrong-type", "'shop' is not the URL of a server"),
        ("openapi: {file: a, sever: x}", "unknown-key", "'sever' is not a key of 'openapi'"),
        ("mcp: serve", "wrong-type", "'mcp' must be a mapping of command, args, url, env, headers, timeout"),
        ("mcp: {}", "wrong-type", "'mcp' needs a command to start or a URL, one of the two"),
        ("mcp: {command: a, url: 'http://b'}", "wrong-type", "'mcp' needs a command to start or a URL, one of the two"),
        ("mcp: {command: [1, {}]}", "wrong-type", "'mcp' needs a command to start or a URL, one of the two"),
        ("mcp: {url: shop}", "wrong-type", "'shop' is not the URL of an MCP server"),
        ("mcp: {command: a, env: {KEY: 1}}", "wrong-type", "'KEY' must be a text"),
        ("mcp: {command: a, timeout: soon}", "wrong-type", "'timeout' must be a number of seconds, not 'soon'"),
    ],
)
def test_what_is_declared_wrongly_is_a_problem(tmp_path: Path, manifest: str, code: str, message: str) -> None:
    read = pack(tmp_path, manifest)
    assert (code, message) in [each[:2] for each in said(read)]
    assert read.functions == ()


def test_without_a_snapshot_there_is_a_way_to_get_one(tmp_path: Path) -> None:
    way = f"forethought skills refresh {tmp_path / 'Shop'}"
    assert said(pack(tmp_path, "mcp: {command: serve, args: [--all]}\n")) == [
        ("missing-snapshot", "there is no 'mcp.lock.json', which says what 'serve --all' can do", way)
    ]
    assert said(pack(tmp_path, "openapi: https://api.test/openapi.json\n")) == [
        (
            "missing-snapshot",
            "there is no 'openapi.lock.json', which says what 'https://api.test/openapi.json' can do",
            way,
        )
    ]


def test_a_snapshot_is_read_as_long_as_it_is_of_the_same_place(tmp_path: Path) -> None:
    (tmp_path / "Shop").mkdir()
    write_tools(tmp_path / "Shop", McpPlace(command=("serve",)), [{"name": "find"}])
    assert functions(pack(tmp_path, "mcp: {command: serve, timeout: 5}\n")) == ["Shop.find writes:*"]
    read = pack(tmp_path, "mcp: {command: serve, args: [--all]}\n")
    assert functions(read) == []
    assert [each[:2] for each in said(read)] == [
        ("stale-snapshot", "'mcp.lock.json' is of something else than 'serve --all'")
    ]


def test_the_snapshot_of_a_document_leads_to_its_own_server(tmp_path: Path) -> None:
    (tmp_path / "Shop").mkdir()
    url = "https://api.test/v2/openapi.json"
    write_document(tmp_path / "Shop", ApiPlace(document=url), {**DOCUMENT, "servers": [{"url": "../v1"}]})
    read = pack(tmp_path, f"openapi: {url}\n")
    [look, _] = read.functions
    assert getattr(look.source, "server", "") == "https://api.test/v1"


def test_a_broken_snapshot_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "Shop").mkdir()
    (tmp_path / "Shop" / "mcp.lock.json").write_text(json.dumps({"source": McpPlace(command=("serve",)).digest()}))
    assert [each[:2] for each in said(pack(tmp_path, "mcp: {command: serve}\n"))] == [
        ("wrong-type", "'tools' is missing")
    ]


def test_inspecting_starts_nothing_and_imports_nothing_heavy(tmp_path: Path) -> None:
    marker = tmp_path / "started"
    command = json.dumps([sys.executable, "-c", f"open({str(marker)!r}, 'w')"])
    pack(tmp_path, f"mcp: {{command: {command}}}\nopenapi: http://127.0.0.1:9/openapi.json\n")
    script = (
        "import sys; from pathlib import Path; from forethought.kernel.packs.reading import read_packs\n"
        "found = read_packs(Path(sys.argv[1])); assert len(found[0].problems) == 2, found\n"
        "print([each for each in ('semantic_kernel', 'mcp', 'httpx', 'pydantic') if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert not marker.exists()
