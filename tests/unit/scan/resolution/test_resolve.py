"""Decisions of the resolver, with uv scripted: what it is asked, what is made of its answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from penstock.errors import StaleLockError
from penstock.model.snapshot import DependencySet, Lock, Resolution, Snapshot
from penstock.scan import resolve
from penstock.util import digest
from penstock.util.process import Completed
from tests import builders
from tests.fakes.processes import Call, FakeProcesses

PYPROJECT = """
[project]
name = "demo"
dependencies = ["attrs"]
[project.optional-dependencies]
test = ["pytest"]
[dependency-groups]
dev = ["ruff"]
[build-system]
build-backend = "hatchling.build"
"""
NO_SUCH = b"  cause: Because there is no version of attrs==999 and you require attrs==999, we can conclude"
NOT_CACHED = b"  cause: Because attrs was not found in the cache and you require attrs, we can conclude"


class World:
    """A project folder and a uv that answers by a function of its command line."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "demo"
        self.root.mkdir()
        self.uv = folder / "uv"
        self.uv.write_text("")
        self.processes = FakeProcesses()
        self.write("pyproject.toml", PYPROJECT)

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text)

    def answers(self, *argv: str, answer: Callable[[Call], Completed] | Completed) -> None:
        self.processes.script(str(self.uv), *argv, answer=answer)

    def snapshot(self, **fields: Any) -> Snapshot:
        files = {path.name: digest.of_file(path) for path in self.root.iterdir() if path.is_file()}
        pythons = (builders.interpreter("3.13"), builders.interpreter("3.9"))
        return builders.snapshot(root=str(self.root), files=files, interpreters=pythons, **fields)

    def resolve(
        self, chosen: DependencySet, *, offline: bool = False, upgrade: bool = False, environ: Mapping[str, str] = {}
    ) -> Resolution:
        (found,) = resolve.resolve(
            self.snapshot(),
            (chosen,),
            ("3.9", "3.13"),
            state=self.root.parent / "state",
            uv=str(self.uv),
            processes=self.processes,
            environ=environ,
            offline=offline,
            upgrade=upgrade,
        )
        return found


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def ok(text: str) -> Completed:
    return Completed(exit_code=0, stdout=text.encode(), stderr=b"")


def failed(text: bytes) -> Completed:
    return Completed(exit_code=1, stdout=b"", stderr=b"error: No solution found when resolving dependencies\n" + text)


def asked(call: Call) -> list[str]:
    """The lines of the file that uv is asked to compile; it stands before --offline."""
    path = next(word for word in call.argv if word.endswith("requirements.in"))
    return Path(path).read_text().splitlines()


TEST = DependencySet(name="test", extras=("test",))


def test_one_universal_resolution_from_the_oldest_python_cache_first(world: World) -> None:
    seen: list[list[str]] = []

    def answer(call: Call) -> Completed:
        seen.append(asked(call))
        return ok("attrs==26\npytest==9\n")

    world.answers("pip", "compile", answer=answer)
    found = world.resolve(TEST)
    assert found.requirements == "attrs==26\npytest==9\n"
    assert found.problem is None
    (call,) = world.processes.calls
    assert seen == [["attrs", "pytest"]]
    assert {"--universal", "--offline"} <= set(call.argv)
    assert call.argv[call.argv.index("--python-version") + 1] == "3.9"
    assert call.argv[call.argv.index("--python") + 1] == "/pythons/3.9/bin/python"
    assert call.directory == str(world.root)


def test_a_repeat_starts_nothing_until_an_input_changes(world: World) -> None:
    world.answers("pip", "compile", answer=ok("attrs==26\n"))
    first = world.resolve(TEST)
    assert world.resolve(TEST) == first
    assert len(world.processes.calls) == 1
    world.write("README.md", "new")
    world.resolve(TEST)
    assert len(world.processes.calls) == 1
    world.write("pyproject.toml", PYPROJECT.replace('"attrs"', '"attrs>2"'))
    world.resolve(TEST)
    assert len(world.processes.calls) == 2
    world.resolve(TEST, environ={"UV_DEFAULT_INDEX": "https://mirror/simple"})
    assert len(world.processes.calls) == 3
    world.resolve(TEST, upgrade=True)
    assert len(world.processes.calls) == 4
    assert "--upgrade" in world.processes.calls[-1].argv


