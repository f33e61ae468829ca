"""An MCP server of a kernel: its functions and recipes are tools, and so are checking, showing and running a plan."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from typing import TYPE_CHECKING, cast

from mcp import types
from mcp.server.lowlevel import Server

from forethought.kernel.calling import reason_of
from forethought.kernel.errors import FunctionError, PlanError
from forethought.kernel.functions import FunctionSignature
from forethought.kernel.kernel import Kernel
from forethought.kernel.problems import Problem, Severity
from forethought.kernel.values import jsonable, text
from forethought.planners.checking.check import check
from forethought.planners.language.nodes import Plan
from forethought.planners.language.parsing import read
from forethought.planners.running.preparation import approval_hash
from forethought.planners.running.runner import run
from forethought.planners.scheduling.scheduling import schedule

from .hiding import Hiding
from .rendering.approval import effects, render_effects
from .rendering.plans import plan_as_json
from .rendering.problems import problem_as_json

if TYPE_CHECKING:
    import socket

    from starlette.types import Receive, Scope, Send

__all__ = ["make_server", "serve_http", "serve_stdio"]

_INSTRUCTIONS = """\
Functions of forethought, each a tool, and tools for plans over them: check_plan, show_plan, run_plan.
A plan is XML, such as <plan goal="..."><input name="TEXT"/><function.Plugin.name parameter="$TEXT" \
setContextVariable="X"/><function.Plugin.other input="$X"/></plan>; a tool Plugin-name is function.Plugin.name in it.
run_plan runs a plan with effects only with the approval that show_plan gives for this very plan and these inputs."""

_PLAN: dict[str, object] = {"type": "string", "description": "the plan, in XML"}
_INPUTS: dict[str, object] = {"type": "object", "description": "values of the plan's inputs, by name"}
_APPROVAL: dict[str, object] = {
    "type": "string",
    "description": "what show_plan gave as approval, once it is agreed to",
}
_OUTPUT: dict[str, object] = {"type": "object", "properties": {"result": {}}, "required": ["result"]}

_Answer = types.CallToolResult


def make_server(kernel: Kernel, functions: Iterable[FunctionSignature], *, secrets: bool = False) -> Server[object]:
    """Return a server whose tools are `functions` of `kernel`, and those for plans over all of its functions.

    What is told of plans and runs has no secrets, unless `secrets` are to be shown; a function gives what it gives.
    """
    server: Server[object] = Server("forethought", instructions=_INSTRUCTIONS)
    tools = _Tools(kernel, functions, secrets=secrets)
    server.list_tools()(tools.listed)  # type: ignore[no-untyped-call]
    server.call_tool(validate_input=False)(tools.call)  # a value is read as a plan's would be
    return server


async def serve_stdio(server: Server[object], given: TextIOWrapper, taken: TextIOWrapper) -> None:
    """Serve the client at the other end of two streams, until it leaves."""
    import anyio
    from mcp.server.stdio import stdio_server

    async with stdio_server(anyio.wrap_file(given), anyio.wrap_file(taken)) as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


async def serve_http(server: Server[object], bound: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve clients on a socket of this machine, until it is interrupted; `ready` is told the URL."""
    import uvicorn
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from mcp.server.transport_security import TransportSecuritySettings

    host, port = cast("tuple[str, int]", bound.getsockname()[:2])
    named = [f"[{host}]:{port}" if ":" in host else f"{host}:{port}", f"localhost:{port}"]
    guarded = TransportSecuritySettings(  # a page in a browser must not reach it by a name of its own
        allowed_hosts=named, allowed_origins=[f"http://{each}" for each in named]
    )
    manager = StreamableHTTPSessionManager(server, security_settings=guarded)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/mcp":
            await manager.handle_request(scope, receive, send)
        else:
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body"})

    bound.listen()
    async with manager.run():
        ready(f"http://{named[0]}/mcp")
        config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=3)
        await uvicorn.Server(config).serve(sockets=[bound])


@dataclass(frozen=True, slots=True)
class _PlanTool:
    """A tool about a plan: what it is called with, what it promises, what it does."""

    description: str
    parameters: Mapping[str, Mapping[str, object]]
    annotations: types.ToolAnnotations


_READS = types.ToolAnnotations(readOnlyHint=True, openWorldHint=False)
_PLAN_TOOLS = {
    "check_plan": _PlanTool("Check a plan and return every problem with its place.", {"plan": _PLAN}, _READS),
    "show_plan": _PlanTool(
        "Show what a plan would do, step by step, and the approval that running it needs.",
        {"plan": _PLAN, "inputs": _INPUTS},
        _READS,
    ),
    "run_plan": _PlanTool(
        "Run a plan. One with effects runs only with its approval.",
        {"plan": _PLAN, "inputs": _INPUTS, "approval": _APPROVAL},
        types.ToolAnnotations(readOnlyHint=False, destructiveHint=True, idempotentHint=False, openWorldHint=True),
    ),
}


