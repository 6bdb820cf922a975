"""`penstock test`: the test engine alone, in the active environment. It builds, installs and resolves nothing.

Whatever is not an option of its own goes to pytest as it was typed.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.cli import files, project, words
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings, look
from penstock.errors import ExitCode, UsageError
from penstock.plan import alone
from penstock.report.screen import Screen
from penstock.util import tree
from penstock.util.clock import random_hex

if TYPE_CHECKING:
    from penstock.cli import testing
    from penstock.model.pipeline import Quarantine

# Described here, and pytest's own all the same.
_THROUGH = ("-k", "-m", "-x", "--exitfirst", "--maxfail", "--lf", "--last-failed", "--ff", "--failed-first", "--pdb")
_USAGE = 4  # pytest's exit code
_CONFTEST = b"while loading conftest"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.allow_abbrev = False
    parser.add_argument("paths", nargs="*", metavar="PATH|NODE ID", help="what to run, as pytest takes it")
    parser.add_argument(
        "-n", "--numprocesses", dest="workers", default="auto", metavar="N", help="workers: auto = one a CPU, 0 = none"
    )
    parser.add_argument("--python", metavar="PATH", help="the interpreter or environment, if not the active one")
    parser.add_argument("-k", metavar="EXPRESSION", help="only tests whose names match")
    parser.add_argument("-m", metavar="EXPRESSION", help="only tests with these marks")
    parser.add_argument("-x", "--exitfirst", action="store_true", help="stop at the first failure")
    parser.add_argument("--maxfail", metavar="N", help="stop after so many failures")
    parser.add_argument("--lf", "--last-failed", action="store_true", help="only what failed in the last run")
    parser.add_argument("--ff", "--failed-first", action="store_true", help="what failed in the last run comes first")
    parser.add_argument("--pdb", action="store_true", help="a debugger at failures: one process, and nothing is kept")
    parser.add_argument("-s", "--show-output", action="store_true", help="capture nothing, show what is written")
    parser.add_argument("--timeout", type=_positive, metavar="SECONDS", help="a test's own limit")
    parser.add_argument("--retries", type=_count, metavar="N", help="further tries of a failed test, if not as needed")
    parser.add_argument("--shard", type=_shard, metavar="2/4", help="only this shard, the second of four")
    parser.add_argument("--order", choices=("kept", "shuffled"), default="kept", help="of the tests in a module")
    parser.add_argument("--start", choices=("auto", "fork", "spawn"), default="auto", help="how workers come to be")
    parser.add_argument("--durations", type=_count, metavar="N", help="list the N slowest tests, 0 = all")
    files.arguments(parser)
    parser.epilog = (
        "Any other option is pytest's and goes to it as it stands, as does what follows --. "
        "Options that run no test (--collect-only, --fixtures …) are answered by pytest itself."
    )
    parser.set_defaults(pytest_args=(), theirs=())


def split(parser: argparse.ArgumentParser, typed: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words that are ours, and pytest's."""
    return words.split(parser, typed, _THROUGH)


def main(options: argparse.Namespace, out: Out) -> int:
    """Run the tests, report, and end with the verdict's exit code."""
    from penstock.cli import interpreter, testing

    surroundings = look(out, directory=options.directory)
    directory = Path(options.directory or ".").resolve()
    chosen = interpreter.choose(options.python, surroundings.environ, surroundings.processes, directory)
    given = [*(["-s"] if options.show_output else []), *options.theirs, *options.pytest_args]
    if words.debug(given) or words.ask(given):
        from penstock.cli import foreground

        given += ["-q"] if options.quiet else []
        asked = _asked(options, surroundings, directory, chosen.start, given, bare=True)
        return foreground.run(surroundings, asked.plan.jobs[0], given, directory)
    told = testing.run(surroundings, _asked(options, surroundings, directory, chosen.start, given))
    if told.exit_code == _USAGE and _CONFTEST not in told.said:
        return _usage(told, out)
    testing.keep(surroundings, told)
    _report(options, told, out)
    return told.story.verdict.exit_code