def test_the_network_is_asked_when_the_cache_cannot_answer_and_never_offline(world: World) -> None:
    world.answers(
        "pip", "compile", answer=lambda call: failed(NOT_CACHED) if "--offline" in call.argv else ok("attrs==26\n")
    )
    assert world.resolve(TEST, offline=True).problem is not None
    assert len(world.processes.calls) > 0
    assert all("--offline" in call.argv for call in world.processes.calls)
    assert world.resolve(TEST).requirements == "attrs==26\n"


def test_a_problem_names_the_requirement_its_place_and_a_remedy_and_is_not_kept(world: World) -> None:
    world.write("pyproject.toml", PYPROJECT.replace('"attrs"', '"attrs==999"'))
    world.answers("pip", "compile", answer=failed(NO_SUCH))
    found = world.resolve(TEST)
    assert found.requirements == ""
    assert found.problem is not None
    assert found.problem.startswith("attrs==999 has no version that fits, declared at pyproject.toml:")
    assert found.remedy
    before = len(world.processes.calls)
    world.resolve(TEST)
    assert len(world.processes.calls) > before


def test_the_project_itself_is_taken_out(world: World) -> None:
    world.answers("pip", "compile", answer=ok("attrs==26\ndemo==0.1\npytest==9\n"))
    assert world.resolve(TEST).requirements == "attrs==26\npytest==9\n"


def test_a_repository_that_cannot_be_reached_is_left_out_and_named(world: World) -> None:
    line = "tool @ git+https://example.org/tool"
    message = (
        b"error: Failed to download and build `tool @ git+https://example.org/tool`\n  cause: Git operation failed\n"
    )
    broken = Completed(exit_code=1, stdout=b"", stderr=message)
    world.answers("pip", "compile", answer=lambda call: broken if line in asked(call) else ok("attrs==26\n"))
    found = world.resolve(DependencySet(name="test", requirements=(line,)))
    assert found.requirements == "attrs==26\n"
    assert found.problem is None
    assert len(found.unfetchable) == 1
    assert found.unfetchable[0].startswith(line)
    before = len(world.processes.calls)
    world.resolve(DependencySet(name="test", requirements=(line,)))
    assert len(world.processes.calls) == before


def test_each_python_by_itself_where_none_fits_all(world: World) -> None:
    too_new = (
        b"  cause: the requested Python version does not satisfy Python>=3.11 and attrs==9 depends on Python>=3.11"
    )

    def answer(call: Call) -> Completed:
        if "--universal" in call.argv or "3.9" in call.argv:
            return failed(too_new)
        return ok("attrs==9\nwin==1 ; sys_platform == 'win32'\n")

    world.answers("pip", "compile", answer=answer)
    found = world.resolve(TEST)
    assert found.problem is None
    assert [minor for minor, _ in found.blocked] == ["3.9"]
    lines = found.requirements.splitlines()
    assert lines[0].startswith("# penstock: no resolution for 3.9: ")
    assert lines[1:] == [
        "attrs==9 ; python_version == '3.13'",
        "win==1 ; (sys_platform == 'win32') and python_version == '3.13'",
    ]


def test_what_is_not_declared_is_a_problem_without_a_process(world: World) -> None:
    found = world.resolve(DependencySet(name="test", extras=("nope",)))
    assert found.problem is not None
    assert "nope" in found.problem
    assert world.processes.calls == []


@pytest.mark.parametrize("conflict", [False, True])
def test_tentative_extras_go_in_if_there_are_versions_with_them(world: World, *, conflict: bool) -> None:
    seen: list[list[str]] = []

    def answer(call: Call) -> Completed:
        seen.append(asked(call))
        return failed(b"  x") if conflict and "pytest" in seen[-1] else ok("\n".join(f"{line}==1" for line in seen[-1]))

    world.answers("pip", "compile", answer=answer)
    found = world.resolve(DependencySet(name="test", tentative=("test",)))
    assert found.problem is None
    assert found.dependencies == "test"
    assert ("pytest==1" in found.requirements) is not conflict
    assert any("extras test are left out" in note for note in found.notes) is conflict


