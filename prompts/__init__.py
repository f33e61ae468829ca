"""Everything we say to a model: one Jinja2 template a message, filled here and nowhere else."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import resources

__all__ = ["fill"]


def fill(prompt: str, /, **values: object) -> str:
    """Fill the template `prompt` (a file name without `.j2`) with `values`.

    Values are data: they are placed, never read as templates. A value the template wants and does not get is an error
    (jinja2.UndefinedError): a prompt with a hole in it is never sent.
    """
    return _template(prompt)(**values)


@functools.cache
def _template(prompt: str) -> Callable[..., str]:
    import jinja2

    source = resources.files(__name__).joinpath(f"{prompt}.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False
    )
    return environment.from_string(source).render
