"""Read skill packs as data: signatures, prompts and problems. Nothing is imported, executed or fetched."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from forethought.kernel.errors import PackError

from .files import leads_out, read_text
from .manifest import MANIFEST, Manifest, read_manifest, with_effects
from .natives import is_native, may_mark, read_natives
from .pack import Pack, PackFunction, is_name
from .prompts import PROMPT_FILES, read_prompt_folder, read_prompt_yaml
from .reports import Report

__all__ = ["pack_folders", "read_pack", "read_packs"]

_NAMELESS = ("", "..")
_NOT_FUNCTIONS = frozenset({"plans", "__pycache__"})


def read_packs(directory: Path, names: Collection[str] = ()) -> tuple[Pack, ...]:
    """Read every pack of a folder, or the folder itself where it is a pack; with `names`, only those.

    Raises PackError where the folder does not exist, or holds no pack of a given name.
    """
    folders = pack_folders(directory)
    known = {(each.resolve().name if each.name in _NAMELESS else each.name): each for each in folders}
    folded = {name.lower(): name for name in known}
    for name in names:
        if name.lower() not in folded:
            near = difflib.get_close_matches(name, known, 1, 0.6)
            meant = f"; did you mean '{near[0]}'?" if near else f" (it has: {', '.join(known) or 'none'})"
            raise PackError(str(directory), f"there is no pack '{name}'{meant}")
    wanted = {folded[name.lower()] for name in names} if names else set(known)
    return tuple(read_pack(folder) for name, folder in known.items() if name in wanted)


def read_pack(directory: Path) -> Pack:
    """Read one pack: what can be read becomes functions, everything else problems.

    Raises PackError where the folder does not exist.
    """
    entries = _entries(directory)
    root = directory if directory.name not in _NAMELESS else directory.resolve()
    report = Report(directory)
    if not is_name(root.name):
        report.error("bad-name", f"'{root.name}' cannot name a pack", hint="rename the folder")
        return Pack(root.name, directory, problems=tuple(report.found))
    manifest = read_manifest(root, report)
    of_manifest = report.on(root / MANIFEST)
    of_manifest.text = manifest.text
    functions = _unique([*_functions(entries, root, report), *_declared(manifest, root, of_manifest)], report)
    plans = _plans(root)
    functions = with_effects(functions, manifest, of_manifest, [each.stem for each in plans])
    return Pack(
        root.name,
        directory,
        manifest.description,
        manifest.version,
        tuple(functions),
        plans,
        tuple(report.found),
    )


def pack_folders(directory: Path) -> list[Path]:
    """Return the folders of the packs in a folder, or the folder itself where it is a pack; raises PackError."""
    entries = _entries(directory)
    try:
        return [directory] if _is_pack(entries) else [each for each in entries if each.is_dir() and _holds_pack(each)]
    except OSError as error:  # a folder that may be listed and not looked into
        raise PackError(str(directory), f"it cannot be read as a folder ({error.strerror})") from error


def _functions(entries: list[Path], root: Path, report: Report) -> Iterator[PackFunction]:
    for path in entries:
        try:
            yield from _read(path, root, report)
        except OSError as error:  # a folder that may not be looked into
            report.on(path).error("unreadable-file", f"'{path.name}' cannot be read: {error.strerror}")


def _declared(manifest: Manifest, root: Path, report: Report) -> Iterator[PackFunction]:
    if "openapi" in manifest.raw or "mcp" in manifest.raw:
        from forethought.kernel.sources.declared import declared_functions

        yield from declared_functions(manifest.raw, root, root.name, report)


def _plans(root: Path) -> tuple[Path, ...]:
    folder = root / "plans"
    try:
        return tuple(each for each in _entries(folder) if each.suffix == ".xml") if folder.is_dir() else ()
    except (OSError, PackError):  # a folder that may not be looked into
        return ()


def _read(path: Path, root: Path, report: Report) -> list[PackFunction]:
    read: PackFunction | None = None
    if path.is_dir():
        if path.name in _NOT_FUNCTIONS:
            return []
        if leads_out(path, root):
            report.on(path).error("outside-pack", f"'{path.name}' leads out of the pack")
            return []
        read = read_prompt_folder(path, root, report)
    elif path.suffix in (".yaml", ".yml") and path.name != MANIFEST:
        read = read_prompt_yaml(path, root, report)
    elif is_native(path):
        return read_natives(path, root, report)
    return [] if read is None else [read]


def _unique(functions: Iterable[PackFunction], report: Report) -> list[PackFunction]:
    found: dict[str, PackFunction] = {}
    for function in functions:
        signature = function.signature
        first = found.setdefault(signature.name.lower(), function)
        if first is not function:
            where = Path(first.signature.source).name
            message = f"'{signature.name}' is a second function of this name; the one in '{where}' counts"
            report.on(Path(signature.source)).error("duplicate-function", message, hint="rename one of them")
    return list(found.values())


def _entries(directory: Path) -> list[Path]:
    try:
        entries = [each for each in directory.iterdir() if not each.name.startswith(".")]
    except FileNotFoundError as error:
        raise PackError(str(directory), "there is no such folder") from error
    except OSError as error:
        raise PackError(str(directory), f"it cannot be read as a folder ({error.strerror})") from error
    return sorted(entries, key=lambda each: (each.name.lower(), each.name))


def _is_pack(entries: list[Path]) -> bool:
    """Say whether a folder of these entries is a pack: by its manifest or prompts, else by what no subfolder is."""
    if any(each.name == MANIFEST or any((each / name).exists() for name in PROMPT_FILES) for each in entries):
        return True
    return _holds_files(entries) and not any(_holds_pack(each) for each in entries if each.is_dir())


def _holds_pack(folder: Path) -> bool:
    try:
        entries = _entries(folder)
        if any(each.name in (MANIFEST, "plans") for each in entries):
            return True
        prompts = any((each / name).exists() for each in entries for name in (*PROMPT_FILES, "config.json"))
        return prompts or _holds_files(entries)
    except (OSError, PackError):  # a folder that may not be looked into
        return False


def _holds_files(entries: list[Path]) -> bool:
    for each in entries:
        if each.suffix in (".yaml", ".yml") and each.is_file():
            return True
        if is_native(each) and each.is_file() and may_mark(read_text(each, each.parent, Report(each)) or ""):
            return True
    return False
