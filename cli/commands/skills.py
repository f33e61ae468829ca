"""`forethought skills`: packs and their functions, read without running anything of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser
from forethought.cli.console import Console

if TYPE_CHECKING:
    from forethought.cli.rendering.styling import Paint
    from forethought.kernel.problems import Problem

__all__ = ["CHECK", "LIST", "NEW", "REFRESH", "SHOW"]

_LIST_HELP = f"""\
Usage: forethought skills list [PACK]... [OPTIONS]

Lists the functions a plan may use, pack by pack: name, parameters with types and defaults, result, effect.
A parameter with a default need not be given. Exit status: 0, or 1 where a pack has errors.

{EVERYWHERE}
Examples:
  forethought skills list
  forethought skills list FunSkill Emailer
  forethought skills list --skills ./mypacks --json
"""

_SHOW_HELP = f"""\
Usage: forethought skills show FUNCTION [OPTIONS]

Shows everything that is known about one function. FUNCTION is Plugin.Function, or its own name where only one has it.

{EVERYWHERE}
Example:
  forethought skills show Emailer.sendEmail
"""

_CHECK_HELP = f"""\
Usage: forethought skills check [DIR] [OPTIONS]

Shows what is wrong with skill packs, file by file, and what was changed while reading them. DIR is a pack or a folder
of packs; without it, all packs in use. Exit status: 0 no errors, 1 errors.

{EVERYWHERE}
Example:
  forethought skills check ./mypacks
"""

_NEW_HELP = f"""\
Usage: forethought skills new NAME [--directory DIR] [OPTIONS]

Starts a skill pack with one prompt function and one native function, in DIR/NAME. Nothing that exists is changed.

Options:
  --directory DIR  where packs are kept (default: plugins)

{EVERYWHERE}
Example:
  forethought skills new GreetingSkill
"""

_REFRESH_HELP = f"""\
Usage: forethought skills refresh [DIR] [OPTIONS]

Asks the servers that packs declare (mcp:, and openapi: with a URL) what they can do, and keeps the answer in the pack:
mcp.lock.json, openapi.lock.json. A command that a pack names is started for this, so refresh the packs you trust.
Everything else reads these files. A plan over a function that has changed needs a new approval.
DIR is a pack or a folder of packs; without it, all packs in use. Exit status: 0, or 1 where a server did not answer.

{EVERYWHERE}
Example:
  forethought skills refresh plugins/Weather
