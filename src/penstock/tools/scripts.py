"""A project's scripts: each compiles, is imported, has help, and refuses an option that it does not know."""

from __future__ import annotations

from penstock.model.plan import PYTHON
from penstock.ports import ToolContext
from penstock.tools.special import SpecialTool, encoded
from penstock.util.globs import matching

ENDINGS = (".py", ".sh", ".bash")  # of what is a script whatever stands in its first line


class Scripts(SpecialTool):
    """One process that starts one for each question, in the project's environment."""

    def listed(self, context: ToolContext) -> int:
        """How many files have to be examined, whatever the guest makes of the others."""
        return sum(path.endswith(ENDINGS) for path in context.chosen)

    def words(self, context: ToolContext) -> tuple[str, ...]:
        """The options, and one word a file."""
        spec = context.spec
        named = spec.option_words("paths")
        settings = {
            "help": spec.option("help", "--help") or "",
            "unknown": spec.option("unknown", default=True),
            "arguments": spec.option_words("arguments"),
            "timeout": spec.option("timeout", 30.0),
            "workers": spec.cpus,
            "console": context.project.name if spec.option("console", not named) else "",
            "asked": spec.option("console", default=False),
        }
        marks = {name: frozenset(matching(spec.option_words(name), context.chosen)) for name in ("plain", "unguarded")}
        files = (
            {"path": path, **{name: path in marked for name, marked in marks.items()}, "named": path in named}
            for path in context.chosen
        )
        return tuple(encoded(each) for each in (settings, *files))


SCRIPTS = Scripts("scripts", "penstock_scripts.py", python=PYTHON)
