"""Every gate and its keys, declared once, as `keys` declares those of jobs."""

from __future__ import annotations

from penstock.load.shapes import GLOB, List, Or, Shares
from penstock.load.table import Key, Table
from penstock.load.types import Choice, Day, Flag, Percent, Text, Whole
from penstock.model.scales import GRADES, MAINTAINABLE, SEVERITIES, VULNERABILITIES
from penstock.value import Value

# A flag is the name of a check, beside coverage.total, .file and .diff.
FLAG = r"^(?!(?:total|file|diff)$)[a-z][a-z0-9_-]{0,39}$"
_MODE = Key(
    name="mode",
    shape=Choice(options=("error", "warn")),
    default='"error"',
    doc='What a failure does: block, or (`"warn"`) be told only.',
)
RATCHET = Key(
    name="mode",
    shape=Choice(options=("error", "warn", "ratchet")),
    default='"error"',
    doc='What findings do: block, be told only (`"warn"`), or block where they are new (`"ratchet"`): the others stand '
    "in penstock-baseline.txt.",
)


def _ignore(such: str, doc: str) -> Key:
    """The key `ignore` of a gate over findings. `such`: an example of an id; `doc`: what ids are there."""
    return Key(
        name="ignore",
        shape=List(
            item=Table(
                keys=(Key(name="id", shape=Text(pattern=r"^[A-Za-z_][\w.:-]*$"), required=True, doc=doc), *IGNORED),
                words="a table of id, reason and until",
                where="`ignore`",
            ),
            words=f'a list of tables such as {{ id = "{such}", reason = "…", until = 2027-03-01 }}',
            unique=False,
        ),
        default="[]",
        doc=f"Findings that are permitted until a day, each with its reason. `id`: {doc[0].lower()}{doc[1:]}",
    )


IGNORED = (
    Key(name="reason", shape=Text(), required=True, doc="Why it is permitted; it stands in the report."),
    Key(name="until", shape=Day(), required=True, doc="The last day on which it is."),
    Key(name="paths", shape=List(item=GLOB, words="a list of patterns"), default="everywhere", doc="Where it is."),
)

_LEFT_OUT = (
    Key(
        name="id",
        shape=Text(),
        required=True,
        doc="A test's id, a file or a pattern: `tests/test_a.py::test_b`, `tests/samples/*`.",
    ),
    *IGNORED[:2],
)


_LICENSE = Text(pattern=r"^[A-Za-z0-9*][^,]*$", words="the name of a licence")
_PACKAGE = tuple(
    Key(name=name, shape=Choice(options=("error", "warn", "off")), default=default, doc=doc)
    for name, default, doc in (
        ("metadata", '"error"', "pyproject.toml and the built metadata are as their standards say, and agree."),
        ("contents", '"error"', "Wheels hold the modules of the tree, importable, and no tests or stray names beside."),
        ("license", '"warn"', "The licence is an SPDX expression, and its files are in the distributions."),
        ("pythons", '"warn"', "`requires-python`, the classifiers and the Pythons that were tested agree."),
        ("typed", '"warn"', "py.typed is in the wheel of what is type-checked."),
        ("version", '"error"', "The version is not below the newest that a tag before this commit names."),
    )
)


class Gate(Value, frozen=True, kw_only=True):
    """One gate and its keys. `limits`: keys that are numbers to hold evidence against; the rest are options."""

    name: str
    doc: str
    limits: tuple[Key, ...] = ()
    options: tuple[Key, ...] = ()
    later: bool = False
    ratchets: bool = False
    advises: bool = False  # it never blocks, so it has no mode

    @property
    def keys(self) -> tuple[Key, ...]:
        """All of them, with `mode`."""
        mode = () if self.advises else (RATCHET,) if self.ratchets else (_MODE,)
        return (*self.limits, *self.options, *mode)


