"""All facts together, on a small project, with and without git."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.model.snapshot import Snapshot
from penstock.scan import snapshot
from penstock.util.process import Completed
from tests.fakes.processes import FakeProcesses


def take(root: Path, processes: FakeProcesses | None = None) -> Snapshot:
    environ = {"PATH": str(root / "bin"), "HOME": str(root)}
    return snapshot.take(root, state=root / ".penstock", processes=processes or FakeProcesses(), environ=environ)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {
        "pyproject.toml": '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.11"\n',
        "src/demo/__init__.py": "",
        "tests/test_demo.py": "def test_demo():\n    assert True\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_folder_without_git_and_without_a_python_is_read_all_the_same(project: Path) -> None:
    found = take(project)
    assert found.root == str(project)
    assert set(found.files) == {"pyproject.toml", "src/demo/__init__.py", "tests/test_demo.py"}
    assert (found.git.state, found.interpreters, found.changed) == ("none", (), None)
    assert "PATH" in found.looked_in
    assert found.project.name == "demo"
    assert found.platform.cpus >= 1


def test_two_looks_at_one_tree_are_equal(project: Path) -> None:
    assert take(project) == take(project)


def test_a_repository_that_is_not_used_is_a_decision_with_its_reason(project: Path) -> None:
    (project / ".git").mkdir()
    said = Completed(exit_code=128, stdout=b"", stderr=b"fatal: detected dubious ownership in repository at '/x'")
    found = take(project, FakeProcesses().script("git", answer=said))
    (decision,) = (each for each in found.project.decisions if each.subject == "git")
    assert "safe.directory" in decision.why


def test_a_submodule_without_files_is_a_decision(project: Path) -> None:
    (project / ".git").mkdir()
    (project / ".gitmodules").write_text('[submodule "x"]\n\tpath = vendor/x\n\turl = ../x\n')
    status = b"# branch.oid (initial)\0# branch.head main\0"
    processes = FakeProcesses().says("git", stdout=b"pyproject.toml\0src/demo/__init__.py\0vendor/x\0")
    processes.says("git", "--no-optional-locks", "-c", "core.fsmonitor=false", "status", stdout=status)
    found = take(project, processes)
    assert found.git.empty_submodules == ("vendor/x",)
    assert [each.choice for each in found.project.decisions if each.subject == "git"] == [
        "without the files of vendor/x"
    ]
    assert set(found.files) == {"pyproject.toml", "src/demo/__init__.py"}


def test_a_link_to_the_project_is_the_project(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    link = tmp_path_factory.mktemp("links") / "here"
    link.symlink_to(project)
    assert take(link).root == str(project)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        take(tmp_path / "gone")
