"""The kernel: what a plan runs on. Imports nothing until a name is used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .context import ContextVariables, Origin, Variable
    from .errors import ForethoughtError
    from .functions import Effect, FunctionSignature, Parameter, Usage, skill
    from .kernel import Kernel
    from .keys import StepKey
    from .memory.conversation import Conversation
    from .memory.memory import SemanticMemory
    from .memory.records import Hit, Record
    from .problems import Place, Problem, Severity
    from .registry import SkillRegistry

__all__ = [
    "ContextVariables",
    "Conversation",
    "Effect",
    "ForethoughtError",
    "FunctionSignature",
    "Hit",
    "Kernel",
    "Origin",
    "Parameter",
    "Place",
    "Problem",
    "Record",
    "SemanticMemory",
    "Severity",
    "SkillRegistry",
    "StepKey",
    "Usage",
    "Variable",
    "skill",
]

_HOMES = {
    "ContextVariables": "context",
    "Conversation": "memory.conversation",
    "Effect": "functions",
    "ForethoughtError": "errors",
    "FunctionSignature": "functions",
    "Hit": "memory.records",
    "Kernel": "kernel",
    "Origin": "context",
    "Parameter": "functions",
    "Place": "problems",
    "Problem": "problems",
    "Record": "memory.records",
    "SemanticMemory": "memory.memory",
    "Severity": "problems",
    "SkillRegistry": "registry",
    "StepKey": "keys",
    "Usage": "functions",
    "Variable": "context",
    "skill": "functions",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{home}", __name__), name)