class _Tools:
    """What the server offers."""

    def __init__(self, kernel: Kernel, functions: Iterable[FunctionSignature], *, secrets: bool) -> None:
        self._kernel = kernel
        self._secrets = secrets
        self._functions: dict[str, FunctionSignature] = {}
        for each in functions:
            name = re.sub(r"[^A-Za-z0-9_-]", "_", each.full_name.replace(".", "-"))
            while name in self._functions or name in _PLAN_TOOLS:
                name += "_"
            self._functions[name] = each
        self._plans = {"check_plan": self._check, "show_plan": self._show, "run_plan": self._run}

    async def listed(self) -> list[types.Tool]:
        """Return all tools, the functions first."""
        return [*(_tool(name, each) for name, each in self._functions.items()), *map(_plan_tool, _PLAN_TOOLS)]

    async def call(self, name: str, arguments: dict[str, object]) -> _Answer:
        """Call a tool; whatever fails is what the tool says."""
        signature = self._functions.get(name)
        try:
            if signature is not None:
                value = await self._kernel.invoke(signature.full_name, **arguments)
                return _answer({"result": jsonable(value)}, text(value))
            if name in self._plans:
                return await self._plans[name](_given(name, arguments))
            return _failure(f"there is no tool '{name}'")
        except PlanError as error:
            return _refusal(error.problems)
        except Exception as error:  # the edge: foreign code ran, and a client reads a sentence
            logging.getLogger(__name__).debug("tool %s failed", name, exc_info=True)
            return _failure(error.reason if isinstance(error, FunctionError) else reason_of(error))

    async def _check(self, given: _Given) -> _Answer:
        reading = read(given.plan)
        found = (*reading.problems, *(check(reading.plan, self._kernel.skills) if reading.plan else ()))
        return _data(_problems(found))

    async def _show(self, given: _Given) -> _Answer:
        plan = schedule(_plan(given), self._kernel.skills, variables=self._variables(given))
        agreed = approval_hash(plan, self._kernel, inputs=given.inputs)
        asked = [f"{step.id}. {step.signature.full_name}" for step in effects(plan)]
        hiding = Hiding(off=self._secrets)
        shown = plan_as_json(hiding.schedule(plan, self._variables(given)))
        return _data({**hiding.members(shown), "effects": asked, "approval": agreed})

    async def _run(self, given: _Given) -> _Answer:
        plan = schedule(_plan(given), self._kernel.skills, variables=self._variables(given))
        asked = effects(plan)
        if asked and not given.approval:
            agreed = approval_hash(plan, self._kernel, inputs=given.inputs)
            error = f"nothing was run, since the plan waits for an approval; it has effects:\n{render_effects(asked)}"
            return _data({"status": "waiting", "error": error, "approval": agreed})
        hiding = Hiding(off=self._secrets)
        result = await run(
            plan, self._kernel, inputs=given.inputs, approved=given.approval or None, listen=hiding.listen
        )
        return _data(hiding.members(hiding.document(result)), failed=not result.ok)

    def _variables(self, given: _Given) -> Mapping[str, object]:
        return self._kernel.variables.with_variables(given.inputs)


@dataclass(frozen=True, slots=True)
class _Given:
    """What a tool about a plan was called with."""

    plan: str
    inputs: Mapping[str, object]
    approval: str


def _given(tool: str, arguments: Mapping[str, object]) -> _Given:
    known = _PLAN_TOOLS[tool].parameters
    unknown = next((name for name in arguments if name not in known), None)
    if unknown is not None:
        raise FunctionError(tool, f"there is no parameter '{unknown}' (it has: {', '.join(known)})")
    plan, approval = arguments.get("plan"), arguments.get("approval") or ""
    inputs: object = arguments.get("inputs") or {}
    if not isinstance(plan, str) or not isinstance(inputs, dict) or not isinstance(approval, str):
        raise FunctionError(tool, "'plan' and 'approval' are texts, 'inputs' is an object")
    return _Given(plan, cast("dict[str, object]", inputs), approval)


def _plan(given: _Given) -> Plan:
    reading = read(given.plan)
    errors = [each for each in reading.problems if each.severity is Severity.ERROR]
    if errors or reading.plan is None:
        raise PlanError(errors or reading.problems)
    return reading.plan


def _tool(name: str, signature: FunctionSignature) -> types.Tool:
    properties: dict[str, object] = {}
    for each in signature.parameters:
        schema = each.type.json_schema()
        if each.description:
            schema["description"] = each.description
        if each.secret:
            schema["writeOnly"] = True
        if not each.required:
            schema["default"] = jsonable(each.default)
        properties[each.name] = schema
    return types.Tool(
        name=name,
        title=signature.full_name,
        description=signature.description or signature.full_name,
        inputSchema={
            "type": "object",
            "properties": properties,
            "required": [each.name for each in signature.parameters if each.required],
        },
        outputSchema=_OUTPUT,
        annotations=types.ToolAnnotations(
            title=signature.full_name,
            readOnlyHint=not signature.effect.writes,
            destructiveHint=signature.destructive,
            idempotentHint=signature.idempotent,
            openWorldHint=signature.open_world,
        ),
    )


def _plan_tool(name: str) -> types.Tool:
    tool = _PLAN_TOOLS[name]
    schema = {"type": "object", "properties": dict(tool.parameters), "required": ["plan"]}
    return types.Tool(name=name, description=tool.description, inputSchema=schema, annotations=tool.annotations)


def _problems(found: Sequence[Problem]) -> dict[str, object]:
    ok = not any(each.severity is Severity.ERROR for each in found)
    return {"ok": ok, "problems": [problem_as_json(each) for each in found]}


def _refusal(problems: Sequence[Problem]) -> _Answer:
    return _data({"status": "refused", **_problems(problems)}, failed=True)


def _data(data: dict[str, object], *, failed: bool = False) -> _Answer:
    return _answer(data, json.dumps(data, ensure_ascii=False), failed=failed)


def _answer(data: dict[str, object], said: str, *, failed: bool = False) -> _Answer:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=said)], structuredContent=data, isError=failed
    )


def _failure(reason: str) -> _Answer:
    return types.CallToolResult(content=[types.TextContent(type="text", text=reason)], isError=True)
