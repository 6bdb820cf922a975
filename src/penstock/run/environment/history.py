"""Git history for a build in a copy: version plugins ask git, and must not touch the user's index."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from penstock.run.environment.spec import Tree
from penstock.util import uv as uv_words
from penstock.util.uvrun import Uv
from penstock.value import Value

_ASKS_GIT = re.compile(
    r"setuptools[-_]scm|hatch-vcs|vcs-versioning|use_scm_version|versioningit|versioneer|\bpbr\b|dunamai|dynamic-versioning|"
    r"source\s*=\s*[\"'](?:vcs|scm)|setuptools-git|git describe|flit_scm|miniver|incremental"
)
_PRETEND = "0.0.0"
_PRETEND_VARIABLES = (
    "SETUPTOOLS_SCM_PRETEND_VERSION", "PDM_BUILD_SCM_VERSION", "PBR_VERSION", "POETRY_DYNAMIC_VERSIONING_BYPASS",
    "UV_DYNAMIC_VERSIONING_BYPASS",
)  # fmt: skip


class History(Value, frozen=True, kw_only=True):
    """What the build gets: variables for this build only, and what has to be told about it."""

    variables: Mapping[str, str] = {}
    notes: tuple[str, ...] = ()


def give_history(sources: Tree, copy: Path, uv: Uv) -> History:
    """Make the folder `copy`, as a clone without files where the build asks git for the version.

    The clone shares the objects (nothing is copied) and has an index of its own. Without history, an sdist's PKG-INFO
    answers; without both, a pretended version is given to this build, and said.
    """
    copy.parent.mkdir(parents=True, exist_ok=True)
    if not _ASKS_GIT.search(build_text(Path(sources.root))):
        copy.mkdir()
        return History()
    if sources.git.state in {"branch", "detached"} and _clone(sources, copy, uv):
        return History()
    copy.mkdir(exist_ok=True)
    if "PKG-INFO" in sources.files or ".git_archival.txt" in sources.files:
        return History()
    note = f"no git history and no PKG-INFO: the version is pretended to be {_PRETEND} in this build"
    return History(variables=dict.fromkeys(_PRETEND_VARIABLES, _PRETEND), notes=(note,))


def build_text(root: Path) -> str:
    """pyproject.toml, setup.cfg and setup.py in one: what shows how the project is built."""
    texts = []
    for name in ("pyproject.toml", "setup.cfg", "setup.py", "hatch.toml"):
        try:
            texts.append((root / name).read_text(errors="replace"))
        except OSError:
            continue
    return "\n".join(texts)


def _clone(sources: Tree, copy: Path, uv: Uv) -> bool:
    environment = uv_words.environment(uv.environ)
    git = ["git", "-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false"]
    steps = (
        [*git, "clone", "--quiet", "--shared", "--no-checkout", sources.root, str(copy)],
        [*git, "-C", str(copy), "reset", "--quiet"],
    )
    for step in steps:
        try:
            done = uv.processes.run(step, directory=sources.root, environment=environment, timeout_s=120.0)
        except (FileNotFoundError, TimeoutError) as error:
            uv.say(f"git: {error}\n")
            return False
        if done.exit_code > (1 if "reset" in step else 0):  # reset ends in 1 where files differ from the index
            uv.say(f"$ {' '.join(step)}\n{done.stderr.decode(errors='replace')}\n")
            return False
    return True
