"""`forethought doctor`: what is in use here, and why."""

from __future__ import annotations

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser
from forethought.cli.console import Console

__all__ = ["DOCTOR"]

HELP = f"""\
Usage: forethought doctor [OPTIONS]

Shows which model is used and why, every other way to get one, the skill packs in use, and the settings file.
No model is asked anything. Exit status: 0, or 1 where something that is configured does not work.

{EVERYWHERE}
Examples:
  forethought doctor
  forethought doctor --model ollama:qwen3
"""


def _options(_: Parser) -> None:
    """It has none of its own."""


def _execute(options: Options, console: Console) -> int:
    from forethought.cli.diagnosis import diagnose

    diagnosis = diagnose(options)
    if console.json:
        console.print_json(diagnosis.as_json())
    else:
        from forethought.cli.rendering.diagnosis import render_diagnosis

        console.print(render_diagnosis(diagnosis, paint=console.paint))
    return 0 if diagnosis.ok else 1


DOCTOR = Command(HELP, _options, _execute)
