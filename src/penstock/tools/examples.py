"""Examples: programs, notebooks and code blocks of Markdown pages, each run to its end."""

from __future__ import annotations

from msgspec.structs import replace

from penstock.model.plan import PYTHON, Command
from penstock.ports import ToolContext
from penstock.tools import versions
from penstock.tools.special import SpecialTool, encoded
from penstock.util.globs import matching

_ALWAYS = (".py", ".ipynb")  # a page may hold no code, and is then no example
_NOTEBOOK = ".ipynb"


class Examples(SpecialTool):
    """One process that starts one for each example. Notebooks take nbclient and a kernel into the environment."""

    requirement = versions.NOTEBOOKS

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """With notebooks only where there are some."""
        (command,) = super().commands(context)
        return (replace(command, layered=any(path.endswith(_NOTEBOOK) for path in context.chosen)),)

    def listed(self, context: ToolContext) -> int:
        """How many files have to be examined."""
        return sum(path.endswith(_ALWAYS) for path in context.chosen)

    def words(self, context: ToolContext) -> tuple[str, ...]:
        """The options, and one word a file."""
        spec = context.spec
        reasons: dict[str, str] = {}
        for pattern, reason in spec.option_pairs("not_run"):
            reasons |= dict.fromkeys(matching((pattern,), context.chosen), reason)
        needs: dict[str, list[str]] = {}
        for pattern, need in spec.option_pairs("needs"):
            for path in matching((pattern,), context.chosen):
                needs.setdefault(path, []).append(need)
        settings = {
            "timeout": spec.option("timeout", 60.0),
            "workers": spec.cpus,
            "own": spec.option("directory", "root") == "own",
        }
        files = ({"path": path, "not_run": reasons.get(path), "needs": needs.get(path, [])} for path in context.chosen)
        return tuple(encoded(each) for each in (settings, *files))


EXAMPLES = Examples("examples", "penstock_examples.py", python=PYTHON)
