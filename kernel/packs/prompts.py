"""Prompt functions: `Name/skprompt.txt` with its `config.json`, and `Name.yaml`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from forethought.kernel.errors import TemplateError
from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.problems import Place
from forethought.kernel.schemas import JsonSchema
from forethought.kernel.values import STRING, ValueType

from .configs import PromptConfig, read_config
from .files import parse_json, parse_yaml, read_text
from .hints import UNKNOWN, with_hints
from .pack import PackFunction, PromptSource, is_name
from .reports import Report

if TYPE_CHECKING:
    from forethought.kernel.templating.formats import TemplateFormat

__all__ = ["PROMPT_FILES", "read_prompt_folder", "read_prompt_yaml"]

PROMPT_FILES = {
    "skprompt.txt": "",
    "skprompt.handlebars": "handlebars",
    "skprompt.hbs": "handlebars",
    "skprompt.jinja2": "jinja2",
    "skprompt.j2": "jinja2",
}


_DESCRIBE = "a planner chooses by the description: add one"


def read_prompt_folder(folder: Path, root: Path, report: Report) -> PackFunction | None:
    """Read a prompt function; the folder's name is the function's. None, with the reason reported, if it cannot be."""
    files = [name for name in PROMPT_FILES if (folder / name).exists()]
    config_file = folder / "config.json"
    if not files:
        where = report.on(config_file if config_file.exists() else folder)
        if config_file.exists():
            where.error("missing-prompt", f"'{folder.name}' has a config.json and no skprompt.txt")
        else:
            where.notice("not-a-function", f"'{folder.name}' holds no skprompt.txt and was skipped")
        return None
    prompt_file = folder / files[0]
    report = report.on(prompt_file)
    for ignored in files[1:]:
        report.warning("ignored-file", f"'{ignored}' is ignored, '{files[0]}' is the prompt")
    if not is_name(folder.name):
        report.error("bad-name", f"'{folder.name}' cannot name a function", hint="rename the folder")
        return None
    template = read_text(prompt_file, root, report)
    if template is None:
        return None
    config = PromptConfig()
    if config_file.exists() or config_file.is_symlink():
        of_config = report.on(config_file)
        text = read_text(config_file, root, of_config)
        raw = None if text is None else parse_json(text, of_config)
        if raw is None:
            return None
        config = read_config(raw, root.name, of_config)
        if not config.description:
            of_config.notice("missing-description", f"'{folder.name}' has no description", hint=_DESCRIBE)
        if config.name not in ("", folder.name):
            of_config.notice("ignored-key", f"'name' is ignored, the folder names it '{folder.name}'", key="name")
    else:
        report.notice("missing-config", f"'{folder.name}' has no config.json", hint=_DESCRIBE)
    told = PROMPT_FILES[files[0]]
    named = told or config.format
    if config.format not in ("", named):
        report.warning("template-format", f"the config says '{config.format}', the file's name says '{told}'")
    return _prompt(folder.name, template, named=named, config=config, plugin=root.name, report=report)


def read_prompt_yaml(file: Path, root: Path, report: Report) -> PackFunction | None:
    """Read a YAML prompt; its `name`, else the file's, is the function's."""
    report = report.on(file)
    text = read_text(file, root, report)
    raw = None if text is None else parse_yaml(text, report)
    if raw is None:
        return None
    if "template" not in raw:
        report.warning("missing-prompt", f"'{file.name}' has no 'template' and is not read as a prompt")
        return None
    config = read_config(raw, root.name, report)
    name = config.name or file.stem
    if not is_name(name):
        report.error("bad-name", f"'{name}' cannot name a function", key="name")
        return None
    if not config.description:
        report.notice("missing-description", f"'{name}' has no description", hint=_DESCRIBE)
    if config.template is None:
        report.error("missing-prompt", "'template' is empty", key="template")
        return None
    return _prompt(name, config.template, named=config.format, config=config, plugin=root.name, report=report)


def _prompt(
    name: str, template: str, *, named: str, config: PromptConfig, plugin: str, report: Report
) -> PackFunction | None:
    from forethought.kernel.templating.formats import TemplateFormat as Formats
    from forethought.kernel.templating.functions import functions_of
    from forethought.kernel.templating.variables import variables_of

    formats = get_args(Formats)
    if named and named not in formats:
        hint = f"write one of {', '.join(formats)}"
        report.error("template-format", f"'{named}' is not a template language", hint=hint)
        return None
    language = cast("TemplateFormat", named or "semantic-kernel")
    try:
        used, called = variables_of(template, language), functions_of(template, language)
    except TemplateError as error:
        if error.line and report.file.stem == "skprompt":
            report.error("bad-template", error.reason, place=Place(error.line, 1))
        else:
            report.error("bad-template", str(error))
        return None
    parameters = _with_used(config.parameters, used, report)
    schema_from = _schema_from(config.schema_from, parameters, report)
    signature = FunctionSignature(
        plugin=plugin,
        name=name,
        kind="prompt",
        description=config.description,
        parameters=tuple(_of_schemas(each) if each.name == schema_from else each for each in parameters),
        returns=config.returns,
        returns_description=config.returns_description,
        source=str(report.file),
    )
    hints = config.hints
    if called and "effect" not in hints:
        hints = {**UNKNOWN, **hints}
        message = f"the template calls '{called[0]}': unless an effect is declared, it counts as writing everything"
        report.notice("undeclared-effect", message, hint="declare it in the config, or in pack.yaml")
    source = PromptSource(template, language, config.settings, config.schema, schema_from)
    return PackFunction(with_hints(signature, hints), source)


def _schema_from(named: str, parameters: tuple[Parameter, ...], report: Report) -> str:
    """Return the canonical name of the parameter whose value is the schema of the output; nothing where none is."""
    found = next((each.name for each in parameters if each.name.lower() == named.lower()), "")
    if named and not found:
        message = f"'json_schema_from' names the parameter '{named}', which there is not"
        report.error("unknown-parameter", message, key="json_schema_from")
    return found


def _of_schemas(parameter: Parameter) -> Parameter:
    return dataclasses.replace(parameter, type=ValueType("object", hint=JsonSchema))


def _with_used(declared: tuple[Parameter, ...], used: tuple[str, ...], report: Report) -> tuple[Parameter, ...]:
    """Add the variables that the template uses and the configuration does not declare; case makes no difference."""
    found = {parameter.name.lower(): parameter for parameter in declared}
    for name in used:
        folded = name.lower()
        if folded in found:
            continue
        found[folded] = Parameter("input" if folded == "input" else name, STRING)
        if declared:
            hint = "declare it among the input variables"
            report.notice("undeclared-variable", f"the template uses '{name}', which is not declared", hint=hint)
    return tuple(found.values())