def _asked(
    options: argparse.Namespace,
    surroundings: Surroundings,
    directory: Path,
    start: Sequence[str],
    given: Sequence[str],
    *,
    bare: bool = False,
) -> testing.Asked:
    """The one job, made without a look at the tree; with `--shard`, the one of several that is asked for. `bare`: for
    pytest as it is, without the engine that the configuration tells something.
    """
    from penstock.cli import configured
    from penstock.cli.testing import Asked
    from penstock.scan import platform
    from penstock.tools import alone as tool
    from penstock.tools import guests

    tree, commit, edited = _tree(surroundings) if options.shard else (random_hex(4), None, None)
    cpus = platform.cpus()
    workers = _workers(options.workers, surroundings.environ, cpus)
    settings = guests.EngineSettings(workers=workers, start=options.start, order=options.order, own_coverage=True)
    quarantine: tuple[Quarantine, ...] = ()
    if not bare:
        typed = configured.Typed(directory, given, options.timeout, options.retries)
        settings, quarantine = configured.engine(surroundings, typed, settings, edited)
    command = tool.command(
        start,
        given,
        directory=directory.relative_to(surroundings.root).as_posix(),
        settings=settings,
        environ=surroundings.environ,
        hash_seed=str(int(tree[:8], 16)),
    )
    plan, whole = alone.plan(str(surroundings.root), command, workers=workers, quarantine=quarantine), None
    if options.shard:
        from penstock.plan.shards import sliced

        index, count = options.shard
        whole = alone.spread(plan, count, tree=tree, commit=commit)
        plan = sliced(whole, index, count)
    return Asked(plan=plan, cpus=cpus, argv=tuple(options.words), echo=options.show_output, whole=whole)


def _tree(surroundings: Surroundings) -> tuple[str, str | None, tuple[str, ...]]:
    """The digest of the files and the commit: shards of one tree belong together. And what the change edits."""
    from penstock.util import digest

    facts = project.tree(surroundings)
    return (
        digest.of_parts(part for pair in sorted(facts.files.items()) for part in pair),
        facts.git.commit,
        facts.edited,
    )


def _workers(wish: str, environ: Mapping[str, str], cpus: int) -> int:
    """How many, 1 = one process. Raises UsageError for what is no number."""
    if wish in ("auto", "logical"):
        wish = environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS", "")
        return int(wish) if wish.isdecimal() and int(wish) else cpus
    if not wish.isdecimal():
        raise UsageError(f"-n {wish}: the number of workers is a number, or auto")
    return max(int(wish), 1)


def _usage(told: testing.Told, out: Out) -> int:
    """The request does not fit: pytest has said why, and it is said on. Nothing was run, so nothing is kept."""
    lines = told.said.decode("utf-8", "replace").splitlines()
    first = next((number for number, line in enumerate(lines) if line.startswith(("ERROR", "usage:"))), 0)
    out.complain("\n".join(lines[first:]).strip())
    tree.discard(told.folder.path)
    return ExitCode.USAGE


def _report(options: argparse.Namespace, told: testing.Told, out: Out) -> None:
    from penstock.report import tests

    screen = Screen(width=out.width, color=out.color, unicode=out.unicode)
    out.say(tests.text(told.story, screen, durations=options.durations, shown=options.show_output))
    files.write(options.json, options.junit, told.story, out)


def _shard(text: str) -> tuple[int, int]:
    from penstock.cli.selection import shard

    return shard(text)


def _positive(text: str) -> float:
    """Seconds, more than none. Raises ValueError, which argparse tells."""
    if not 0 < (number := float(text)) < float("inf"):
        raise ValueError(text)
    return number


def _count(text: str) -> int:
    """A whole number. Raises ValueError, which argparse tells."""
    if not text.isdecimal():
        raise ValueError(text)
    return int(text)