def test_a_tool_that_needs_the_projects_own_release_gets_it(world: World) -> None:
    world.answers("pip", "compile", answer=ok("demo==3\ntwine==7\n"))
    tool = DependencySet(name="twine", install_project=False, requirements=("twine",))
    assert world.resolve(tool).requirements == "demo==3\ntwine==7\n"
    beside = DependencySet(name="test", requirements=("twine",))
    assert world.resolve(beside).requirements == "twine==7\n"


def test_the_projects_settings_for_uv_do_not_hold_back_a_tool(world: World) -> None:
    def answer(call: Call) -> Completed:
        held_back = b"  Because there is no version of ruff==0.17.6 and you require ruff==0.17.6, we can conclude that"
        return ok("ruff==0.17.6\n") if call.directory == "/" else failed(held_back)

    world.answers("pip", "compile", answer=answer)
    tool = DependencySet(name="ruff", install_project=False, requirements=("ruff==0.17.6",))
    assert world.resolve(tool).requirements == "ruff==0.17.6\n"
    assert world.resolve(DependencySet(name="test", requirements=("ruff==0.17.6",))).problem is not None


LOCKED = DependencySet(name="test", groups=("dev",), lock=Lock(kind="uv", path="uv.lock"))
UV_LOCK = """
version = 1
[[package]]
name = "attrs"
version = "25.1"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "pytest"
version = "8.0"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "ruff"
version = "0.4.4"
source = { registry = "https://pypi.org/simple" }
"""


def test_uv_lock_is_exported_not_resolved(world: World) -> None:
    world.write("uv.lock", UV_LOCK)
    world.answers("lock", "--check", answer=ok(""))
    world.answers("export", answer=ok("attrs==25.1 \\\n    --hash=sha256:00\nruff==0.4.4\n"))
    found = world.resolve(LOCKED)
    assert found.requirements == "attrs==25.1 \\\n    --hash=sha256:00\nruff==0.4.4\n"
    export = next(call for call in world.processes.calls if call.argv[1] == "export")
    assert {"--frozen", "--no-emit-project", "--no-default-groups"} <= set(export.argv)
    assert export.argv[export.argv.index("--group") + 1] == "dev"


def test_a_stale_lock_stops_with_the_command_that_renews_it(world: World) -> None:
    world.write("uv.lock", UV_LOCK)
    world.write("pyproject.toml", PYPROJECT.replace('"attrs"', '"attrs>=26"'))
    world.answers("lock", "--check", answer=failed(NOT_CACHED))
    with pytest.raises(StaleLockError, match="attrs>=26") as caught:
        world.resolve(LOCKED)
    assert "uv lock" in (caught.value.remedy or "")


def test_a_lock_that_only_uv_would_change_is_used_and_that_is_told(world: World) -> None:
    world.write("uv.lock", UV_LOCK)
    world.answers("lock", "--check", answer=failed(b"  cause: The lockfile needs to be updated"))
    world.answers("export", answer=ok("attrs==25.1\n"))
    found = world.resolve(LOCKED)
    assert found.problem is None
    assert "uv would change uv.lock" in found.notes[0]


def test_a_lock_that_cannot_be_exported_binds_as_constraints_and_that_is_told(world: World) -> None:
    world.write("uv.lock", UV_LOCK)
    world.answers("lock", "--check", answer=ok(""))
    world.answers("export", answer=failed(b"  cause: workspace member `x` is missing"))
    bounds: list[str] = []

    def answer(call: Call) -> Completed:
        bounds.extend(Path(call.argv[call.argv.index("-c") + 1]).read_text().splitlines())
        return ok("attrs==25.1\nruff==0.4.4\n")

    world.answers("pip", "compile", answer=answer)
    found = world.resolve(LOCKED)
    assert found.requirements == "attrs==25.1\nruff==0.4.4\n"
    assert bounds == ["attrs==25.1", "pytest==8.0", "ruff==0.4.4"]
    assert "could not be exported" in found.notes[0]


