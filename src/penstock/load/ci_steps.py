"""Steps of one's own in the generated configuration: a script, or an action at one commit.

They are held to what the generated steps keep: no expression stands in a script, and no tag names an action.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from penstock.load import occasions
from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.shapes import VARIABLE, List, Scalars
from penstock.load.table import Key, Table
from penstock.load.types import Text
from penstock.model.hosts import Step
from penstock.value import Value

_NO_EXPRESSION = r"^(?![\s\S]*\$\{\{)[^\x00]*[^\x00\s][^\x00]*$"
_BY_VARIABLE = 'give it as a variable: env = { TITLE = "${{ … }}" }, and "$TITLE" in the script'
CONDITION = Text(words="a condition, as `if` of the host has it, in one line", pattern=r"^[^\x00-\x1f]+$")
VERSION = Text(words='what people call the commit, such as "v4.2.0"', pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")
ENVIRONMENT = Scalars(words="a table of variables", keys=VARIABLE, key_words="the name of a variable")
USES = Text(
    words='an action at one commit, "owner/name@" and 40 hex digits, or one of the repository, "./path"',
    pattern=r"^(?:[A-Za-z0-9_.-]+/[A-Za-z0-9_./-]+@[0-9a-f]{40}|\./(?!\.\./)(?!.*/\.\.(?:/|$))[A-Za-z0-9_./-]+)$",
    hint="a tag can be moved to other code: name the commit that it stands for, and the tag as `version`",
)
# The input by which an action takes code: https://github.com/actions/github-script#reading-step-results
_CODE = "script"


class Script(Value, frozen=True, kw_only=True):
    """The script of a step. An expression would paste what strangers write (a title, a branch) into code."""

    words: str = "a script for bash"

    def read(self, raw: object, path: KeyPath, findings: Findings) -> str | None:
        """The script."""
        if isinstance(raw, str) and "${{" in raw:
            findings.add("C103", "an expression in a script becomes part of its code", path, remedy=_BY_VARIABLE)
            return None
        return Text(words=self.words, pattern=_NO_EXPRESSION).read(raw, path, findings)

    def schema(self) -> dict[str, Any]:
        """A string without an expression."""
        return {"type": "string", "pattern": _NO_EXPRESSION}


KEYS = (
    Key(name="name", shape=CONDITION, default="what it runs or uses", doc="What the host's page calls it."),
    Key(name="run", shape=Script(), doc="A script for bash. What an expression says comes by `env`."),
    Key(name="uses", shape=USES, doc="An action, in place of `run`."),
    Key(name="version", shape=VERSION, doc="The version of that commit, as a comment for readers."),
    Key(
        name="with",
        shape=Scalars(words="a table of inputs", keys=r"^[A-Za-z_][A-Za-z0-9_-]*$", key_words="the name of an input"),
        field="given",
        default="{}",
        doc="Inputs of the action.",
    ),
    Key(name="env", shape=ENVIRONMENT, field="environment", default="{}", doc="Variables of this step."),
    Key(
        name="if", shape=CONDITION, field="condition", default="all before it succeeded", doc="When the step is wanted."
    ),
)
OF_JOBS = Key(
    name="jobs",
    shape=List(item=Text(words="the name of a generated job"), single=True, least=1, words="a job or a list of jobs"),
    default="all that the plan has",
    doc="The generated jobs that have the step.",
)
OF_RUNS = Key(
    name="on",
    shape=occasions.ON.shape,
    default="all",
    doc='What the step is for: `"change"`, `"nightly"`, `"release"`. An action that caches has no place in a release.',
)
WORDS = 'a list of steps such as { run = "make ready" }'


def steps(keys: tuple[Key, ...], *, least: int = 0) -> List:
    """A list of steps with these keys."""
    return List(
        item=Table(keys=keys, words="a table with `run` or `uses`", where="a step"),
        words=WORDS,
        least=least,
        unique=False,
    )


def made(tables: Iterable[dict[str, Any]], path: KeyPath, findings: Findings) -> tuple[Step, ...]:
    """The steps. Notes those that say nothing, two things, or give an action code that strangers can write."""
    found = tuple(Step(**table) for table in tables)
    for index, step in enumerate(found):
        at = (*path, index)
        if bool(step.run) == bool(step.uses):
            what = "both `run` and `uses`" if step.run else "neither `run` nor `uses`"
            findings.add("C212", f"the step says {what}", at, remedy="a step is a script, or an action")
        if step.run and (step.given or step.version):
            key = "with" if step.given else "version"
            findings.add("C212", f"`{key}` belongs to a step that `uses` an action", (*at, key), remedy="leave it out")
        if any(name == _CODE and "${{" in value for name, value in step.given):
            remedy = "give it as a variable of the step (`env`), and read that"
            findings.add("C103", "an expression in a script becomes part of its code", (*at, "with"), remedy=remedy)
    return found
