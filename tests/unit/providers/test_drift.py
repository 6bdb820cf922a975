"""Hand edits of generated files: each is seen, with its line and the key that would express it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.model.hosts import Codecov, ExtraJob, GitHub, Release, Step
from penstock.providers.drift import Difference, differences
from penstock.providers.github import ci, keys, nightly, pr, release, steps, upkeep
from penstock.providers.slices import Slice
from penstock.providers.yaml_places import paths, spoken
from penstock.providers.yaml_text import Above, Flow, Node, Noted, Script, document

SLICES = (
    Slice(name="quality", jobs=("lint", "types"), select=("lint", "types")),
    Slice(
        name="unit",
        jobs=("unit",),
        select=("unit@{python}#{shard}",),
        axes={"python": ("3.12", "3.13"), "shard": ("1", "2")},
        secrets=("API_KEY",),
    ),
)
SETTINGS = GitHub(
    environment=(("TESTING", "1"),),
    nightly="02:00",
    codecov=Codecov(),
    release=Release(),
    before=(Step(run="make ready"),),
    jobs=(ExtraJob(name="smoke", steps=(Step(run="make smoke"),), required=False),),
)
CI, PR = ci.PATH, pr.PATH
SETUP, RUN = (f".github/actions/penstock-{name}/action.yml" for name in ("setup", "run"))
FILES = {
    **ci.files(SLICES, SETTINGS),
    **pr.files(SETTINGS),
    **steps.files(SETTINGS),
    **nightly.files(SLICES, SETTINGS),
    **release.files(SLICES, SETTINGS, Release()),
}
NIGHTLY, RELEASE = nightly.PATH, release.PATH
KNOWN = keys.known(SETTINGS, {"quality": ("lint", "types"), "unit": ("unit",)})
KEPT = "none: penstock keeps this"

# What was hardened, undone, and what people edit: (what, file, pattern, replacement, the key). What has no place of its
# own in a generated workflow is added.
MUTATIONS = [
    ("credentials are kept", CI, r"          persist-credentials: false\n", "", KEPT),
    ("no rights are taken away", CI, r"permissions: {}\n\n", "", "ci.github.permissions"),
    ("all jobs may write", CI, r"permissions: {}\n", "permissions:\n  contents: write\n", "ci.github.permissions"),
    ("a right without its reason", CI, r"contents: read # check out", "contents: read", "ci.github.permissions"),
    ("a tag for a commit", CI, r"actions/checkout@\w+ # v", "actions/checkout@v", "ci.github.pins"),
    ("a commit without its version", CI, r"(actions/checkout@\w+) # \S+", r"\1", "ci.github.pins"),
    ("no concurrency", CI, r"# Pull requests:.*\nconcurrency:\n.*\n.*\n\n", "", KEPT),
    ("nothing is cancelled", CI, r"  cancel-in-progress: .*\n", "", KEPT),
    ("a workflow without a name", CI, r"name: CI\n", "", KEPT),
    ("a job without a name", CI, r"    name: quality\n", "", KEPT),
    (
        "a branch's name in a script",
        CI,
        r"        run: make ready",
        "        run: ${{ github.head_ref }}",
        "ci.github.before",
    ),
    ("an input in a script", RUN, r"--alone \$JOBS", "--alone ${{ inputs.jobs }}", KEPT),
    ("a matrix in a script", CI, r"        run: make ready", "        run: ${{ matrix.python }}", "ci.github.before"),
    ("the token as a secret", PR, r"github\.token", "secrets.GITHUB_TOKEN", KEPT),
    ("another token", PR, r"github\.token", "secrets.BOT_TOKEN", KEPT),
    ("pull requests of strangers with rights", CI, r"  pull_request:\n", "  pull_request_target:\n", KEPT),
    ("an action that comments", PR, r"        run: .*pr --publish'", "        uses: a/comment@v4", KEPT),
    ("any uv", SETUP, r"        version: .*\n", "", KEPT),
    (
        "a machine of one's own",
        CI,
        r"(  unit:\n(?:.*\n)*?    runs-on: )\S+",
        r"\1self-hosted",
        "ci.github.runners.unit",
    ),
    ("a service", CI, r"(  unit:\n)", r"\1    services:\n      db:\n        image: postgres\n", "jobs.unit.services"),
    ("a cache of uv's own", SETUP, r"enable-cache: false", "enable-cache: true", KEPT),
    ("a cache that everybody writes", RUN, r"actions/cache/restore@", "actions/cache@", "ci.github.pins"),
    (
        "a compiler's cache",
        CI,
        r"(    steps:\n)",
        r"\1      - uses: a/sccache@v1\n",
        "ci.github.before or ci.github.after",
    ),
    ("installed without hashes", SETUP, r" --require-hashes", "", "ci.github.from_checkout"),
    ("another shell", CI, r"    shell: bash", "    shell: cmd", KEPT),
    ("a reason taken away", CI, r"(uses: \./\S+) # zizmor.*", r"\1", "ci.github.pins"),
    ("an artifact's word in the environment", RUN, r"(--alone \$JOBS.*)'", r"\1 > $GITHUB_ENV'", KEPT),
    ("a verdict that may be skipped", CI, r"    if: \$\{\{ always\(\) \}\}\n", "", KEPT),
    ("a verdict that waits for less", CI, r"needs: \[plan, quality, unit\]", "needs: [plan, quality]", KEPT),
    ("a path filter", CI, r"  pull_request:\n", "  pull_request:\n    paths: [src]\n", KEPT),
    ("a failure that is none", CI, r"(  unit:\n)", r"\1    continue-on-error: true\n", "jobs.unit.allow_failure"),
    ("no limit of time", CI, r"(  unit:\n(?:.*\n)*?)    timeout-minutes: .*\n", r"\1", "jobs.unit.timeout"),
    ("fewer Pythons", CI, r'python: \["3.12", "3.13"\]', 'python: ["3.13"]', "jobs.unit.python"),
    ("fewer shards", CI, r'shard: \["1", "2"\]', 'shard: ["1"]', "jobs.unit.shards"),
    ("the first failure ends all", CI, r"fail-fast: false", "fail-fast: true", KEPT),
    ("another branch", CI, r"branches: \[main\]", "branches: [main, next]", "ci.github.branches"),
    ("another variable", CI, r'TESTING: "1"', 'TESTING: "2"', "ci.github.environment"),
    ("kept for longer", CI, r"retention-days: 14", "retention-days: 90", "ci.github.retention"),
    ("a secret less", CI, r"          API_KEY: .*\n", "", "jobs.unit.secrets"),
    ("another condition", CI, r"(  unit:\n(?:.*\n)*?    if: ).*", r"\1${{ true }}", "jobs.unit.when"),
    ("a further event", CI, r"  merge_group:\n", "  merge_group:\n  issues:\n", "ci.github.triggers.issues"),
    ("a job of one's own", CI, r"\Z", "\n  mine:\n    runs-on: x\n", "ci.github.jobs.mine"),
    ("another job of one's own", CI, r"run: make smoke", "run: make", "ci.github.jobs.smoke.steps"),
    ("a job less", CI, r"  unit:\n(?:.*\n)*?\n", "", "jobs.unit"),
    ("a cache in a release", RELEASE, r"(    steps:\n)", r"\1      - uses: actions/cache@v4\n", "ci.github.before or"),
    ("a password", RELEASE, r"packages-dir: dist\n", "packages-dir: dist\n          password: x\n", KEPT),
    ("an upload without identity", RELEASE, r"uses: pypa/.*\n", "run: twine upload dist/*\n", KEPT),
    (
        "an action that releases",
        RELEASE,
        r"        run: \|\n          kind=(?:.*\n)*",
        "        uses: a/release@v2\n",
        KEPT,
    ),
    ("a compiler's cache in a release", RELEASE, r"        run: .*release check.*\n", "        run: sccache\n", KEPT),
    ("a condition that is always true", RELEASE, r"needs.attest.result == 'success' && ", "", KEPT),
    ("an environment that guards nothing", RELEASE, r"    environment:\n.*\n", "", "ci.github.release.environment"),
    ("no upload", RELEASE, r"  # A pre-release stays on GitHub.\n  pypi:\n(?:.*\n)*?\n", "", "ci.github.release.pypi"),
    ("released from branches", RELEASE, r"tags: .*", "branches: [main]", KEPT),
    ("another hour", NIGHTLY, r"cron: .*", "cron: 0 4 * * *", "ci.github.nightly"),
    ("nobody is told", NIGHTLY, r"  # Opened when.*\n  issue:\n(?:.*\n)*", "", KEPT),
    ("coverage goes nowhere", CI, r"  codecov:\n(?:.*\n)*?\n?\Z", "", "ci.github.codecov"),
    ("another place of penstock", SETUP, r"REQUIREMENTS: .*", "REQUIREMENTS: x.txt", "ci.github.penstock"),
]


def found(path: str, text: str) -> list[tuple[Difference, str]]:
    return [(one, keys.key_of(path, one, KNOWN)) for one in differences(text, FILES[path])]


@pytest.mark.parametrize(
    ("what", "path", "pattern", "replacement", "key"), MUTATIONS, ids=[each[0] for each in MUTATIONS]
)
def test_each_edit_is_seen_with_its_key(what: str, path: str, pattern: str, replacement: str, key: str) -> None:
    text = re.sub(pattern, replacement, FILES[path], count=1)
    assert text != FILES[path], what
    seen = found(path, text)
    assert [told for _, told in seen if told.startswith(key)], seen
    lines = text.splitlines()
    for one, _ in seen:
        assert one.line <= max(1, len(lines))
        assert set(one.there) <= set(lines)
        assert set(one.wanted) <= set(FILES[path].splitlines())


def test_what_is_as_it_would_be_written_differs_nowhere() -> None:
    for path, text in FILES.items():
        assert found(path, text) == []
        wanted = {other: content for other, content in FILES.items() if other == path}
        assert list(upkeep.refused(wanted, {path: text}, {"smoke"})) == []


def test_a_new_step_is_told_once_at_its_first_line() -> None:
    text = FILES[CI].replace(
        "      - name: Run\n", "      - name: Mine\n        run: |\n          a\n          b\n      - name: Run\n", 1
    )
    ((one, key),) = found(CI, text)
    assert (one.path, len(one.there), one.wanted) == (("jobs", "quality", "steps", "Mine"), 4, ())
    assert text.splitlines()[one.line - 1] == "      - name: Mine"
    assert key == 'ci.github.before or ci.github.after, with jobs = ["quality"]'


def test_what_several_jobs_share_is_told_of_both() -> None:
    text = re.sub(r"(  quality:\n(?:.*\n)*?    timeout-minutes: )\d+", r"\g<1>5", FILES[CI])
    ((_, key),) = found(CI, text)
    assert key == "jobs.{lint,types}.timeout, or ci.github.timeout for all that have none"


@pytest.mark.parametrize("text", ["", "\n", "not: yaml: at all\n\t- [", "- \n-\n  -\n", "jobs:\n- a\n- b:\n  c: |\n"])
def test_what_is_no_workflow_at_all_is_told_all_the_same(text: str) -> None:
    assert found(CI, text)


@given(st.text(alphabet="ab:-|#> \n'\"", max_size=200))
def test_any_text_has_places(text: str) -> None:
    assert len(paths(text.splitlines())) == len(text.splitlines())
    assert differences(text, text) == ()
    assert differences(text, "a: 1\n") or text == "a: 1\n"


def test_only_the_end_of_the_file_or_empty_lines_differ() -> None:
    text = FILES[CI]
    for other in (text.rstrip("\n"), text + "\n", text.replace("\n\n", "\n")):
        (one,) = differences(other, text)
        assert one.path == ()


SCALARS = st.one_of(st.booleans(), st.integers(0, 99), st.text(alphabet="ab :#-'\"{[|", max_size=8))
NAMES = st.text(alphabet="abc-", min_size=1, max_size=5).map(lambda text: f"k{text}")
PARTS: st.SearchStrategy[Node] = st.recursive(
    st.one_of(
        SCALARS,
        SCALARS.map(lambda value: Noted(value, "why")),
        st.lists(st.sampled_from(["x: 1", "- y", "# z", "w"]), min_size=1).map(lambda lines: Script("\n".join(lines))),
        st.lists(SCALARS, min_size=1).map(Flow),
    ),
    lambda inner: st.one_of(
        st.dictionaries(NAMES, inner, min_size=1, max_size=3),
        st.dictionaries(NAMES, inner, min_size=1, max_size=3).map(lambda part: Above("one\ntwo", part)),
        st.lists(st.dictionaries(NAMES, inner, min_size=1, max_size=3), min_size=1, max_size=3),
    ),
    max_leaves=8,
)


def leaves(part: Node, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths of all that has no parts, in the order in which it is written."""
    part = part.part if isinstance(part, Above) else part
    if isinstance(part, dict):
        return [each for key, value in part.items() for each in leaves(value, (*path, key))]
    if isinstance(part, list):
        return [each for number, value in enumerate(part, 1) for each in leaves(value, (*path, str(number)))]
    return [path]


@settings(max_examples=40)
@given(st.dictionaries(NAMES, PARTS, min_size=1, max_size=3))
def test_every_line_of_a_written_document_is_at_its_place(tree: dict[str, Node]) -> None:
    lines = document(tree).splitlines()
    read = dict.fromkeys(place for place in paths(lines) if place and place[-1] != "#")
    every = leaves(tree)
    prefixes = {path[:length] for path in every for length in range(1, len(path))}
    assert [place for place in read if place not in prefixes] == every


def test_places_are_spoken_as_people_name_them() -> None:
    assert spoken(("jobs", "unit", "steps", "Check out", "uses")) == "jobs.unit.steps.Check out.uses"
    assert spoken(("jobs", "#")) == "jobs"