def test_what_is_asked_beside_the_lock_is_chosen_within_it(world: World) -> None:
    world.write("uv.lock", UV_LOCK)
    world.answers("lock", "--check", answer=ok(""))
    world.answers("export", answer=ok("attrs==25.1\nruff==0.4.4\n"))
    world.answers("pip", "compile", answer=ok("attrs==25.1\nextra-tool==1\n"))
    chosen = DependencySet(name="test", groups=("dev",), requirements=("extra-tool",), lock=LOCKED.lock)
    assert world.resolve(chosen).requirements == "attrs==25.1\nruff==0.4.4\nextra-tool==1\n"


def test_a_tool_that_the_locked_groups_bring_is_not_asked_for_again(world: World) -> None:
    world.write("uv.lock", UV_LOCK)
    world.answers("lock", "--check", answer=ok(""))
    world.answers("export", answer=ok("attrs==25.1\nruff==0.4.4\n"))
    chosen = DependencySet(name="types", groups=("dev",), otherwise=("ruff==0.14.5",), lock=LOCKED.lock)
    assert world.resolve(chosen).requirements == "attrs==25.1\nruff==0.4.4\n"


def test_what_the_lock_wants_on_some_pythons_is_had_where_the_added_needs_it(world: World) -> None:
    world.write("uv.lock", UV_LOCK)
    world.answers("lock", "--check", answer=ok(""))
    world.answers(
        "export", answer=ok("attrs==25.1 ; python_full_version < '3.11' \\\n    --hash=sha256:00\nruff==0.4.4\n")
    )
    world.answers("pip", "compile", answer=ok("attrs==25.1\nextra-tool==1\nruff==0.4.4\n"))
    chosen = DependencySet(name="test", groups=("dev",), requirements=("extra-tool",), lock=LOCKED.lock)
    lines = world.resolve(chosen).requirements.splitlines()
    assert lines[-3:] == ["ruff==0.4.4", "attrs==25.1", "extra-tool==1"]


POETRY_LOCK = """
[[package]]
name = "attrs"
version = "25.1"
[[package]]
name = "attrs"
version = "24.1"
[[package]]
name = "pytest"
version = "8.0"
markers = "python_version >= \\"3.9\\""
[[package]]
name = "ruff"
version = "0.4.4"
[[package]]
name = "local"
version = "1"
source = { type = "directory", url = "x" }
"""


def test_poetry_lock_binds_as_constraints(world: World) -> None:
    world.write("poetry.lock", POETRY_LOCK)
    bounds: list[str] = []

    def answer(call: Call) -> Completed:
        bounds.extend(Path(call.argv[call.argv.index("-c") + 1]).read_text().splitlines())
        return ok("attrs==25.1\n")

    world.answers("pip", "compile", answer=answer)
    found = world.resolve(DependencySet(name="test", lock=Lock(kind="poetry", path="poetry.lock")))
    assert bounds == ["attrs<=25.1", "pytest==8.0", "ruff==0.4.4"]
    assert found.requirements == "attrs==25.1\n"


def test_the_second_opinion_of_the_commits_date(world: World) -> None:
    world.answers("pip", "compile", answer=ok("attrs==21\n"))
    given: dict[str, Any] = {
        "state": world.root.parent / "state",
        "uv": str(world.uv),
        "processes": world.processes,
        "environ": {},
    }
    dated = world.snapshot(git=builders.git())
    world.processes.says("git", stdout=b"1600000000\n")
    found = resolve.as_of_commit_date(dated, TEST, ("3.13",), offline=False, **given)
    assert found is not None
    assert found.newest_allowed == "2020-09-13T12:26:40Z"
    assert "2020-09-13T12:26:40Z" in world.processes.calls[-1].argv
    undated = world.snapshot(git=builders.git(state="none", branch=None, commit=None))
    assert resolve.as_of_commit_date(undated, TEST, ("3.13",), offline=False, **given) is None
