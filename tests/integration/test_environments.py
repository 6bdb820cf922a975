"""Real uv, real builds: sample projects of every kind, made ready and tried. Needs uv's cache or a registry."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from penstock.model.snapshot import DependencySet, Resolution, Snapshot
from penstock.run.environment import prepare
from penstock.run.environment.preparations import test_files as files_of_suites
from penstock.run.environment.preparations import tree_of
from penstock.run.environment.spec import PrepareSpec, Result, Tree
from penstock.scan import resolve, snapshot
from penstock.util.clock import SystemClock
from penstock.util.process import SystemProcesses

pytestmark = pytest.mark.slow

PROJECTS = Path(__file__).parents[1] / "projects"
MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
UV = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv") or "uv"


class Ground:
    """A sample project in a folder of its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self.root = folder / name
        shutil.copytree(PROJECTS / name, self.root)
        self.state = self.root / ".penstock"
        self.state.mkdir()
        (self.state / ".gitignore").write_text("*\n")

    def git(self, *tags: str) -> None:
        who = ["-c", "user.email=a@example.org", "-c", "user.name=a"]
        steps = [["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "one"], *(["tag", tag] for tag in tags)]
        for step in steps:
            subprocess.run(["git", *step], cwd=self.root, check=True)

    def seen(self) -> Snapshot:
        return snapshot.take(self.root, state=self.state, processes=SystemProcesses(), environ=os.environ)

    def spec(self, **fields: Any) -> tuple[PrepareSpec, Tree]:
        seen = self.seen()
        chosen = fields.pop("dependencies", None) or seen.project.dependency_sets[0]
        found = self.resolved(seen, chosen)
        assert found.problem is None, found.problem
        spec = PrepareSpec(
            id=f"{MINOR}/{chosen.name}",
            kind="environment",
            tree=str(self.root.parent / "tree.json"),
            result=str(self.root.parent / "result.json"),
            interpreter=next(found for found in seen.interpreters if found.minor == MINOR),
            dependencies=chosen,
            requirements=found.requirements,
            resolution=found.digest,
            test_files=tuple(files_of_suites(seen, chosen.name)),
            **fields,
        )
        return spec, tree_of(seen, state=self.state, uv=UV)

    def resolved(self, seen: Snapshot, chosen: Any) -> Resolution:
        (found,) = resolve.resolve(
            seen,
            (chosen,),
            (MINOR,),
            state=self.state,
            uv=UV,
            processes=SystemProcesses(),
            environ=os.environ,
            offline=False,
            upgrade=False,
        )
        return found

    def ready(self, **fields: Any) -> Result:
        spec, tree = self.spec(**fields)
        result = prepare.prepare(
            spec, tree, environ=os.environ, processes=SystemProcesses(), clock=SystemClock(), say=print
        )
        assert result.ok, result.problem
        assert prepare.lookup(spec, tree) is not None
        return result

    def run(self, result: Result, *argv: str) -> str:
        assert result.environment is not None
        done = subprocess.run(
            [result.environment.python, *argv],
            cwd=result.workspace or self.root,
            env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def strangers(self) -> set[str]:
        """What was written beside the state folder."""
        here = {str(path.relative_to(self.root)) for path in self.root.rglob("*")}
        known = {str(path.relative_to(PROJECTS / self.root.name)) for path in (PROJECTS / self.root.name).rglob("*")}
        return {path for path in here - known if not path.startswith((".penstock", ".git"))}


@pytest.fixture
def ground(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Ground]:
    made = Ground(request.param, tmp_path)
    yield made
    assert made.strangers() == set()


def on(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("ground", names, indirect=True)


@on("env_src")
def test_a_pure_project_is_live(ground: Ground) -> None:
    result = ground.ready(layers=("coverage>=7.4",))
    assert result.environment is not None
    assert (result.environment.mode, result.workspace) == ("live", None)
    ground.run(result, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    script = Path(result.environment.scripts) / "env-src"
    assert subprocess.run([script], capture_output=True, text=True, check=True).stdout == "main iniconfig\n"
    (ground.root / "src/env_src/__init__.py").write_text("ANSWER = 43\n")
    again = ground.ready(layers=("coverage>=7.4",))
    assert again.reused
    assert ground.run(again, "-c", "import env_src; print(env_src.ANSWER)") == "43"
    (ground.root / "src/env_src/__init__.py").write_text((PROJECTS / "env_src/src/env_src/__init__.py").read_text())
    layer = Path(result.environment.layer or "")
    assert (layer / "coverage").is_dir()
    assert not list(Path(result.environment.scripts).parent.glob("lib/*/site-packages/coverage"))


@on("env_native")
def test_a_native_project_is_tested_in_a_copy_and_an_edit_needs_no_build(ground: Ground) -> None:
    result = ground.ready()
    assert result.environment is not None
    assert result.environment.mode == "overlay"
    assert result.workspace is not None
    assert ground.run(result, "-m", "pytest", "-q", "-p", "no:cacheprovider").endswith("s")
    source = ground.root / "env_native/__init__.py"
    source.write_text(source.read_text().replace('"one"', '"two"'))
    again = ground.ready()
    assert again.reused
    assert ground.run(again, "-c", "import env_native; print(env_native.LABEL, env_native.answer())") == "two 42"
    compiled = ground.root / "env_native/_fast.c"
    compiled.write_text(compiled.read_text().replace("42", "43"))
    rebuilt = ground.ready()
    assert not rebuilt.reused
    assert ground.run(rebuilt, "-c", "import env_native; print(env_native.answer())") == "43"


@on("env_scm")
@pytest.mark.parametrize("source", ["git", "sdist", "neither"])
def test_a_version_from_history(ground: Ground, source: str) -> None:
    if source == "git":
        ground.git("v1.5")
    elif source == "sdist":
        (ground.root / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: env-scm\nVersion: 1.5\n")
    result = ground.ready()
    (ground.root / "PKG-INFO").unlink(missing_ok=True)
    assert result.environment is not None
    assert result.environment.mode == "overlay"
    version = ground.run(result, "-c", "import env_scm; print(env_scm.__version__)")
    assert version == ("0.0.0" if source == "neither" else "1.5")
    assert bool(result.environment.notes) is (source == "neither")
    if source == "git":
        status = subprocess.run(["git", "status", "--porcelain"], cwd=ground.root, capture_output=True, check=True)
        assert status.stdout == b""


@on("env_dynamic")
def test_dependencies_that_only_setup_py_knows(ground: Ground) -> None:
    result = ground.ready()
    assert (
        ground.run(result, "-c", "import env_dynamic, iniconfig; print(env_dynamic.LIST([2, 1]))")
        == "SortedList([1, 2])"
    )


@on("env_namespace")
def test_a_namespace_package(ground: Ground) -> None:
    result = ground.ready()
    assert ground.run(result, "-c", "from corp.part import ANSWER; print(ANSWER)") == "42"


@on("env_plain")
def test_no_backend_the_root_on_the_path(ground: Ground) -> None:
    listed = DependencySet(name="test", install_project=False, requirements=("pytest",), files=("requirements.txt",))
    result = ground.ready(dependencies=listed)
    assert result.environment is not None
    assert result.environment.mode == "path"
    script = Path(result.environment.scripts) / "python"
    code = "import app, iniconfig, sortedcontainers; print(app.ANSWER)"
    done = subprocess.run([script, "-c", code], cwd="/", capture_output=True, text=True, check=True)
    assert done.stdout == "42\n"


@on("env_plain")
def test_what_the_project_imports_without_a_backend(ground: Ground) -> None:
    module = ground.root / "app/__init__.py"
    original = module.read_text()
    module.write_text(f"import sortedcontainers\n{original}")
    places = (("sortedcontainers", "requirements.txt"),)
    result = ground.ready(dependencies=DependencySet(name="test", install_project=False, fallbacks=places))
    module.write_text(original)
    assert result.environment is not None
    assert [line for line, _ in result.environment.added] == ["sortedcontainers"]


@on("env_src")
def test_the_import_closure(ground: Ground) -> None:
    seen = ground.seen().project.dependency_sets[0]
    test = ground.root / "tests/test_src.py"
    original = test.read_text()
    test.write_text(f"import msgspec\nimport nowhere_at_all\n{original}")
    try:
        places = (("msgspec", "extra `msgspec`"),)
        result = ground.ready(dependencies=msgspec.structs.replace(seen, fallbacks=places))
    finally:
        test.write_text(original)
    assert result.environment is not None
    ((line, why),) = result.environment.added
    assert line == "msgspec"
    assert "tests/test_src.py:1" in why
    assert "extra `msgspec`" in why
    ((module, told),) = result.environment.undeclared
    assert module == "nowhere_at_all"
    assert "declared nowhere" in told
    ground.run(result, "-c", "import msgspec")


@on("env_src")
def test_a_tests_writing_into_site_packages_does_not_reach_the_cache(ground: Ground) -> None:
    result = ground.ready()
    assert result.environment is not None
    (site,) = Path(result.environment.scripts).parent.glob("lib/*/site-packages")
    assert {path.stat().st_nlink for path in site.glob("iniconfig/*.py")} == {1}


@on("env_src")
def test_where_only_linters_and_type_checkers_run_packages_are_linked(ground: Ground) -> None:
    result = ground.ready(examines=True)
    assert result.environment is not None
    (site,) = Path(result.environment.scripts).parent.glob("lib/*/site-packages")
    assert {path.stat().st_nlink > 1 for path in site.glob("iniconfig/*.py")} == {True}
    again = ground.ready()
    assert again.environment is not None
    assert again.environment.key != result.environment.key


@on("env_native")
def test_killed_at_any_moment_and_made_again(ground: Ground) -> None:
    spec, tree = ground.spec()
    Path(spec.tree).write_bytes(msgspec.json.encode(tree))
    spec_file = ground.root.parent / "spec.json"
    spec_file.write_bytes(msgspec.json.encode(spec))
    code = "import os, sys; from penstock.run.environment.prepare import main; sys.exit(main(sys.argv[1], os.environ))"
    argv = [sys.executable, "-c", code, str(spec_file)]
    environ = {**os.environ, "PYTHONPATH": str(Path(prepare.__file__).parents[3])}
    for delay_s in (0.1, 0.3, 0.6, 1.2, 2.5):
        started = subprocess.Popen(argv, env=environ, stdout=subprocess.DEVNULL, start_new_session=True)
        time.sleep(delay_s)
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()
    both = [subprocess.Popen(argv, env=environ, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    found = prepare.lookup(spec, tree)
    assert found is not None
    assert ground.run(found, "-c", "import env_native; print(env_native.answer())") == "42"
    assert len(list((ground.state / "envs").iterdir())) == 1
