"""unittest, recorded by penstock's own start of `python -m unittest`."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.model.plan import GUEST, PYTHON, Command, Job
from penstock.model.records import Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import guests, recorded

STARTER = f"{GUEST}/penstock_unittest.py"


class Unittest:
    """The tool `unittest`: what `python -m unittest …` would run, test by test in the log."""

    name = "unittest"
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """One process: the suite's own words (`discover -s tests -t .`, or names), else plain discovery."""
        options = context.suite.interpreter if context.suite is not None else ()
        folder = guests.directory(context)
        argv = (PYTHON, *options, STARTER, *guests.seen_from(folder, _words(context)), *context.spec.args)
        variables = guests.variables(context, on_path=False)
        return (Command(argv=argv, environment=variables, directory=folder, tool=self.name),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """See `recorded.read`."""
        return recorded.read(ended, reports, job, own=guests.owner(job), unheard="unittest says why in the job's log")


# unittest's discovery takes one start folder; declared paths may be several.
_SEVERAL = """\
import sys, unittest
found = unittest.TestSuite(unittest.defaultTestLoader.discover(folder) for folder in sys.argv[1:])
sys.exit(not unittest.TextTestRunner().run(found).wasSuccessful())
"""


def _words(context: ToolContext) -> tuple[str, ...]:
    """What the starter gets: `discover …`, `run NAMES`, or a small runner of several folders."""
    spec = context.spec
    words = context.suite.argv if context.suite is not None else ()
    keyword = ("-k", spec.keyword) if spec.keyword else ()
    if spec.paths and not set(spec.paths) <= set(words):  # declared paths that the suite's own words do not cover
        if not all(_is_folder(path) for path in spec.paths):
            return ("run", *spec.paths, *keyword)
        if len(spec.paths) > 1:
            return ("own", "-c", _SEVERAL, *spec.paths)
        return ("discover", "-s", *spec.paths, *keyword)
    if words and words[0] != "discover":
        return ("run", *words, *keyword)
    return (*(words or ("discover",)), *keyword)


def _is_folder(path: str) -> bool:
    """Whether a declared path is a folder and not a file (`tests/test_a.py`) or a dotted name (`pkg.tests`)."""
    return ("/" in path.rstrip("/") and not path.endswith(".py")) or "." not in path.strip("./")
