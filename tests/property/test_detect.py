"""Detection never raises, whatever stands in the files that it reads, and says the same for the same files."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.scan.detect.detection import project

FILES = (
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "tox.ini",
    "noxfile.py",
    "Makefile",
    "Justfile",
    ".pre-commit-config.yaml",
    ".github/workflows/ci.yml",
    "requirements/test.txt",
    ".coveragerc",
    "PKG-INFO",
    "uv.lock",
    "tests/test_a.py",
)
FRAGMENTS = st.sampled_from(
    [
        "[tox]\nenvlist = py{31{0,1},3}\n",
        "[testenv]\ndeps =\n    {[testenv]deps}\ncommands = pytest {posargs:{[tox]envlist}}\n",
        "[testenv:{a,b}]\nsetenv = A\n  B = {env:X:{env:Y}}\n",
        "[project]\nname = 3\ndependencies = 'x'\ndynamic = {}\n",
        "[tool]\ntox = 1\nuv = []\n",
        "[tool.tox]\nenv_list = [1]\nenv_run_base = {commands = ['a', [1], [{replace = 'ref', of = ['tool']}]]}\n",
        "[tool.poetry]\ndependencies = {python = 3, a = [1, {version = '^x'}]}\ngroup = {dev = 1}\n",
        "[dependency-groups]\na = [{include-group = 'b'}, 1]\nb = [{include-group = 'a'}]\n",
        "[tool.pytest.ini_options]\naddopts = 1\ntestpaths = ['[']\ntimeout = 'x'\n",
        "[tool.hatch.envs.a]\ntemplate = 'b'\nscripts = {run = 'run', x = [1]}\n[tool.hatch.envs.b]\ntemplate = 'a'\n",
        "[tool.coverage]\nrun = 1\nreport = {fail_under = 'x'}\n",
        "[tool.pixi]\nenvironments = {default = 1}\nfeature = {a = {tasks = {t = 1}}}\n",
        "[tool.mypy]\nplugins = 1\n[tool.ruff]\nformat = 1\n",
        "-r ../x.txt\n-e .[\n--hash\n@\n",
        "import nox\n@nox.session\ndef a(s):\n    s.install(*x, -1)\n    s.run(f'{y}')\n    a(s)\n",
        "repos:\n- repo: a\n  rev: b\n  hooks:\n  - id: mypy\n    args: [\n    files: '('\n",
        "test:\n\tpytest $(A) ${B} 'unclosed\n\t-@\\\n",
        "setup(**x, install_requires=[y], extras_require={1: 2, 'a': z})\n",
        "Name\n: x\nRequires-Dist: a; extra == 'b\n",
        "\x00\ufeff\u2028\n",
    ]
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(FILES), st.lists(FRAGMENTS | st.text(max_size=30), max_size=4).map("\n".join)))
def test_it_never_raises(contents: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "p"
        root.mkdir()
        for name, text in contents.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8", errors="replace")
        assert project(root, sorted(contents)) == project(root, sorted(contents, reverse=True))
