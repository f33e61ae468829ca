"""Which skill packs a command works with, read without running any of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forethought.kernel.packs.reading import read_pack, read_packs
from forethought.kernel.problems import Problem, Severity
from forethought.kernel.registry import SkillRegistry
from forethought.plugins import SHIPPED

from .arguments import Options
from .console import Console, UsageError

if TYPE_CHECKING:
    from forethought.kernel.kernel import Kernel
    from forethought.kernel.packs.pack import Pack
    from forethought.kernel.settings import Settings
    from forethought.planners.language.nodes import Plan

__all__ = ["Skills", "directories", "open_kernel", "read_skills", "skills_for"]


@dataclass(frozen=True, slots=True)
class Skills:
    """All packs of some directories, and the registry of their functions: of one full name, the last one counts."""

    packs: tuple[Pack, ...]
    skills: SkillRegistry

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What reading the packs reported, in order, and a notice for each function that another one replaces."""
        return (*(problem for pack in self.packs for problem in pack.problems), *self._replaced())

    def _replaced(self) -> Iterator[Problem]:
        for pack in self.packs:
            for each in pack.signatures:
                counts = self.skills.find(each.full_name)
                if counts is not each:
                    message = f"'{counts.full_name}' is replaced by the one of '{counts.source}'"
                    yield Problem(
                        code="function-replaced",
                        message=message,
                        severity=Severity.NOTICE,
                        file=each.source,
                    )

    def of_packs(self, names: Iterable[str]) -> Skills:
        """Return only the packs of these names, or all where none is given; raises UsageError for an unknown one."""
        known = {pack.name.lower() for pack in self.packs}
        wanted = {name.lower(): name for name in names}
        if not wanted:
            return self
        for folded, name in wanted.items():
            if folded not in known:
                listed = ", ".join(pack.name for pack in self.packs)
                function = any(folded in (each.name.lower(), each.full_name.lower()) for each in self.skills)
                meant = f"forethought skills show {name}" if function else f"packs are {listed}"
                raise UsageError(f"there is no pack '{name}'", meant)
        chosen = tuple(pack for pack in self.packs if pack.name.lower() in wanted)
        return Skills(chosen, self.skills.select(each for each in self.skills if each.plugin.lower() in wanted))


def directories(given: Iterable[str], settings: Settings | None = None) -> tuple[Path, ...]:
    """Return the folders to read packs from: those given, else those of the settings, else the default.

    The default is the shipped packs, and `./plugins` if there. A folder counts once, by whatever way it is reached.
    Raises UsageError where one that was given is no folder.
    """
    wanted = [Path(each).expanduser() for each in given]
    for each in wanted:
        if not each.is_dir():
            own = Path("plugins") / each
            raise UsageError(f"there is no folder of packs '{each}'", f"did you mean '{own}'?" if own.is_dir() else "")
    if not wanted:
        if settings is None:
            from forethought.kernel.settings import load_settings

            settings = load_settings()
        wanted = list(settings.skills)
    if not wanted:
        own = Path("plugins")
        wanted = [SHIPPED, *([own] if own.is_dir() and not _same(own, SHIPPED) else [])]
    return tuple({os.path.realpath(each): each for each in wanted}.values())


def _same(one: Path, other: Path) -> bool:
    """Say whether two folders are one, or one a copy or a farm of links of the other: forethought's own packs.

    The package's `__init__.py` tells; a user's own folder of packs has none, or another one.
    """
    if one.samefile(other):
        return True
    try:
        return (one / "__init__.py").read_bytes() == (other / "__init__.py").read_bytes() != b""
    except OSError:
        return False


def read_skills(given: Iterable[str]) -> Skills:
    """Read all packs; raises UsageError or PackError where a folder that was asked for is not there."""
    return _skills(_with_recipes([pack for directory in directories(given) for pack in read_packs(directory)]))


def _with_recipes(packs: list[Pack]) -> Iterable[Pack]:
    if not any(pack.plans for pack in packs):
        return packs
    from forethought.planners.recipes import with_recipes

    return with_recipes(packs)


def skills_for(plan: Plan, given: Iterable[str]) -> SkillRegistry:
    """Return the functions that `plan` can mean.

    Where the packs it names have every function it names, no other pack can change what they mean, and none is read.
    """
    names = {step.function.text for _, step in plan.walk()}
    wanted = {name.partition(".")[0].lower() for name in names}
    found = _skills(
        read_pack(folder)
        for directory in directories(given)
        for folder in (directory, *_entries(directory))
        if folder.name.lower() in wanted and folder.is_dir()
    ).skills
    return found if all(name in found for name in names) else read_skills(given).skills


def _entries(directory: Path) -> list[Path]:
    try:
        return sorted(directory.iterdir())
    except OSError:  # reading all packs says what is wrong
        return []


def _skills(packs: Iterable[Pack]) -> Skills:
    read = tuple(packs)
    skills = SkillRegistry()
    for pack in read:
        skills = skills.with_functions(pack.signatures)
    return Skills(read, skills)


def open_kernel(options: Options, console: Console) -> Kernel:
    """Return the kernel of this command line: its packs, its models, the settings.

    What could not be read of the packs is told in a line: a plan may miss it.
    """
    from forethought.kernel.kernel import Kernel
    from forethought.kernel.problems import has_errors
    from forethought.kernel.settings import load_settings

    settings = load_settings()
    kernel = Kernel.from_packs(
        *directories(options.skills, settings),
        model=options.model or None,
        planner_model=options.planner_model or None,
        settings=settings,
    )
    problems = kernel.problems
    if kernel.plans:
        from forethought.planners.recipes import add_recipes

        problems += add_recipes(kernel)
    errors = [each for each in problems if has_errors([each])]
    if errors:
        from .rendering.problems import count_problems

        console.tell(f"skill packs: {count_problems(errors)}; `forethought skills check` says more")
    return kernel
