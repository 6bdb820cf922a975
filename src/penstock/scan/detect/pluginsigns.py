"""pytest plugins that the project uses but declares nowhere: by options, ini keys, fixtures and variables (table (d)).

An option that the project's own conftest defines is its own and beats the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from penstock.scan.detect.pytestconfig import PytestConfig
from penstock.scan.detect.tree import Tree

OPTIONS = {
    "--timeout": "pytest-timeout",
    "--asyncio-mode": "pytest-asyncio",
    "--benchmark": "pytest-benchmark",
    "--ds": "pytest-django",
    "--no-migrations": "pytest-django",
    "--nomigrations": "pytest-django",
    "--reuse-db": "pytest-django",
    "--instafail": "pytest-instafail",
    "--no-flaky-report": "flaky",
    "--no-success-flaky-report": "flaky",
    "--mypy": "pytest-mypy",
    "--ruff": "pytest-ruff",
    "--black": "pytest-black",
    "--flake8": "pytest-flake8",
    "--reruns": "pytest-rerunfailures",
    "--randomly": "pytest-randomly",
    "--random-order": "pytest-random-order",
    "--mpl": "pytest-mpl",
    "--disable-socket": "pytest-socket",
    "--allow-hosts": "pytest-socket",
    "--snapshot": "syrupy",
    "--cov": "pytest-cov",
    "--no-cov": "pytest-cov",
    "--numprocesses": "pytest-xdist",
    "--dist": "pytest-xdist",
}
PLUGINS = {
    "pytest_cov": "pytest-cov",
    "xdist": "pytest-xdist",
    "instafail": "pytest-instafail",
    "pytest_mock": "pytest-mock",
    "anyio": "anyio",
    "trio": "pytest-trio",
    "asyncio": "pytest-asyncio",
    "pytest_asyncio": "pytest-asyncio",
    "timeout": "pytest-timeout",
    "pytest_timeout": "pytest-timeout",
    "flaky": "flaky",
    "randomly": "pytest-randomly",
}
KEYS = {
    "timeout": "pytest-timeout",
    "timeout_method": "pytest-timeout",
    "asyncio_mode": "pytest-asyncio",
    "asyncio_default_fixture_loop_scope": "pytest-asyncio",
    "DJANGO_SETTINGS_MODULE": "pytest-django",
    "trio_mode": "pytest-trio",
    "env": "pytest-env",
    "qt_api": "pytest-qt",
    "mypy_plugins": "pytest-mypy-plugins",
}
FIXTURES = {
    "mocker": "pytest-mock",
    "benchmark": "pytest-benchmark",
    "snapshot": "syrupy",
    "httpx_mock": "pytest-httpx",
    "requests_mock": "requests-mock",
    "respx_mock": "respx",
    "freezer": "pytest-freezer",
    "time_machine": "time-machine",
    "fs": "pyfakefs",
    "data_regression": "pytest-regressions",
    "datadir": "pytest-datadir",
    "httpbin": "pytest-httpbin",
    "httpserver": "pytest-httpserver",
    "subtests": "pytest-subtests",
    "qtbot": "pytest-qt",
    "django_db": "pytest-django",
    "settings": "",
}
MARKS = {
    "asyncio": "pytest-asyncio",
    "django_db": "pytest-django",
    "trio": "pytest-trio",
}
"""Marks that are more than words: without the plugin their tests do not run. Of `flaky` and `timeout` the plugin only
changes how often and how long a test runs, and several have them: it is the project's to choose."""


def missing(
    tree: Tree, config: PytestConfig | None, arguments: Iterable[str], named: set[str], test_files: Iterable[str]
) -> list[tuple[str, str]]:
    """(distribution, sign) of every plugin that is used and not among `named`. `arguments`: of the own command."""
    own = _own(tree)
    found: dict[str, str] = {}
    words = [*(config.addopts if config else ()), *arguments]
    for distribution, sign in (
        *_of_words(words),
        *_of_keys(config.options if config else {}),
        *_of_files(tree, test_files),
    ):
        if distribution and distribution not in named and not any(sign.startswith(each) for each in own):
            found.setdefault(distribution, sign)
    return list(found.items())


def _own(tree: Tree) -> set[str]:
    """Options and fixtures that a conftest of the project defines."""
    found: set[str] = set()
    for path in tree.python:
        if path.endswith("conftest.py") or "plugin" in path.rpartition("/")[2]:
            text = tree.text(path)
            if "pytest" in text:
                found.update(re.findall(r"addoption\(\s*[\"'](--[\w-]+)", text))
                found.update(re.findall(r"fixture[^\n]*\n(?:@[^\n]*\n)*\s*(?:async )?def (\w+)", text))
                found.update(re.findall(r"fixture\([^)]*name=[\"'](\w+)", text))
                found.update(re.findall(r"addini\(\s*[\"'](\w+)", text))
    return {name for name in found if name}


def _of_words(words: list[str]) -> Iterator[tuple[str, str]]:
    for position, word in enumerate(words):
        plugin = words[position + 1] if word == "-p" and position + 1 < len(words) else word.removeprefix("-p").strip()
        if word.startswith("-p") and plugin in PLUGINS:
            yield PLUGINS[plugin], f"-p {plugin}"
        elif re.match(r"-n(?:\d|auto|logical|$)", word):
            yield "pytest-xdist", word
        elif word.startswith("--"):
            option = word.partition("=")[0]
            known = next((key for key in sorted(OPTIONS, key=len, reverse=True) if _is_option(option, key)), None)
            if known:
                yield OPTIONS[known], option


def _is_option(option: str, key: str) -> bool:
    return option == key or (
        key in {"--cov", "--benchmark", "--randomly", "--mpl", "--snapshot", "--reruns", "--random-order"}
        and option.startswith(f"{key}-")
    )


def _of_keys(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return ((KEYS[key], key) for key in options if key in KEYS)


_ARGUMENTS = re.compile(r"def test\w*\(([^)]+)\)")
_MARK = re.compile(rf"pytest\.mark\.({'|'.join(MARKS)})\b")


def _of_files(tree: Tree, test_files: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Fixtures asked for as arguments of test functions, and marks."""
    for path in test_files:
        text = tree.text(path)
        wanted = {word for found in _ARGUMENTS.finditer(text) for word in _WORD.findall(found[1])} & FIXTURES.keys()
        yield from ((FIXTURES[name], name) for name in sorted(wanted) if f"def {name}(" not in text)
        yield from ((MARKS[mark], mark) for mark in sorted(set(_MARK.findall(text))))


_WORD = re.compile(r"\w+")
