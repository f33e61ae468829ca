"""Python source: its functions, its classes and their methods, each with the comments above it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence

from .document import Part, lines_of, trimmed
from .plain import code_parts

__all__ = ["python_parts"]

_DEPTH = 20
_Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def python_parts(text: str) -> Iterator[Part]:
    """Yield the parts of a module, nothing left out; what is no Python is divided as any other source."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield from code_parts(text)
        return
    lines = lines_of(text)
    ends = [0, *(end for _, end in lines)]
    parts = list(_divided(module.body, (), 0, len(lines), ends))
    yield from trimmed(text, parts)


def _divided(
    body: Sequence[ast.stmt], trail: tuple[str, ...], first: int, last: int, ends: Sequence[int]
) -> Iterator[Part]:
    """Yield the parts of the lines from `first` to `last`, both counted as lines before them; `body` is what they say.

    Lines that name nothing stand together; a function or class takes the comments and blanks above it along.
    """
    done = first
    said = first
    for node in body:
        until = min(node.end_lineno or node.lineno, last)
        if isinstance(node, _Named) and until > said:
            if said > done:
                yield Part(ends[done], ends[said], trail)
            yield from _named(node, (*trail, node.name), said, until, ends)
            done = until
        said = max(said, until)
    if last > done:
        yield Part(ends[done], ends[last], trail)


def _named(node: _Named, trail: tuple[str, ...], first: int, last: int, ends: Sequence[int]) -> Iterator[Part]:
    methods = isinstance(node, ast.ClassDef) and any(isinstance(each, _Named) for each in node.body)
    if methods and len(trail) < _DEPTH:
        yield from _divided(node.body, trail, first, last, ends)
    else:
        yield Part(ends[first], ends[last], trail)
