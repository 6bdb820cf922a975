"""`examples = [ … ]`: programs, notebooks and pages that have to run."""

from __future__ import annotations

from penstock.load.kinds.scripts import PATTERNS
from penstock.load.kinds.special import Special
from penstock.load.shapes import GLOB, VARIABLE, Scalars
from penstock.load.table import Key
from penstock.load.types import Choice, Duration
from penstock.model.pipeline import JobKind

_PATTERN = "a path or pattern inside the project"

EXAMPLES = Special(
    kind=JobKind.EXAMPLES,
    does="runs examples: programs, notebooks, code blocks of Markdown pages",
    doc="The job runs the examples under these paths, each to its end: `.py` files, `.ipynb` notebooks, and the "
    "`python` blocks of `.md` pages, those of one page as one program. `cpus` of them run at once.",
    such='{ paths = ["examples/**/*.py", "docs/**/*.md"], timeout = "2m" }',
    main="paths",
    keys=(
        Key(name="paths", shape=PATTERNS, required=True, doc="The examples. Each pattern has to match one."),
        Key(name="exclude", shape=PATTERNS, default="none", doc="What the paths match, and is no example."),
        Key(name="timeout", shape=Duration(), default='"1m"', doc="Time for one example."),
        Key(
            name="directory",
            shape=Choice(options=("root", "own")),
            default='"root"',
            doc='Where a program or page runs: in the root, or with `"own"` in its own folder, as notebooks do.',
        ),
        Key(
            name="not_run",
            shape=Scalars(words="a table of patterns with a reason each", keys=GLOB.pattern, key_words=_PATTERN),
            default="{}",
            doc="Examples that are not run, and why. Their syntax and their imports are checked.",
        ),
        Key(
            name="needs",
            shape=Scalars(
                words='a table of patterns with "gpu", "network" or a variable each',
                keys=GLOB.pattern,
                key_words=_PATTERN,
                values=VARIABLE,
            ),
            default="{}",
            doc='Examples that cannot run everywhere: by pattern "gpu", "network", or the name of a variable that has '
            "to be set. Where it lacks, the example is not verified, and the job with it.",
        ),
    ),
)
