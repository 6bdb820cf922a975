"""What users and attackers meet: the public interface, known vulnerabilities, secrets, dependencies, the package."""

from __future__ import annotations

from typing import Any

from tests.sabotage.case import REGISTRY, Files, Red, Sabotage, Scene, instead, plus
from tests.sabotage.databases import ABSENT, EMPTY, WHOLE
from tests.sabotage.projects import UNIT, kiln

COOL = "def cool(degrees: int, by: int) -> int:"
API = kiln("interface", "api = true", more="[tool.penstock.gates]\napi = {}\n", stock=("python -c 'import kiln'",))


def api(name: str, change: Files, twin: Files, expects: Red, **more: Any) -> Sabotage:
    """A case of the public interface."""
    return Sabotage(
        name=name, project=API, change=change, twin=twin, expects=expects, rule="api", needs=REGISTRY, **more
    )


_LESS: Files = {"kiln/__init__.py": instead(COOL, "def cool(degrees: int) -> int:\n    by = 1")}
INTERFACE = (
    api(
        "a parameter goes",
        _LESS,
        {"kiln/__init__.py": instead(COOL, "def cool(degrees: int, by: int, least: int = 0) -> int:")},
        Red("api", "1 break in .*by"),
    ),
    api(
        "a parameter goes, and only the twin says that users have to change something",
        _LESS,
        _LESS,
        Red("api", "1 break in"),
        message="fix: cool by one degree",
        twin_message="fix!: cool by one degree",
    ),
    api("a module goes", {"kiln/glaze.py": None}, {"kiln/oven.py": "HOT = 1\n"}, Red("api", "glaze")),
    api(
        "a module becomes one that cannot be read",
        {"kiln/glaze.py": "def mix(:\n"},
        {"kiln/glaze.py": plus("\n\nSHELVES = 3\n")},
        Red("api", "cannot read kiln/glaze.py", 3),
    ),
)

LOCK = """\
version = 1
requires-python = ">=3.11"

[[package]]
name = "kiln"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "iniconfig" }]

[[package]]
name = "iniconfig"
version = "2.1.0"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files.example.org/iniconfig-2.1.0.tar.gz", hash = "sha256:00" }
"""
_FROM_GIT = (
    '\n[[package]]\nname = "six"\nversion = "1.17.0"\nsource = { git = "https://git.example.org/six#ebd9b3a" }\n'
)
_AUDIT_GATE = "[tool.penstock.gates]\naudit = { severity = 'low' }\n"
_IGNORED = "audit = {{ severity = 'low', ignore = [{{ id = 'CVE-2026-1', reason = 'r', until = {} }}] }}\n"
AUDITED = kiln("audited", f'audit = {{ database = "{WHOLE}" }}', more=_AUDIT_GATE, stock=("true",))
AUDITED = AUDITED._replace(files={**AUDITED.files, "uv.lock": LOCK})


def audit(name: str, change: Files, twin: Files, expects: Red) -> Sabotage:
    """A case of the audit, by a database of the stage's own."""
    return Sabotage(name=name, project=AUDITED, change=change, twin=twin, expects=expects, rule="audit")


def another(database: str) -> Files:
    """Ask another database."""
    return {"pyproject.toml": instead(WHOLE, database)}


def until(day: str) -> Files:
    """A dependency that is known to be vulnerable, and a permission for it."""
    return {
        "uv.lock": instead("2.1.0", "2.0.0"),
        "pyproject.toml": instead("audit = { severity = 'low' }\n", _IGNORED.format(day)),
    }


AUDIT = (
    audit(
        "a version that is known to be vulnerable",
        {"uv.lock": instead("2.1.0", "2.0.0")},
        {"uv.lock": instead("2.1.0", "2.2.0")},
        Red("audit", "1 known vulnerability"),
    ),
    audit("the database does not answer", another(ABSENT), {"README.md": "x\n"}, Red("audit", "could not be asked", 3)),
    audit(
        "the database is empty", another(EMPTY), {"README.md": "x\n"}, Red("audit", "the canary was not reported", 3)
    ),
    audit(
        "a dependency that no database knows",
        {"uv.lock": plus(_FROM_GIT)},
        {"uv.lock": plus(_FROM_GIT.replace("git =", "editable ="))},
        Red("audit", "not audited: six", 3),
    ),
    audit("the permission has run out", until("2020-01-01"), until("2999-01-01"), Red("audit", "ended on 2020-01-01")),
    audit(
        "the lock is emptied",
        {"uv.lock": lambda text: text[: text.index("dependencies")]},
        {"uv.lock": plus("\n")},
        Red("audit", "no dependency to audit|could not be listed", 3),
    ),
)

# Put together here, so that no such thing stands in this file.
_PASSWORD = "hunter2" + "-Very-Long-9x"
_KEY = "AKIA" + "Z7VXQ3NPL5WJ2RTY"
SECRETS = kiln("secretive", "secrets = true", more="[tool.penstock.gates]\nsecrets = {}\n", stock=("true",))


def secrets(name: str, change: Files, twin: Files, **more: Any) -> Sabotage:
    """A case of what should not be in the tree."""
    return Sabotage(
        name=name,
        project=SECRETS,
        change=change,
        twin=twin,
        expects=Red("secrets", "1 secret in"),
        rule="secrets",
        needs=REGISTRY,
        **more,
    )


