"""hatch: the environments of `[tool.hatch.envs]` or hatch.toml, templates followed, scripts as commands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from penstock.errors import Place
from penstock.scan.detect.declared import POSARGS, Declared, Needs, installed, unique, words
from penstock.scan.detect.requirement import canonical, strings
from penstock.scan.detect.tree import Tree

TEST_DEFAULTS = ("pytest", "pytest-mock", "pytest-randomly", "pytest-rerunfailures", "pytest-xdist[psutil]")
"""What `hatch test` installs (hatch's documentation, "internal environments"); coverage is penstock's own."""


def read(tree: Tree) -> list[Declared]:
    """Every environment; `hatch-test` with hatch's own defaults."""
    path, header = ("hatch.toml", "envs") if "hatch.toml" in tree else ("pyproject.toml", "tool.hatch.envs")
    envs = tree.table(path, *header.split("."))
    if not envs and _calls_hatch_test(tree):
        envs = {"hatch-test": {}}
    return [_declared(tree, path, header, envs, name) for name in envs if isinstance(envs[name], dict)]


def _calls_hatch_test(tree: Tree) -> bool:
    workflows = (path for path in tree.files if re.match(r"\.github/workflows/[^/]+\.ya?ml$", path))
    return any(re.search(r"\bhatch (?:-\S+ )*test\b", tree.text(path)) for path in sorted(workflows))


def _declared(tree: Tree, path: str, header: str, envs: Mapping[str, Any], name: str) -> Declared:
    settings = _merged(envs, name, ())
    lines = [*strings(settings.get("dependencies")), *strings(settings.get("extra-dependencies"))]
    if name == "hatch-test" and "dependencies" not in settings:
        lines = [*TEST_DEFAULTS, *lines]
    given = installed(lines)
    scripts = {key: value for key, value in (settings.get("scripts") or {}).items() if isinstance(value, str | list)}
    if name == "hatch-test" and "run" not in scripts:
        arguments = strings(settings.get("default-args")) or ["tests"]
        scripts["run"] = " ".join(["pytest", *arguments])
    environment = settings.get("env-vars") or {}
    place = tree.place(path, f"[{header}.{name}]")
    return Declared(
        source="hatch",
        name=name,
        place=place if place.line else Place(path=path),
        needs=Needs(
            requirements=given.requirements,
            extras=tuple(map(canonical, strings(settings.get("features")))),
            groups=tuple(strings(settings.get("dependency-groups"))),
            project=not (settings.get("skip-install") or settings.get("detached")),
        ),
        commands=tuple(dict.fromkeys(argv for key in _preferred(scripts) for argv in _commands(scripts, key, ()))),
        environment=tuple((k, v) for k, v in environment.items() if isinstance(v, str) and "{" not in v),
    )


def _merged(envs: Mapping[str, Any], name: str, path: tuple[str, ...]) -> dict[str, Any]:
    """The environment on its template (`default` unless said); `extra-dependencies` add up."""
    own = envs.get(name)
    own = own if isinstance(own, dict) else {}
    template = str(own.get("template", "default" if name != "hatch-test" else name))
    if own.get("detached") or template == name or template in path or name in path:
        return dict(own)
    base = _merged(envs, template, (*path, name))
    extra = unique(strings(base.get("extra-dependencies")), strings(own.get("extra-dependencies")))
    scripts = (
        {**(base.get("scripts") or {}), **(own.get("scripts") or {})} if name != "hatch-test" else own.get("scripts")
    )
    return {**base, **own, "extra-dependencies": list(extra), "scripts": scripts or {}}


def _preferred(scripts: Mapping[str, Any]) -> list[str]:
    """Scripts in the order in which they are likely meant: test, run, then the others."""
    return sorted(scripts, key=lambda key: (key not in {"test", "tests", "run", "unit"}, "cov" in key))


def _commands(scripts: Mapping[str, Any], key: str, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A script's commands; one that begins with another script's name stands for it."""
    value = scripts.get(key)
    for line in [value] if isinstance(value, str) else strings(value):
        plain = re.sub(r"\{args(?::([^{}]*))?\}", lambda found: found[1] or POSARGS, line.lstrip("- "))
        argv = words(re.sub(r"\{env:[^{}]*\}|\{root\}/?", "", plain))
        if argv and argv[0] in scripts and argv[0] not in (*path, key):
            yield from (found + argv[1:] for found in _commands(scripts, argv[0], (*path, key)))
        elif argv:
            yield argv
