"""Reading the files of a pack as data: bounded, UTF-8, inside the pack's folder, and every leniency reported."""

from __future__ import annotations

import json
import stat
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from forethought.kernel.problems import Place

from .plain import MAX_DEPTH, flaw_in
from .reports import Report, place_at

if TYPE_CHECKING:
    import yaml

__all__ = ["MAX_BYTES", "leads_out", "parse_json", "parse_yaml", "read_text"]


class _Mark(Protocol):
    line: int
    column: int


MAX_BYTES = 1_000_000
_LONGEST_NUMBER = 100  # characters of a number in YAML
_MAX_LENIENT = 50_000  # characters: json5 is written in Python, and slow


def read_text(path: Path, root: Path, report: Report, *, limit: int = MAX_BYTES) -> str | None:
    """Return the text of a file of the pack at `root`; None, with the reason reported, where it cannot be read."""
    try:
        if leads_out(path, root):
            report.error("outside-pack", f"'{path.name}' leads out of the pack", hint="copy the file into the pack")
            return None
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            report.error("not-a-file", f"'{path.name}' is not a regular file")
            return None
        if status.st_size > limit:
            report.error("file-too-large", f"'{path.name}' has {status.st_size:,} bytes, over {limit:,}")
            return None
        data = path.read_bytes()
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of symbolic links, before Python 3.13
        reason = getattr(error, "strerror", None) or str(error)
        report.error("unreadable-file", f"'{path.name}' cannot be read: {reason}")
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        place = place_at(before, len(before))
        report.error("not-utf8", f"'{path.name}' is not UTF-8", hint="save it as UTF-8", place=place)
        return None
    if text.startswith("\ufeff"):
        text = text[1:]
        report.notice("byte-order-mark", "the byte order mark was skipped")
    report.text = text.replace("\r\n", "\n").replace("\r", "\n")
    return report.text


def leads_out(path: Path, root: Path) -> bool:
    """Say whether a path of the pack at `root`, at most two levels deep, leads out of it by a symbolic link."""
    linked = path.is_symlink() or path.parent.is_symlink()
    return linked and not path.resolve().is_relative_to(root.resolve())


def parse_json(text: str, report: Report) -> Mapping[str, object] | None:
    """Return the object that `text` holds; comments and trailing commas are read too, and reported."""
    repeated: list[str] = []

    def members(given: Iterable[tuple[str, object]]) -> dict[str, object]:
        pairs = list(given)
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                repeated.append(key)
            seen.add(key)
        return dict(pairs)

    try:
        value: object = json.loads(text, object_pairs_hook=members)
    except RecursionError:
        report.error("bad-json", "it is nested too deeply")
        return None
    except ValueError as strict:
        repeated.clear()
        message = strict.msg if isinstance(strict, json.JSONDecodeError) else str(strict)
        place = place_at(text, strict.pos) if isinstance(strict, json.JSONDecodeError) else None
        if len(text) > _MAX_LENIENT:
            report.error("bad-json", f"it is not JSON: {message}", place=place)
            return None
        import json5

        try:
            value = cast("object", json5.loads(text, object_pairs_hook=members))
        except (ValueError, RecursionError):
            report.error("bad-json", f"it is not JSON: {message}", place=place)
            return None
        report.notice(
            "lenient-json",
            f"it is not strict JSON ({message}) and was read leniently",
            hint="remove comments and trailing commas",
            place=place,
        )
    return _object(value, repeated, "bad-json", report)


def parse_yaml(text: str, report: Report) -> Mapping[str, object] | None:
    """Return the mapping that `text` holds; aliases are refused, and dates stay the text they are."""
    import yaml

    repeated: list[str] = []
    loader = _yaml_loader(repeated)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH or isinstance(event, yaml.AliasEvent):
                why = "aliases are not read" if isinstance(event, yaml.AliasEvent) else "it is nested too deeply"
                report.error("bad-yaml", why, place=_place_of(event.start_mark))
                return None
        value: object = yaml.load(text, Loader=loader)
    except (yaml.YAMLError, ValueError, RecursionError, LookupError, AttributeError) as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or str(error).partition("\n")[0]
        if isinstance(error, LookupError | AttributeError):  # how PyYAML fails on `!!bool maybe` or `!!int ""`
            why = "a value does not fit its tag"
        report.error("bad-yaml", f"it is not YAML: {why}", place=_place_of(mark))
        return None
    return _object(value, repeated, "bad-yaml", report)


def _place_of(mark: _Mark | None) -> Place | None:
    return Place(mark.line + 1, mark.column + 1) if mark is not None else None


def _yaml_loader(repeated: list[str]) -> type[yaml.SafeLoader]:
    import yaml

    fast = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))

    class Loader(fast):  # type: ignore[misc, valid-type]
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
            seen: set[str] = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode):
                    repeated.extend([key.value] if key.value in seen else [])
                    seen.add(key.value)
            return cast("dict[Hashable, object]", super().construct_mapping(node, deep=deep))

        def construct_number(self, node: yaml.ScalarNode) -> object:
            if len(node.value) > _LONGEST_NUMBER:  # 1:1:1… to base 60, and the like: slow to read, impossible to write
                raise yaml.constructor.ConstructorError(problem="a number is too long", problem_mark=node.start_mark)
            is_whole = node.tag.endswith(":int")
            return self.construct_yaml_int(node) if is_whole else self.construct_yaml_float(node)

    for kind in ("int", "float"):
        Loader.add_constructor(f"tag:yaml.org,2002:{kind}", Loader.construct_number)
    timestamp = "tag:yaml.org,2002:timestamp"
    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != timestamp]
        for first, resolvers in fast.yaml_implicit_resolvers.items()
    }
    return Loader


def _object(value: object, repeated: list[str], code: str, report: Report) -> Mapping[str, object] | None:
    flaw = flaw_in(value)
    if flaw is not None:
        report.error(code, flaw)
        return None
    for key in repeated:
        report.notice("duplicate-key", f"'{key}' is written twice; the last one counts", key=key)
    if not isinstance(value, dict):
        report.error("wrong-type", f"it holds {_kind(value)}, not an object")
        return None
    return {str(key): each for key, each in cast("dict[object, object]", value).items()}


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case list():
            return "a list"
        case str():
            return "a string"
        case _:
            return f"'{value}'"
