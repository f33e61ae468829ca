"""`forethought mcp`: functions and saved plans as an MCP server, for any client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser
from forethought.cli.console import Console, UsageError

if TYPE_CHECKING:
    import socket

    from forethought.kernel.functions import FunctionSignature
    from forethought.kernel.kernel import Kernel

__all__ = ["MCP"]

HELP = f"""\
Usage: forethought mcp [PACK]... [--http HOST:PORT] [OPTIONS]

Serves the functions and the saved plans of skill packs as an MCP server, on standard input and output, or on HTTP for
clients on this machine. Each function is a tool Plugin-Function, with what it does to the world as annotations. The
tools check_plan, show_plan and run_plan take a plan in XML; run_plan runs one that writes, destroys or reaches the open
world only with the approval that show_plan gives for it.

With PACK only the functions of these packs are tools; plans may use all.

Options:
  --http HOST:PORT   serve streamable HTTP there, at /mcp; HOST is this machine (127.0.0.1), PORT 0 is any that is free

{EVERYWHERE}
Examples:
  forethought mcp
  forethought mcp TextSkill TimeSkill --skills ./mypacks
  forethought mcp --http 127.0.0.1:8765
"""

_HERE = ("127.0.0.1", "localhost", "::1")


def _options(parser: Parser) -> None:
    parser.add_argument("packs", metavar="PACK", nargs="*")
    parser.add_argument("--http", metavar="HOST:PORT")


def _execute(options: Options, console: Console) -> int:
    import asyncio
    from contextlib import redirect_stdout

    from forethought.cli.skills import open_kernel

    if console.json:
        raise UsageError("mcp: a server has no document to print", "leave --json out")
    bound = _bind(options.http) if options.http else None
    kernel = open_kernel(options, console)
    functions = _served(kernel, options.packs)
    try:
        with redirect_stdout(console.foreign):  # what functions print is not our output
            asyncio.run(_serve(kernel, functions, bound, console))
    finally:
        if bound is not None:
            bound.close()
    return 0


async def _serve(
    kernel: Kernel, functions: list[FunctionSignature], bound: socket.socket | None, console: Console
) -> None:
    from io import TextIOWrapper

    from forethought.cli.serving import make_server, serve_http, serve_stdio

    async with kernel:
        server = make_server(kernel, functions, secrets=console.secrets)
        if bound is not None:
            await serve_http(server, bound, lambda url: console.tell(f"serving {len(functions)} functions at {url}"))
            return
        streams = [TextIOWrapper(each.buffer, encoding="utf-8") for each in (console.input, console.output) if each]
        if len(streams) < 2:
            raise UsageError("mcp: there is no standard input", "serve HTTP: forethought mcp --http 127.0.0.1:8765")
        await serve_stdio(server, *streams)
        for each in streams:
            each.detach()  # they are not ours to close


def _served(kernel: Kernel, packs: list[str]) -> list[FunctionSignature]:
    known = {each.lower(): each for each in kernel.skills.plugins}
    for name in packs:
        if name.lower() not in known:
            raise UsageError(f"mcp: there is no pack '{name}'", f"packs are {', '.join(known.values())}")
    wanted = {name.lower() for name in packs} or set(known)
    return [each for each in kernel.skills if each.plugin.lower() in wanted]


def _bind(address: str) -> socket.socket:
    """Return a socket that listens on an address of this machine; nobody else may call functions here."""
    import socket

    host, _, port = address.rpartition(":")
    host = host.strip("[]") or _HERE[0]
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"mcp: --http '{address}' is not HOST:PORT", "such as --http 127.0.0.1:8765")
    if host not in _HERE:
        hint = f"use {', '.join(_HERE)}; to serve others, put a proxy that asks for keys before it"
        raise UsageError(f"mcp: '{host}' is not this machine", hint)
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, int(port)))
    except OSError as error:
        bound.close()
        raise UsageError(f"mcp: cannot listen on {host}:{port}: {error.strerror}", "choose another port") from error
    return bound


MCP = Command(HELP, _options, _execute)
