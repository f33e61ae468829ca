"""Hiding: no secret is on any output of a command, unless `--show-secrets` asks for them.

All that a command says passes through one of these, its console's. What a renderer shortens or takes apart is hidden
before, so that no half of a secret is left.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forethought.kernel.redacting import Redaction
    from forethought.planners.checking.bound import BoundPlan, BoundStep
    from forethought.planners.language.comparing import Change, Detail
    from forethought.planners.running.events import Event
    from forethought.planners.running.result import RunResult
    from forethought.planners.running.secrecy import Secrecy
    from forethought.planners.scheduling.schedule import Schedule

__all__ = ["Hiding"]

_ATTRIBUTE = re.compile(r"""([\w:.-]+)(\s*=\s*["'])([^"'$][^"']*)""")


class Hiding:
    """The secrets of one command; `hid` says whether there was one. With `off`, everything is shown.

    What they are is known from their names, from their looks, from `redact` in forethought.toml, and from the plans and
    runs that it is told of. (Nothing is imported before something is hidden: `--help` is quick.)
    """

    __slots__ = ("_known", "_looks", "hid", "off")

    def __init__(self, *, off: bool = False) -> None:
        self.hid = False
        self.off = off
        self._looks: Redaction | None = None
        self._known: Secrecy | None = None

    @property
    def _redaction(self) -> Redaction:
        if self._looks is None:
            from forethought.kernel.errors import SettingsError
            from forethought.kernel.redacting import Redaction, patterns
            from forethought.kernel.settings import load_settings

            try:
                self._looks = Redaction(patterns(load_settings()))
            except SettingsError:  # the command says so, if it needs them
                self._looks = Redaction()
        return self._looks

    @property
    def _secrecy(self) -> Secrecy:
        if self._known is None:
            from forethought.planners.running.secrecy import Secrecy

            self._known = Secrecy(self._redaction)
        return self._known

    def text(self, text: str) -> str:
        """Return a text without its secrets."""
        return text if self.off else self._redaction.text(text, self._mark)

    def value(self, value: object) -> object:
        """Return a value as JSON has it without its secrets."""
        return value if self.off else self._redaction.value(value, self._mark)

    def members(self, document: Mapping[str, object]) -> dict[str, object]:
        """Return a document without its secrets."""
        return {name: self.value(each) for name, each in document.items()}

    def source(self, text: str) -> str:
        """Return the text of a plan in which stars are in the place of its secrets, so that all else stays in its."""
        if self.off:
            return text
        from forethought.kernel.redacting import is_secret_name

        def attribute(found: re.Match[str]) -> str:
            name, sign, value = found.groups()
            return f"{name}{sign}{self._stars(value)}" if is_secret_name(name) else found[0]

        return self._redaction.text(_ATTRIBUTE.sub(attribute, text), self._stars)

    def begin(self, plan: BoundPlan, given: Mapping[str, object]) -> None:
        """Take note of the secrets of a plan, and of the variables that it is given."""
        if not self.off:
            self._secrecy.begin(plan, given)

    def listen(self, event: Event) -> None:
        """Take note of the secrets of a run: to be told of its events before anybody who shows them."""
        if self.off:
            return
        from forethought.planners.running.events import RunStarted, StepFinished, StepStarted

        if isinstance(event, RunStarted) and event.schedule and event.given is not None:
            self._secrecy.begin(event.schedule.bound, event.given)
        elif isinstance(event, StepStarted):
            self._secrecy.called(event.function, event.arguments)
        elif isinstance(event, StepFinished):
            self._secrecy.gave(event.step, event.output)

    def output(self, step: str, output: str) -> str:
        """Return what a step gave, as text, without its secrets."""
        if self.off:
            return output
        return self._mark("") if output and self._secrecy.output(step) else self.text(output)

    def given(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return what inputs are given without the secrets."""
        if self.off:
            return dict(given)
        return {name: self._mark("") if self._secrecy.variable(name) else self.text(given[name]) for name in given}

    def schedule(self, schedule: Schedule, given: Mapping[str, object]) -> Schedule:
        """Return a plan to be shown: in the place of its secrets it says that they are hidden."""
        if self.off:
            return schedule
        import dataclasses

        self.begin(schedule.bound, given)
        plan, secrecy = schedule.bound.plan, self._secrecy
        inputs = [
            dataclasses.replace(each, value=self._mark("") if secrecy.variable(each.name) else self.text(each.value))
            if each.value
            else each
            for each in plan.inputs
        ]
        bound = dataclasses.replace(schedule.bound, plan=dataclasses.replace(plan, inputs=tuple(inputs)))
        steps = [dataclasses.replace(each, bound=self._step(each.bound)) for each in schedule.steps]
        return dataclasses.replace(schedule, bound=bound, steps=tuple(steps))

    def _step(self, bound: BoundStep) -> BoundStep:
        from forethought.kernel.redacting import is_secret_name
        from forethought.planners.language.templates import parse_template

        secret = {at for parameter, at in bound.layout.given if parameter.secret and at is not None}
        values = [
            self._mark("")
            if (at in secret or is_secret_name(name)) and value and not parse_template(value).references
            else self.text(value)
            for at, (name, value) in enumerate(zip(bound.step.names, bound.step.values, strict=True))
        ]
        if tuple(values) == bound.step.values:
            return bound
        step = bound.step._replace(values=tuple(values))
        return bound._replace(step=step, referring=tuple(each._replace(step=step) for each in bound.referring))

    def changes(self, changes: Sequence[Change]) -> list[Change]:
        """Return what changed between two plans without the secrets."""
        import dataclasses

        from forethought.kernel.redacting import is_secret_name

        def shown(name: str, value: str | None) -> str | None:
            secret = value and is_secret_name(name) and not value.startswith("$")
            return self._mark("") if secret else value and self.text(value)

        def hidden(change: Change, each: Detail) -> Detail:
            name = change.label if change.of == "input" and each.name == "value" else each.name
            return dataclasses.replace(each, old=shown(name, each.old), new=shown(name, each.new))

        if self.off:
            return list(changes)
        return [dataclasses.replace(one, details=tuple(hidden(one, each) for each in one.details)) for one in changes]

    def document(self, result: RunResult) -> dict[str, object]:
        """Return what came of a run in the shape of `run --json`, without its secrets."""
        document = result.as_json()
        if self.off:
            return document
        from typing import cast

        secrecy = self._secrecy
        variables = cast("dict[str, object]", document["variables"])
        document["variables"] = {
            name: self._mark("") if value and secrecy.variable(name) else value for name, value in variables.items()
        }
        for step in cast("list[dict[str, object]]", document["steps"]):
            if step["output"] and secrecy.output(str(step["id"])):
                step["output"] = self._mark("")
        return document

    def _mark(self, secret: str) -> str:
        from forethought.kernel.redacting import HIDDEN

        self.hid = True
        return HIDDEN

    def _stars(self, secret: str) -> str:
        self.hid = True
        return "*" * len(secret)
