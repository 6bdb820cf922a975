"""Which interpreter `penstock test` takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from penstock.cli.interpreter import choose
from penstock.errors import NotVerifiedError, UsageError
from penstock.util.process import Completed


class Asked:
    """See ports.Processes: answers whether pytest is there."""

    def __init__(self, *, there: bool = True) -> None:
        self.there = there
        self.argv: list[Sequence[str]] = []

    def run(
        self,
        argv: Sequence[str],
        *,
        directory: str,
        environment: Mapping[str, str] | None = None,
        timeout_s: float = 60.0,
        stdin: bytes = b"",
    ) -> Completed:
        self.argv.append(argv)
        return Completed(exit_code=0 if self.there else 1, stdout=b"", stderr=b"")


def environment(folder: Path, name: str = "python", script: str = "#!/x/python\n") -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / name).touch(mode=0o755)
    if script:
        (folder / "bin" / "pytest").write_text(script)
    return folder


def test_the_active_environment_comes_before_path_and_a_named_one_before_both(tmp_path: Path) -> None:
    active, conda, on_path, named = (environment(tmp_path / name) for name in ("a", "c", "p", "n"))
    environ = {"PATH": f"/nowhere:{on_path}/bin", "CONDA_PREFIX": str(conda), "VIRTUAL_ENV": str(active)}
    asked = Asked()
    assert choose(None, environ, asked, tmp_path).python == f"{active}/bin/python"
    assert choose("n", environ, asked, tmp_path).python == f"{named}/bin/python"
    assert choose("n/bin/python", environ, asked, tmp_path).source == "--python"
    del environ["VIRTUAL_ENV"]
    assert choose(None, environ, asked, tmp_path).source == "CONDA_PREFIX"
    del environ["CONDA_PREFIX"]
    assert choose(None, environ, asked, tmp_path).python == f"{on_path}/bin/python"
    assert not asked.argv, "where the script is, nothing is started to find out"


def test_a_version_is_looked_for_on_path(tmp_path: Path) -> None:
    environment(tmp_path / "p", "python3.12")
    assert choose("3.12", {"PATH": f"{tmp_path}/p/bin"}, Asked(), tmp_path).python.endswith("python3.12")


@pytest.mark.parametrize("script", ["", "#!/usr/bin/env bash\nexec pyenv", "no script"])
def test_without_a_script_of_python_pytest_is_asked_for(tmp_path: Path, script: str) -> None:
    environ = {"PATH": str(environment(tmp_path / "p", script=script) / "bin")}
    assert choose(None, environ, Asked(), tmp_path).start[1:] == ("-m", "pytest")
    with pytest.raises(NotVerifiedError, match="has no pytest") as raised:
        choose(None, environ, Asked(there=False), tmp_path)
    assert "-m pip install pytest" in (raised.value.remedy or "")


def test_the_script_of_a_long_path_is_pythons_too(tmp_path: Path) -> None:
    environment(tmp_path / "p", script="#!/bin/sh\n'''exec' '/long/python' \"$0\" \"$@\"\n' '''\nimport sys")
    assert choose("p", {}, Asked(), tmp_path).start[1].endswith("bin/pytest")


def test_a_project_environment_that_is_not_active_is_pointed_at(tmp_path: Path) -> None:
    environ = {"PATH": str(environment(tmp_path / "p", script="") / "bin")}
    environment(tmp_path / ".venv")
    with pytest.raises(NotVerifiedError) as raised:
        choose(None, environ, Asked(there=False), tmp_path)
    assert "--python .venv" in (raised.value.remedy or "")


@pytest.mark.parametrize(
    ("wish", "environ", "error"),
    [
        ("nowhere", {}, UsageError),
        (None, {"VIRTUAL_ENV": "/nowhere"}, UsageError),
        (None, {"PATH": "/nowhere"}, NotVerifiedError),
    ],
)
def test_what_is_not_there_is_told(
    tmp_path: Path, wish: str | None, environ: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        choose(wish, environ, Asked(), tmp_path)