"""


def _list_options(parser: Parser) -> None:
    parser.add_argument("packs", metavar="PACK", nargs="*")


def _list(options: Options, console: Console) -> int:
    from forethought.cli.rendering.skills import render_pack
    from forethought.cli.skills import read_skills
    from forethought.kernel.problems import has_errors

    found = read_skills(options.skills).of_packs(options.packs)
    if console.json:
        console.print_json(
            {
                "skills": [signature.as_json() for signature in found.skills],
                "problems": _as_json(found.problems),
            }
        )
    else:
        shown = [render_pack(pack, paint=console.paint) for pack in found.packs]
        console.print("\n\n".join(shown) if shown else "There are no skill packs here.")
        console.output.flush()
        _tell(found.problems, console)
    return 1 if has_errors(found.problems) else 0


def _show_options(parser: Parser) -> None:
    parser.add_argument("function", metavar="FUNCTION")


def _show(options: Options, console: Console) -> int:
    from forethought.cli.rendering.skills import render_function
    from forethought.cli.skills import read_skills

    found = read_skills(options.skills)
    signature = found.skills.find(options.function)
    problems = tuple(each for each in found.problems if each.file and _concerns(each.file, signature.source))
    if console.json:
        console.print_json({**signature.as_json(), "file": signature.source, "problems": _as_json(problems)})
    else:
        console.print(render_function(signature, paint=console.paint))
        console.output.flush()
        _tell(problems, console)
    return 0


def _concerns(file: str, source: str) -> bool:
    """Say whether a problem of `file` is one of the function in `source`: its own files lie in its own folder."""
    if Path(source).name in ("skprompt.txt", "config.json"):
        return Path(file).parent == Path(source).parent
    return file == source


def _check_options(parser: Parser) -> None:
    parser.add_argument("directory", metavar="DIR", nargs="?")


def _check(options: Options, console: Console) -> int:
    from forethought.cli.skills import read_skills
    from forethought.kernel.problems import has_errors

    found = read_skills([options.directory] if options.directory else options.skills)
    if console.json:
        console.print_json({"ok": not has_errors(found.problems), "problems": _as_json(found.problems)})
    elif found.problems:
        console.print(_render(found.problems, console, console.paint))
    else:
        packs, functions = len(found.packs), len(found.skills)
        console.print(
            f"{packs} pack{'' if packs == 1 else 's'}, {functions} function{'' if functions == 1 else 's'}, no problems"
        )
    return 1 if has_errors(found.problems) else 0


def _new_options(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--directory", metavar="DIR", default="plugins")


def _new(options: Options, console: Console) -> int:
    from forethought.kernel.packs.scaffolding import scaffold

    files = [str(each) for each in scaffold(Path(options.directory), options.name)]
    if console.json:
        console.print_json({"files": files})
    else:
        console.print("\n".join(files))
    return 0


def _refresh_options(parser: Parser) -> None:
    parser.add_argument("directory", metavar="DIR", nargs="?")


def _refresh(options: Options, console: Console) -> int:
    import asyncio
    import dataclasses

    from forethought.cli.rendering.skills import render_refreshed
    from forethought.cli.skills import directories
    from forethought.kernel.errors import ForethoughtError
    from forethought.kernel.packs.reading import pack_folders
    from forethought.kernel.settings import load_settings
    from forethought.kernel.sources.refreshing import has_servers, refresh

    settings = load_settings()
    given = [options.directory] if options.directory else options.skills
    folders = [each for directory in directories(given, settings) for each in pack_folders(directory)]
    asked = [each for each in folders if has_servers(each)]
    failed: list[dict[str, object]] = []
    done: list[dict[str, object]] = []
    for folder in asked:
        try:
            written = asyncio.run(refresh(folder, settings.environment))
        except ForethoughtError as error:
            failed.append({"pack": folder.name, "error": str(error)})
            console.fail(f"{folder.name}: {error}")
            continue
        for each in written:
            done.append({**dataclasses.asdict(each), "pack": folder.name, "file": str(each.file)})
            if not console.json:
                console.print(render_refreshed(each))
    if console.json:
        console.print_json({"refreshed": done, "failed": failed})
    elif not asked:
        console.print("No pack here has a server to ask.")
    return 1 if failed else 0


def _as_json(problems: tuple[Problem, ...]) -> list[dict[str, object]]:
    from forethought.cli.rendering.problems import problem_as_json

    return [problem_as_json(each, file=True) for each in problems]


def _tell(problems: tuple[Problem, ...], console: Console) -> None:
    from forethought.kernel.problems import Severity

    worth = tuple(each for each in problems if each.severity is not Severity.NOTICE)
    if worth:
        console.tell()
        console.tell(_render(worth, console, console.paint_messages))


def _render(problems: tuple[Problem, ...], console: Console, paint: Paint) -> str:
    """Return problems of several files, each with the line it is about where that can be read."""
    from forethought.cli.rendering.problems import count_problems, render_problem

    lines: dict[str, list[str]] = {}
    shown: list[str] = []
    for each in problems:
        file = each.file or ""
        if file not in lines:
            lines[file] = _lines(file)
        shown.append(render_problem(each, file=file, lines=lines[file], paint=paint, width=console.width))
    return "\n".join([*shown, count_problems(problems)])


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text(encoding="utf-8-sig", errors="replace").split("\n")
    except OSError:
        return []


LIST = Command(_LIST_HELP, _list_options, _list)
SHOW = Command(_SHOW_HELP, _show_options, _show)
CHECK = Command(_CHECK_HELP, _check_options, _check)
NEW = Command(_NEW_HELP, _new_options, _new)
REFRESH = Command(_REFRESH_HELP, _refresh_options, _refresh)