SECRET = (
    secrets(
        "a password in a new file",
        {"kiln/oven.py": f'PASSWORD = "{_PASSWORD}"\n'},
        {"kiln/oven.py": 'import os\n\nPASSWORD = os.environ["KILN_PASSWORD"]\n'},
    ),
    secrets(
        "a key in a file that is no Python",
        {"deploy.ini": f"[kiln]\naws_key = {_KEY}\n"},
        {"deploy.ini": "[kiln]\naws_key = ${AWS_KEY}\n"},
    ),
    secrets(
        "a permission that has run out",
        {
            "kiln/oven.py": f'PASSWORD = "{_PASSWORD}"\n',
            "pyproject.toml": instead(
                "secrets = {}", "secrets = { ignore = [{ id = 'secret-keyword', reason = 'r', until = 2020-01-01 }] }"
            ),
        },
        {
            "kiln/oven.py": f'PASSWORD = "{_PASSWORD}"\n',
            "pyproject.toml": instead(
                "secrets = {}", "secrets = { ignore = [{ id = 'secret-keyword', reason = 'r', until = 2999-01-01 }] }"
            ),
        },
    ),
)

DECLARED = kiln(
    "declared",
    f"{UNIT}\ndependencies = true",
    more="[tool.penstock.gates]\ndependencies = {}\n",
    stock=("pytest -q",),
)
DECLARED = DECLARED._replace(
    files={
        **DECLARED.files,
        "pyproject.toml": DECLARED.files["pyproject.toml"].replace(
            "[dependency-groups]", 'dependencies = ["iniconfig"]\n\n[dependency-groups]'
        ),
        "kiln/glaze.py": f"import iniconfig\n\nREAD = iniconfig.IniConfig\n\n{DECLARED.files['kiln/glaze.py']}",
    }
)


def dependencies(name: str, change: Files, twin: Files, says: str) -> Sabotage:
    """A case of what is imported against what is declared."""
    return Sabotage(
        name=name,
        project=DECLARED,
        change=change,
        twin=twin,
        expects=Red("dependencies", says),
        rule="dependencies",
        needs=REGISTRY,
    )


_IMPORTS: Files = {"kiln/oven.py": "import pluggy\n\nMANAGER = pluggy.PluginManager\n"}
DEPENDENCIES = (
    dependencies(
        "what is imported is not declared",
        _IMPORTS,
        {**_IMPORTS, "pyproject.toml": instead('["iniconfig"]', '["iniconfig", "pluggy"]')},
        "pluggy",
    ),
    dependencies(
        "what is declared is not imported",
        {"kiln/glaze.py": lambda text: text[text.index('"""A glaze') :]},
        {"kiln/glaze.py": instead("READ = ", "READER = ")},
        "iniconfig",
    ),
)

_BUILT = """\
[project]
name = "kiln"
version = "1.0"
description = "it fires"
requires-python = ">=3.11"
license = "MIT"
license-files = ["LICENSE"]
readme = "README.md"

[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[tool.setuptools]
packages = ["kiln", "kiln.clay"]

[tool.penstock.jobs]
build = true

[tool.penstock.gates]
package = { license = "error" }
"""
PACKAGED = kiln("packaged", "build = true", stock=("pip wheel --no-deps --no-build-isolation -w dist .",))
PACKAGED = PACKAGED._replace(
    files={
        **PACKAGED.files,
        "pyproject.toml": _BUILT,
        "README.md": "# kiln\n",
        "LICENSE": "MIT\n",
        "kiln/clay/__init__.py": "CLAY = 1\n",
        "tests/__init__.py": "",
    }
)


def package(name: str, change: Files, twin: Files, expects: Red, **more: Any) -> Sabotage:
    """A case of what is built."""
    return Sabotage(
        name=name, project=PACKAGED, change=change, twin=twin, expects=expects, rule="package", needs=REGISTRY, **more
    )


def tagged(scene: Scene) -> None:
    """The base is released as 1.0."""
    scene.git("tag", "v1.0", "main")


def built(old: str, new: str) -> Files:
    """Another declaration of the package."""
    return {"pyproject.toml": instead(old, new)}


PACKAGE = (
    package(
        "the wheel lacks a module",
        built('"kiln", "kiln.clay"', '"kiln"'),
        built('"kiln", "kiln.clay"', '"kiln.clay", "kiln"'),
        Red("package.contents", "W101"),
    ),
    package(
        "the wheel holds the tests",
        built('"kiln", "kiln.clay"', '"kiln", "kiln.clay", "tests"'),
        {"tests/test_more.py": "def test_more() -> None:\n    assert True\n"},
        Red("package.contents", "W005"),
    ),
    package(
        "the version is below the newest tag",
        built('version = "1.0"', 'version = "0.9"'),
        built('version = "1.0"', 'version = "1.1"'),
        Red("package.version", "0.9 is lower than 1.0"),
        before=tagged,
    ),
    package(
        "the licence is no licence",
        built('license = "MIT"', 'license = "Nonsense"'),
        built('license = "MIT"', 'license = "Apache-2.0"'),
        Red("package", "license|Nonsense", also=("package.license", "package.metadata")),
    ),
    package(
        "the package cannot be built",
        built("setuptools.build_meta", "setuptools.no_such_backend"),
        built("setuptools>=77", "setuptools>=78"),
        Red("package", "the build failed|no_such_backend", also=("package.metadata", "package.contents")),
    ),
)

CASES = (*INTERFACE, *AUDIT, *SECRET, *DEPENDENCIES, *PACKAGE)
