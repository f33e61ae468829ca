"""Write a new skill pack to start from: one prompt function and one native function, both working."""

from __future__ import annotations

from pathlib import Path

from forethought.kernel.errors import PackError

from .pack import is_name

__all__ = ["scaffold"]

_PROMPT = """\
Explain the text below in one sentence, for {{$audience}}.

{{$input}}
"""

_CONFIG = """\
{
  "schema": 1,
  "description": "Explain a text in one sentence",
  "input_variables": [
    {"name": "input", "description": "The text to explain", "is_required": true},
    {"name": "audience", "description": "Who will read the explanation", "default": "a newcomer"}
  ],
  "execution_settings": {
    "default": {"max_tokens": 200, "temperature": 0.2}
  }
}
"""

_NATIVE = '''\
"""Native functions of the pack: each function marked with @skill."""

from typing import Annotated

from forethought.kernel import skill


@skill(effect="pure", quick=True)
def count_words(input: Annotated[str, "The text to count in"]) -> int:
    """Count the words of a text."""
    return len(input.split())
'''

_FILES = {"Explain/skprompt.txt": _PROMPT, "Explain/config.json": _CONFIG, "text.py": _NATIVE}


def scaffold(directory: Path, name: str) -> tuple[Path, ...]:
    """Write the pack `name` below `directory` and return its files; raises PackError rather than overwrite."""
    if not is_name(name):
        way = "use letters, digits, '_' and '-', and start with a letter"
        raise PackError(str(directory), f"'{name}' cannot name a pack: {way}")
    folder = directory / name
    if folder.exists() or folder.is_symlink():
        raise PackError(str(folder), "it is there already: choose another name, or remove it first")
    written: list[Path] = []
    try:
        for relative, text in _FILES.items():
            file = folder / relative
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            written.append(file)
    except OSError as error:
        raise PackError(str(folder), f"it cannot be written: {error.strerror}") from error
    return tuple(written)
