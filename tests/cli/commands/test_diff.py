"""`forethought diff`: what changed, and the exit status that says whether anything did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought

OLD = """\
<plan goal="Greet">
  <input name="NAME">Steven</input>
  <function.Names.getNickName input="$NAME" setContextVariable="NICK"/>
  <function.StringFunctions.stringReplace input="Hello NAME" from="NAME" to="$NICK"/>
  <function.Emailer.getEmailAddress input="Steven"/>
</plan>
"""
NEW = """\
<plan goal="Greet">
  <input name="NAME">Stephanie</input>
  <function.Emailer.getEmailAddress input="Steven"/>
  <function.Names.getNickName input="$NAME" setContextVariable="NICK"/>
  <!-- as she likes it -->
  <function.StringFunctions.stringReplace to="$NICK" from="NAME"><arg name="input">Dear NAME,
how are you?</arg></function.StringFunctions.stringReplace>
  <function.Names.getNickName input="\u202ex"/>
</plan>
"""


@pytest.fixture(autouse=True)
def plans(workplace: Path) -> None:
    (workplace / "old.xml").write_text(OLD, encoding="utf-8")
    (workplace / "new.xml").write_text(NEW, encoding="utf-8")


def test_the_same_plans_have_no_changes(forethought: Forethought) -> None:
    done = forethought("diff", "old.xml", "old.xml")
    assert (done.status, done.output, done.messages) == (0, "no changes\n", "")


def test_changes_are_told_step_by_step(forethought: Forethought) -> None:
    done = forethought("diff", "old.xml", "new.xml")
    assert (done.status, done.messages) == (1, "")
    assert (
        done.output
        == """\
~ input $NAME
    - default = Steven
    + default = Stephanie
> 1. Emailer.getEmailAddress (was 3)
~ 3. StringFunctions.stringReplace (was 2)
    - input = Hello NAME
    + input = Dear NAME,
    +   | how are you?
    + comment = as she likes it
+ 4. Names.getNickName
      input = \\u202ex
1 added, 2 changed, 1 moved
"""
    )


def test_as_json(forethought: Forethought) -> None:
    assert forethought("diff", "old.xml", "old.xml", "--json").json == {"same": True, "changes": []}
    done = forethought("diff", "old.xml", "new.xml", "--json")
    changes = done.rows("changes")
    assert (done.status, done.json["same"]) == (1, False)
    assert changes[1] == {
        "of": "step",
        "kind": "moved",
        "old": "3",
        "new": "1",
        "label": "Emailer.getEmailAddress",
        "details": [],
    }
    assert changes[0]["details"] == [{"name": "default", "old": "Steven", "new": "Stephanie"}]


def test_a_plan_that_cannot_be_read_is_trouble_not_a_difference(forethought: Forethought, workplace: Path) -> None:
    (workplace / "bad.xml").write_text("<plan><oops/></plan>", encoding="utf-8")
    done = forethought("diff", "old.xml", "bad.xml")
    assert (done.status, done.output) == (2, "")
    assert "bad.xml:1:7: error: there is no element 'oops' in 'plan'" in done.messages
    assert forethought("diff", "old.xml", "no.xml").status == 2
    both = forethought("diff", "-", "-")
    assert (both.status, both.messages) == (
        2,
        "forethought: error: diff: standard input can be one of the plans, not both\n",
    )