_SIZES = tuple(
    Key(
        name=f"size_{label}",
        shape=Whole(minimum=0, maximum=10**9),
        default=default,
        doc=f"Lines up to which a change has the size {label.upper()}.",
    )
    for label, default in (("xs", "10"), ("s", "50"), ("m", "200"), ("l", "500"))
)
_PARTS = tuple(
    Key(name=name, shape=Choice(options=("error", "warn", "off")), default=default, doc=doc)
    for name, default, doc in (
        ("title", '"error"', "The title follows Conventional Commits."),
        ("description", '"warn"', "The description says something in its author's own words."),
        ("issue", '"warn"', "An issue is named, or declared not to be (`No issue: WHY`)."),
        ("size", '"warn"', "No more than `max_lines` lines change; generated and lock files do not count."),
        ("tests", '"warn"', "Tests come with a change of the code."),
        ("docs", '"warn"', "Documentation comes with a change of the public interface."),
        ("conflicts", '"error"', "It merges with its base."),
        ("breaking", '"error"', "A break of the public interface is declared."),
    )
)

GATES = (
    Gate(
        name="coverage",
        doc="How much of the project's own code the tests ran.",
        limits=(
            Key(name="total", shape=Percent(), doc="Least coverage of all files together."),
            Key(name="file", shape=Percent(), doc="Least coverage of each file."),
            Key(name="diff", shape=Percent(), doc="Least coverage of the lines that the change adds or edits."),
            Key(
                name="flags",
                shape=Shares(words="a table such as { python = 90, rust = 70 }", keys=FLAG, key_words="a flag"),
                doc="Least coverage of each measurement: `python` is that of the tests, others are those of jobs with "
                "`coverage`.",
            ),
        ),
        options=(Key(name="branch", shape=Flag(), default="as the project configures", doc="Branches count, too."),),
    ),
    Gate(
        name="tests",
        doc="That tests ran, how many, and that none was quietly left out.",
        limits=(
            Key(
                name="min",
                shape=Or(
                    constant="auto",
                    meaning="auto",
                    constant_words='"auto" (95 % of those that ran at the base, or in the last protected run)',
                    shape=Whole(minimum=0, maximum=10**9),
                ),
                doc="The least number of tests that must run, over all jobs.",
            ),
        ),
        options=(
            Key(
                name="uncollected",
                shape=Choice(options=("error", "warn", "off")),
                default='"error"',
                doc="What looks like a test and is not collected blocks, is told, or is not looked for.",
            ),
            Key(
                name="ignore",
                shape=List(
                    item=Table(keys=_LEFT_OUT, words="a table of id, reason and until", where="`ignore`"),
                    words='a list of tables such as { id = "tests/samples/*", reason = "…", until = 2027-03-01 }',
                    unique=False,
                ),
                default="[]",
                doc="Tests that may be left out until a day, each with its reason.",
            ),
        ),
    ),
    Gate(name="lint", doc="What linters and formatters found."),
    Gate(name="types", doc="What type checkers found."),
    Gate(
        name="package",
        doc="That sdist and wheel build, hold what they should and say what is so. Undeclared, its parts advise.",
        options=_PACKAGE,
    ),
    Gate(
        name="annotations",
        doc="How many functions are annotated in full, in files that the type checkers do not leave out.",
        ratchets=True,
        limits=(Key(name="min", shape=Percent(), doc="Least share of all functions of the project's packages."),),
    ),
    Gate(name="performance", later=True, doc="Benchmarks against the base."),
    Gate(
        name="complexity",
        doc="How tangled functions are: cyclomatic complexity in grades, A up to 5, B 10, C 20, D 30, E 40, F above.",
        ratchets=True,
        limits=(
            Key(
                name="index",
                shape=Whole(minimum=1, maximum=MAINTAINABLE),
                doc="Least maintainability index of each file, of 100. radon measures it.",
            ),
        ),
        options=(
            Key(
                name="max",
                shape=Choice(options=tuple(GRADES)[:-1]),
                default='"B"',
                doc="The worst grade that a function may have.",
            ),
        ),
    ),
    Gate(
        name="security",
        doc="What bandit's rules found: in ruff's reading, or bandit itself.",
        ratchets=True,
        options=(
            Key(
                name="severity",
                shape=Choice(options=SEVERITIES),
                default='"medium"',
                doc="The least severity that counts, as bandit rates its tests.",
            ),
            _ignore("S105", "The rule: `S105`, or bandit's `B105`."),
        ),
    ),
    Gate(
        name="audit",
        doc="Known vulnerabilities of the dependencies. One that no database can be asked for makes it not verified.",
        ratchets=True,
        options=(
            Key(
                name="severity",
                shape=Choice(options=VULNERABILITIES),
                default='"low"',
                doc="The least severity that counts, as the database tells it; what it does not tell counts always.",
            ),
            _ignore(
                "CVE-2019-10906",
                "The vulnerability by any of its names, or a dependency that no database can be asked for.",
            ),
        ),
    ),
    Gate(
        name="api",
        doc="Breaks of the public interface against the base, as griffe tells them; none is found fault with that the "
        "change declares (`feat!: …`, `BREAKING CHANGE: …`).",
        options=(
            Key(
                name="critical",
                shape=List(item=GLOB, single=True, least=1, words="a list of files and modules"),
                default="everything",
                doc="What blocks: patterns of files (`src/pkg/api.py`), or names (`pkg.api`) with all below them. "
                "Breaks elsewhere are told only.",
            ),
            _ignore(
                "pkg.old",
                "The name that breaks (`pkg.api.open`) with all below it, or a kind of break (`parameter-moved`).",
            ),
        ),
    ),
    Gate(
        name="secrets",
        doc="Passwords, keys and tokens in the files that git knows.",
        ratchets=True,
        options=(_ignore("secret-keyword", "The kind, as the finding names it."),),
    ),
    Gate(
        name="dependencies",
        doc="Dependencies that nothing uses, or that nothing declares. deptry's configuration says what is ignored.",
        ratchets=True,
    ),
    Gate(
        name="licenses",
        doc="The licences of what is installed: a list, and with `allow` or `deny` a gate, for which an unknown one is "
        "not verified.",
        options=(
            Key(
                name="allow",
                shape=List(item=_LICENSE, least=1, words='a list of licences such as ["MIT", "Apache-2.0"]'),
                default="all that are not denied",
                doc="SPDX identifiers (`*` stands for any characters), of which one way to keep an expression must be "
                "made; or what a distribution says of itself, word for word (`BSD License`).",
            ),
            Key(
                name="deny",
                shape=List(item=_LICENSE, least=1, words='a list of licences such as ["GPL-*"]'),
                default="none",
                doc="SPDX identifiers that no way to keep an expression may need.",
            ),
            Key(
                name="scope",
                shape=Choice(options=("runtime", "all")),
                default='"runtime"',
                doc="What counts: the dependencies that the project's users get, or all that its tests do.",
            ),
            _ignore("some-package", "The distribution's name."),
        ),
    ),
    Gate(
        name="freshness", doc="How many direct dependencies are behind, by how much: advice, never more.", advises=True
    ),
    Gate(
        name="baseline",
        doc="That penstock-baseline.txt names no finding that is gone: it would let the same one come back.",
        options=(
            Key(
                name="strict",
                shape=Flag(),
                default="false",
                doc="Findings that are gone block until `penstock gate tighten` takes them out; else they are told.",
            ),
        ),
    ),
    Gate(
        name="pull_request",
        doc="Title, description, issue and size of a pull request, and what should come with it.",
        limits=(
            Key(name="max_lines", shape=Whole(minimum=1, maximum=10**9), default="500", doc="Lines that may change."),
            Key(name="min_words", shape=Whole(minimum=0, maximum=10**6), default="8", doc="Words of a description."),
            *_SIZES,
        ),
        options=(
            *_PARTS,
            Key(
                name="types",
                shape=List(item=Text(pattern=r"^[a-z]+$"), least=1, words="a list of types"),
                default="those of Conventional Commits as @commitlint/config-conventional has them",
                doc="The types that a title may have.",
            ),
            Key(name="bots", shape=Flag(), default="false", doc="Pull requests of programs are asked, too."),
        ),
    ),
    Gate(
        name="budget",
        doc="That each stage is done in the time that `stages` gives it. What is cached counts as long as it took.",
    ),
)
