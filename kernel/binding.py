"""Binding: how each kind of function is made ready to run, when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .functions import Callee, FunctionSignature

if TYPE_CHECKING:
    from .kernel import Kernel
    from .packs.pack import PackFunction

__all__ = ["Bind", "bind_native", "bind_pack_function"]

Bind = Callable[[], Callee]
"""Makes a function ready to run; raises PackError where its code cannot be loaded."""


def bind_native(
    kernel: Kernel, existing: object, signature: FunctionSignature, function: Callable[..., object]
) -> Callee:
    """Return a Python function ready to run, with what it asks of `kernel`, by annotation or as Semantic Kernel does.

    What Semantic Kernel injects comes from `existing`, a kernel or None.
    """
    from .native import injected_parameters

    if not injected_parameters(function):
        from .serving import bind_served

        return bind_served(kernel, signature, function)
    from . import _semantic_kernel as semantic

    return semantic.bind_method(existing, signature, function, lambda: kernel.model)


def bind_pack_function(kernel: Kernel, existing: object, function: PackFunction) -> Callee:
    """Return a function of a pack ready to run: its code is loaded, a server is not yet reached."""
    from .packs.pack import NativeSource, PromptSource

    signature, source = function.signature, function.source
    if isinstance(source, PromptSource):
        from .prompting import PromptCallee

        return PromptCallee(signature, source, kernel)
    if isinstance(source, NativeSource):
        from .packs.loading import load_native

        code, signature = load_native(source, signature)
        return bind_native(kernel, existing, signature, code)
    from .sources.calling import OperationCallee, ToolCallee
    from .sources.tools import ToolSource

    if isinstance(source, ToolSource):
        return ToolCallee(signature, source, kernel.connections)
    return OperationCallee(signature, source, kernel.settings.environment)
