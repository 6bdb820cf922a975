"""`scripts = [ … ]`: the project's own scripts, each tried."""

from __future__ import annotations

from penstock.load.kinds.special import Special
from penstock.load.shapes import GLOB, List, Or
from penstock.load.table import Key
from penstock.load.types import Duration, Flag, Text
from penstock.model.pipeline import JobKind

PATTERNS = List(item=GLOB, single=True, least=1, words="a path or a list of paths")
_OPTION = r"^--?[A-Za-z][^\x00-\x1f]*$"

SCRIPTS = Special(
    kind=JobKind.SCRIPTS,
    does="tries scripts: syntax, import, `--help`, arguments",
    doc="The job tries the scripts under these paths (`.py`, `.sh`, `.bash`, others by their first line), or with "
    "`true` the console scripts of the project and those in `scripts/`.",
    such='{ paths = ["scripts/*.py"], exclude = ["scripts/old/**"] }',
    main="paths",
    keys=(
        Key(
            name="paths",
            shape=Or(
                constant=True, meaning=(), constant_words="true (the console scripts, and `scripts/`)", shape=PATTERNS
            ),
            default="true",
            doc="The scripts. Each pattern has to match one.",
        ),
        Key(name="exclude", shape=PATTERNS, default="none", doc="What the paths match, and is not tried."),
        Key(
            name="console",
            shape=Flag(),
            default="true where `paths` is true",
            doc="Whether the project's console scripts are tried: each is installed, found, and has help.",
        ),
        Key(
            name="help",
            shape=Or(
                constant=False,
                meaning=False,
                constant_words="false (none is asked for)",
                shape=Text(words="an option", pattern=_OPTION),
            ),
            default='"--help"',
            doc="The option that makes each script put out something and end with 0.",
        ),
        Key(
            name="unknown",
            shape=Flag(),
            default="true",
            doc="Whether each script is given an option that it cannot know, with which it must not end with 0.",
        ),
        Key(
            name="arguments",
            shape=List(
                item=Text(words="arguments as a string", pattern=r"^[^\x00]*\S[^\x00]*$"), words="a list of strings"
            ),
            default="[]",
            doc='Further calls of each script, such as `["--dry-run", "--list --json"]`: each has to end with 0.',
        ),
        Key(
            name="plain",
            shape=PATTERNS,
            default="none",
            doc="Scripts that take no options: they are imported, and not called.",
        ),
        Key(
            name="unguarded",
            shape=PATTERNS,
            default="none",
            doc="Scripts without a main guard that may be imported all the same: what they do is done then.",
        ),
        Key(name="timeout", shape=Duration(), default='"30s"', doc="Time for one call of one script."),
    ),
)
