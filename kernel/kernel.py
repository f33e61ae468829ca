"""Kernel: what a plan runs on: functions, variables, models."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from .binding import Bind, bind_native, bind_pack_function
from .context import ContextVariables
from .errors import FunctionError, ModelNotConfiguredError, PackError
from .functions import Callee, FunctionSignature
from .problems import Problem, Severity
from .registry import SkillRegistry
from .settings import Settings, load_settings

if TYPE_CHECKING:
    from types import TracebackType

    from .memory.memory import SemanticMemory
    from .models.chat import ChatModel
    from .models.opening import Models
    from .packs.pack import PackFunction
    from .sources.connections import Connections
    from .sources.importing import Effects

__all__ = ["Kernel"]

_Entry = tuple[FunctionSignature, Bind]


class Kernel:
    """Functions by name, variables by name, and the models that prompts and planners use.

    Functions are read when they are added and made ready when they are first bound; models are opened when they are
    first asked for. `model` and `planner_model` are model specs or models, or several of them, best first: where one
    cannot answer, the next one is asked. What is not given comes from the settings.
    """

    def __init__(
        self,
        *,
        variables: Mapping[str, object] | None = None,
        model: Models | None = None,
        planner_model: Models | None = None,
        memory: str | Path | SemanticMemory | None = None,
        settings: Settings | None = None,
    ) -> None:
        self._skills = SkillRegistry()
        self._variables = ContextVariables(variables)
        self._problems: tuple[Problem, ...] = ()
        self._binders: dict[str, Bind] = {}
        self._bound: dict[str, Callee] = {}
        self._connections: Connections | None = None
        self._plans: tuple[tuple[str, Path], ...] = ()
        self._existing: object = None
        self._models: dict[str, ChatModel] = {}
        self._model = model
        self._default_model: ChatModel | None = None
        self._planner_model = planner_model
        self._memory = memory
        self._settings = settings

    @classmethod
    def from_packs(
        cls,
        *directories: str | Path,
        model: Models | None = None,
        planner_model: Models | None = None,
        memory: str | Path | SemanticMemory | None = None,
        variables: Mapping[str, object] | None = None,
        settings: Settings | None = None,
    ) -> Self:
        """Return a kernel with every function of every pack in `directories`; see `import_skills`."""
        kernel = cls(variables=variables, model=model, planner_model=planner_model, memory=memory, settings=settings)
        for directory in directories:
            kernel.import_skills(directory)
        return kernel

    @classmethod
    def wrap(
        cls,
        existing: object,
        *,
        model: Models | None = None,
        planner_model: Models | None = None,
        memory: str | Path | SemanticMemory | None = None,
        variables: Mapping[str, object] | None = None,
        effects: Mapping[str, str] | None = None,
        settings: Settings | None = None,
    ) -> Self:
        """Return a kernel with every function of `existing`, a `semantic_kernel.Kernel`.

        Calls go through it, so that its filters, services and telemetry apply. Its chat services are models: each
        under its service id, the first one also for prompts and plans where no model is given. `effects` declares what
        functions do (`{"Mail.read": "reads:mail"}`); what nobody declares writes everything.
        """
        from . import _semantic_kernel as semantic

        kernel = cls(variables=variables, model=model, planner_model=planner_model, memory=memory, settings=settings)
        wrapped = semantic.wrap(existing, effects or {})
        kernel._register(wrapped.functions)
        kernel._models.update({name.lower(): each for name, each in wrapped.models.items()})
        kernel._existing = existing
        if model is None and wrapped.models:
            kernel._model = next(iter(wrapped.models.values()))
        return kernel

    def __repr__(self) -> str:
        return f"Kernel({len(self._skills)} functions of {len(self._skills.plugins)} plugins)"

    @property
    def skills(self) -> SkillRegistry:
        """The functions, as a planner sees them."""
        return self._skills

    @property
    def variables(self) -> ContextVariables:
        """The variables that every plan and call of this kernel can read."""
        return self._variables

    @property
    def connections(self) -> Connections:
        """The open sessions with MCP servers, of which there is none until a call needs one."""
        if self._connections is None:
            from .sources.connections import Connections

            self._connections = Connections(self.settings.environment)
        return self._connections

    @property
    def plans(self) -> tuple[tuple[str, Path], ...]:
        """The files in the `plans/` folders of imported packs, each with its pack's name; what they say is not read."""
        return self._plans

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What loading packs reported, in order."""
        return self._problems

    @property
    def settings(self) -> Settings:
        """The settings given, or those of the working directory, read when first asked for."""
        if self._settings is None:
            self._settings = load_settings()
        return self._settings

    @property
    def model(self) -> ChatModel:
        """The model of prompt functions, opened when first asked for.

        It is the one given, else the one in the settings, else the local model where its weights are installed.
        Raises ModelNotConfiguredError, SettingsError for a bad spec, ModelError where it cannot be opened.
        """
        return self._open_model("a prompt function")

    @property
    def planner_model(self) -> ChatModel:
        """The model of planners: the one given, else the one in the settings, else the one of prompt functions."""
        if self._planner_model is None and self._model is None:
            self._planner_model = self.settings.planner_model or None
        if self._planner_model is None:
            return self._open_model("a planner")
        opened = self._planner_model = self._opened(self._planner_model)
        return opened

    @property
    def memory(self) -> SemanticMemory:
        """The semantic memory: the one given, else that of the settings; its file is opened when it is first used."""
        if self._memory is None or isinstance(self._memory, str | Path):
            from .memory.memory import SemanticMemory

            self._memory = SemanticMemory.open(self._memory, settings=self.settings)
        return self._memory

    def add_model(self, service: str, model: Models) -> None:
        """Register the model that prompt functions mean by the service id `service`; ids ignore case."""
        self._models[service.lower()] = self._opened(model)

    def choose_model(self, services: Collection[str], /) -> tuple[ChatModel, str]:
        """Return the model for a prompt function with settings for these service ids, and the id that counts.

        A service that is registered, or has a model in the settings, comes first, in their order; else it is the
        kernel's model, with the settings `default`, or the first ones where none are.
        """
        for service in services:
            folded = service.lower()
            if folded not in self._models and folded in self.settings.models:
                self._models[folded] = self._opened(self.settings.models[folded])
            if folded in self._models:
                return self._models[folded], service
        return self.model, "default" if "default" in services else next(iter(services), "default")

    def import_skills(self, directory: str | Path, *names: str) -> tuple[Problem, ...]:
        """Register the functions of the packs in `directory` (of those called `names`, where any are).

        The directory may be a pack itself. Files are read, never run: a function's code is loaded when it is first
        bound. A function of the same full name is replaced, with a notice. Returns what was found while reading.
        Raises PackError where the directory, or a pack of a given name, does not exist.
        """
        from .packs.reading import read_packs

        found: list[Problem] = []
        entries: list[_Entry] = []
        for pack in read_packs(Path(directory), names):
            found.extend(pack.problems)
            entries.extend(
                (each.signature, partial(bind_pack_function, self, self._existing, each)) for each in pack.functions
            )
            self._plans += tuple((pack.name, each) for each in pack.plans)
        found.extend(
            _replaced(self._skills.find(new.full_name), new) for new, _ in entries if new.full_name in self._skills
        )
        self._register(entries)
        self._problems += tuple(found)
        return tuple(found)

    def add_functions(self, source: object, plugin: str) -> tuple[FunctionSignature, ...]:
        """Register functions in code: a callable, or the marked members of an instance or a module.

        A function of the same full name is replaced. Raises PackError where there is nothing to register.
        """
        from .native import functions_of, signature_of

        if isinstance(source, type):
            raise PackError(plugin, f"'{source.__name__}' is a class; give an instance of it: {source.__name__}()")
        functions = list(functions_of(source))
        if not functions:
            raise PackError(plugin, f"{source!r} has no function marked with @skill or @kernel_function")
        signatures = [signature_of(function, plugin) for function in functions]
        try:
            SkillRegistry(signatures)
        except ValueError as error:
            raise PackError(plugin, str(error)) from error
        self._register(
            [(s, partial(bind_native, self, self._existing, s, f)) for s, f in zip(signatures, functions, strict=True)]
        )
        return tuple(signatures)

    async def import_mcp(
        self,
        plugin: str,
        *,
        command: Sequence[str] = (),
        url: str = "",
        env: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 60.0,
        effects: Effects | None = None,
    ) -> tuple[FunctionSignature, ...]:
        """Register the tools of an MCP server, which is started by its command or reached at its URL.

        Values of `env` and `headers` may name environment variables, `${env:NAME}`. The server stays open until the
        kernel is closed. Raises ServerError, SettingsError for a variable that is not set, PackError.
        """
        from .sources.importing import tools
        from .sources.places import McpPlace

        if bool(command) == bool(url):
            raise PackError(plugin, "an MCP server needs a command to start or a URL, one of the two")
        place = McpPlace(
            command=tuple(command),
            url=url,
            env=tuple((env or {}).items()),
            headers=tuple((headers or {}).items()),
            timeout=timeout,
        )
        return self._import(await tools(place, plugin, self.connections, effects or {}))

    async def import_openapi(
        self,
        document: str | Path,
        plugin: str,
        *,
        server: str = "",
        headers: Mapping[str, str] | None = None,
        timeout: float = 60.0,
        effects: Effects | None = None,
    ) -> tuple[FunctionSignature, ...]:
        """Register the operations of an OpenAPI document, a file or a URL.

        Requests go to `server`, or else to the document's, which must be public and HTTPS. Values of `headers` may name
        environment variables, `${env:NAME}`, and go along. Raises ServerError, SettingsError, PackError.
        """
        from .sources.importing import operations
        from .sources.places import ApiPlace

        place = ApiPlace(document=str(document), server=server, headers=tuple((headers or {}).items()), timeout=timeout)
        found, problems = await operations(place, plugin, self.settings.environment, effects or {})
        self._problems += problems
        return self._import(found)

    def add_agent(
        self, agent: object, name: str, *, effect: str | None = None, description: str | None = None
    ) -> FunctionSignature:
        """Register an agent of Semantic Kernel as the function `name`, `Plugin.Function`; raises PackError.

        Its parameter `input` is what it is told, its output what it answers. An agent without functions of its own is
        pure, one that has some may do anything, unless `effect` says what it does.
        """
        from . import _semantic_kernel as semantic

        signature, binder = semantic.wrap_agent(agent, name, effect, description)
        self._register([(signature, binder)])
        return signature

    def register(self, signature: FunctionSignature, bind: Bind) -> None:
        """Register a function of a kind of its own: `bind` makes it ready to run when it is first needed."""
        self._register([(signature, bind)])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close what calls have opened on this event loop: MCP servers that were started end."""
        if self._connections is not None:
            await self._connections.aclose()

    def bind(self, name: str) -> Callee:
        """Return the function that `name` means, made ready to run; its code is loaded the first time.

        Raises UnknownFunctionError or AmbiguousFunctionError, PackError where the code cannot be loaded.
        """
        key = self._skills.find(name).full_name.lower()
        callee = self._bound.get(key)
        if callee is None:
            callee = self._bound[key] = self._binders[key]()
        return callee

    async def invoke(self, name: str, /, **arguments: object) -> object:
        """Call one function and return its value.

        Parameter names ignore case. A required parameter that is left out takes the variable of its own name.
        """
        callee = self.bind(name)
        output = await callee(self._arguments(callee.signature, arguments))
        return output.value

    def _import(self, functions: Sequence[PackFunction]) -> tuple[FunctionSignature, ...]:
        self._register(
            [(each.signature, partial(bind_pack_function, self, self._existing, each)) for each in functions]
        )
        return tuple(each.signature for each in functions)

    def _register(self, entries: Sequence[_Entry]) -> None:
        for signature, binder in entries:
            key = signature.full_name.lower()
            self._binders[key] = binder
            self._bound.pop(key, None)
        self._skills = self._skills.with_functions(signature for signature, _ in entries)

    def _arguments(self, signature: FunctionSignature, given: Mapping[str, object]) -> dict[str, object]:
        values: dict[str, object] = {}
        for name, value in given.items():
            parameter = signature.parameter(name)
            if parameter is None:
                known = ", ".join(each.name for each in signature.parameters) or "none"
                raise FunctionError(signature.full_name, f"there is no parameter '{name}' (it has: {known})")
            if parameter.name in values:
                raise FunctionError(signature.full_name, f"the parameter '{parameter.name}' is given twice")
            values[parameter.name] = value
        for parameter in signature.parameters:
            if parameter.required and parameter.name not in values and parameter.name in self._variables:
                values[parameter.name] = self._variables[parameter.name]
        return values

    def _open_model(self, wanted_by: str) -> ChatModel:
        if self._default_model is None:
            chosen = self._model
            if chosen is None:
                from .models.detection import default_specs

                chosen = default_specs(self.settings) or None
            if chosen is None:
                raise ModelNotConfiguredError(wanted_by)
            self._default_model = self._opened(chosen)
        return self._default_model

    def _opened(self, model: Models) -> ChatModel:
        from .models.opening import open_models

        return open_models(model, self.settings)


def _replaced(old: FunctionSignature, new: FunctionSignature) -> Problem:
    return Problem(
        code="function-replaced",
        message=f"'{new.full_name}' replaces the one of '{old.source or 'the program'}'",
        severity=Severity.NOTICE,
        file=new.source or None,
    )
