"""The keys by which a job says for which runs it is: their occasion, and their branch."""

from __future__ import annotations

from penstock.load.shapes import List
from penstock.load.table import Key
from penstock.load.types import Choice, Text
from penstock.model.pipeline import OCCASIONS

BRANCH = Text(words="a branch or a pattern", pattern=r"^[A-Za-z0-9*][A-Za-z0-9._/*+-]*$")
ON = Key(
    name="on",
    shape=List(
        item=Choice(options=OCCASIONS), single=True, least=1, words=f"one of {', '.join(OCCASIONS)}, or a list of them"
    ),
    default='["change", "nightly"]; of `build`, all',
    doc='What the job is for: `"change"` (pull requests, the merge queue, pushes, runs by hand, your own machine), '
    '`"nightly"`, `"release"`. In other runs it runs only where a job that runs needs it.',
)
BRANCHES = Key(
    name="branches",
    shape=List(item=BRANCH, single=True, least=1, words="a branch or a pattern, or a list of them"),
    default="all",
    doc="The job is wanted only on a branch that fits one of these (`*` stops at a slash, `**` does not): of a pull "
    "request its own, in a merge queue the one that it leads to. A fork's branch fits none.",
)
