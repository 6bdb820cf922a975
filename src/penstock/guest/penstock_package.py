"""Reads what was built as an installer would: the metadata of wheels and sdists, and pyproject.toml (Python >= 3.9).

    python penstock_package.py DIST WORKSPACE REPORT

Run in an environment with packaging (twine brings it) and validate-pyproject. REPORT gets JSON: {"checked":
distributions read, "version", "requires": Requires-Python, "allowed": minors that it allows, "named": minors that
classifiers name, "typed": py.typed is in a wheel, "validated": by validate-pyproject, "findings": [{"rule", "message",
"path", "bad"}]}. A rule begins with the part of the gate that it belongs to: metadata, license, pythons, typed.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_MINORS = tuple(f"3.{minor}" for minor in range(30))
_VERSION = re.compile(r"Programming Language :: Python :: (3\.\d+)$")
_MOST_BYTES = 8 << 20  # of one METADATA file
_SAME = ("name", "version", "requires_python", "license_expression")  # in sdist and wheels


class Findings:
    """What is wrong, in the order in which it is found."""

    def __init__(self) -> None:
        self.every: list[dict[str, Any]] = []

    def add(self, rule: str, message: str, path: str, *, bad: bool = True) -> None:
        """`bad`: it would be refused, or misleads who installs; else it is advice."""
        self.every.append({"rule": rule, "message": message[:500], "path": path, "bad": bad})


class Distribution:
    """One file that was built. `names`: what it holds; `content`: its METADATA or PKG-INFO."""

    def __init__(self, path: str) -> None:
        self.file = os.path.basename(path)
        self.is_wheel = path.endswith(".whl")
        self.names: list[str] = []
        self.content = b""
        if self.is_wheel:
            with zipfile.ZipFile(path) as wheel:
                self.names = wheel.namelist()
                inner = next((each for each in self.names if re.fullmatch(r"[^/]+\.dist-info/METADATA", each)), "")
                self.content = wheel.open(inner).read(_MOST_BYTES) if inner else b""
        else:
            with tarfile.open(path) as sdist:
                self.names = sdist.getnames()
                inner = next((each for each in self.names if re.fullmatch(r"[^/]+/PKG-INFO", each)), "")
                stream = sdist.extractfile(inner) if inner else None
                self.content = stream.read(_MOST_BYTES) if stream else b""

    def holds(self, name: str) -> bool:
        """Whether a licence file is in it, where each kind of distribution keeps it."""
        places = (f".dist-info/licenses/{name}", f".dist-info/{name}") if self.is_wheel else (f"/{name}",)
        return any(each.endswith(places) for each in self.names)


def read(one: Distribution, found: Findings) -> Any:
    """Its metadata, checked by packaging; None if it cannot be read."""
    metadata = importlib.import_module("packaging.metadata")
    if not one.content:
        found.add("metadata-missing", "it holds no metadata", one.file)
        return None
    try:
        return metadata.Metadata.from_email(one.content)
    except Exception as error:  # noqa: BLE001 - an exception group, which old Pythons do not know
        for each in getattr(error, "exceptions", (error,)):
            field = str(getattr(each, "field", "metadata"))
            part = "license" if field.startswith("license") else "metadata"
            found.add(f"{part}-{field}", str(each), one.file)
        return metadata.Metadata.from_email(one.content, validate=False)


def judge(every: list[tuple[Distribution, Any]], found: Findings) -> None:
    """What the metadata say of one another and of what is in the files."""
    for one, known in every:
        classifiers = [str(each) for each in _of(known, "classifiers") or ()]
        _licence(one, known, classifiers, found)
        if one.is_wheel:
            _pythons(one, known, classifiers, found)
            _typed(one, classifiers, found)
            if not _of(known, "summary"):
                found.add("metadata-summary", "it has no one-line `description`", one.file, bad=False)
    first = every[0] if every else None
    for one, known in every[1:]:
        for field in _SAME:
            if first is not None and _of(known, field) != _of(first[1], field):
                said = f"{field} is {_of(known, field)}, and {_of(first[1], field)} in {first[0].file}"
                found.add("metadata-differs", said, one.file)


def _of(known: Any, field: str) -> Any:
    """A field; None where it cannot be read, which was told."""
    try:
        return getattr(known, field)
    except Exception:  # noqa: BLE001 - packaging raises when an invalid field is looked at
        return None


def _licence(one: Distribution, known: Any, classifiers: list[str], found: Findings) -> None:
    expression = _of(known, "license_expression")
    old = [each for each in classifiers if each.startswith("License ::")]
    for name in _of(known, "license_files") or ():
        if not one.holds(name):
            found.add("license-file", f"the licence file {name} that it names is not in it", one.file)
    if not one.is_wheel:
        return
    if expression and old:
        found.add("license-classifier", f"a licence expression, and the classifier {old[0]}, too", one.file)
    elif b"\nLicense-Expression:" not in one.content:  # one that is none was told
        named_so = bool(old or _of(known, "license"))
        said = "its licence is no SPDX expression" if named_so else "it names no licence"
        rule = "license-old" if named_so else "license-none"
        found.add(rule, f'{said}: `license = "MIT"`', one.file, bad=False)
    if not any(re.search(r"(?i)\.dist-info/(?:licenses/.+|licen[cs]e[^/]*|copying[^/]*)$", each) for each in one.names):
        found.add("license-no-file", "no licence file is in it", one.file, bad=False)


def _pythons(one: Distribution, known: Any, classifiers: list[str], found: Findings) -> None:
    allowed = allows(_of(known, "requires_python"))
    if not _of(known, "requires_python"):
        found.add("pythons-unbounded", "no `requires-python`: installers take it for every Python", one.file, bad=False)
    for minor in named(classifiers):
        if minor not in allowed:
            said = f"a classifier names Python {minor}, which `requires-python` excludes"
            found.add("pythons-excluded", said, one.file)


def _typed(one: Distribution, classifiers: list[str], found: Findings) -> None:
    if "Typing :: Typed" in classifiers and not marked(one):
        found.add("typed-no-marker", "the classifier `Typing :: Typed`, and no py.typed", one.file)


def marked(one: Distribution) -> bool:
    """Whether a wheel tells type checkers to believe its annotations."""
    return any(each.endswith("/py.typed") for each in one.names)


def allows(specifier: Any) -> list[str]:
    """The minors of which some release is allowed."""
    if not specifier:
        return list(_MINORS)
    return [minor for minor in _MINORS if any(specifier.contains(f"{minor}.{patch}") for patch in (0, 5, 20, 99))]


def named(classifiers: list[str]) -> list[str]:
    """The minors that classifiers name."""
    return [match[1] for match in map(_VERSION.match, classifiers) if match]


def validate(workspace: str, found: Findings) -> bool:
    """pyproject.toml against its standards, by validate-pyproject. False where it was not asked."""
    path = os.path.join(workspace, "pyproject.toml")
    if not os.path.isfile(path):
        return True
    try:
        tomllib: Any = importlib.import_module("tomllib")
        api: Any = importlib.import_module("validate_pyproject.api")
    except ImportError:
        return False
    with open(path, "rb") as stream:
        table = tomllib.load(stream)
    try:
        api.Validator()(table)
    except ValueError as error:  # its ValidationError is one
        found.add("metadata-pyproject", str(getattr(error, "summary", error)), "pyproject.toml")
    return True


def distributions(folder: str) -> Iterator[Distribution]:
    """What was built; wheels first."""
    names = sorted(os.listdir(folder), key=lambda name: (not name.endswith(".whl"), name))
    for name in names:
        if name.endswith((".whl", ".tar.gz")):
            yield Distribution(os.path.join(folder, name))


def main(arguments: list[str]) -> int:
    """See the module's docstring."""
    folder, workspace, report = arguments
    found = Findings()
    every = [(one, read(one, found)) for one in distributions(folder)]
    judge([(one, known) for one, known in every if known is not None], found)
    first = next((known for _, known in every if known is not None), None)
    classifiers = [str(each) for each in _of(first, "classifiers") or ()]
    told = {
        "checked": len(every),
        "version": str(_of(first, "version") or ""),
        "requires": str(_of(first, "requires_python") or ""),
        "allowed": allows(_of(first, "requires_python")),
        "named": named(classifiers),
        "typed": any(marked(one) for one, _ in every if one.is_wheel),
        "validated": validate(workspace, found),
        "findings": found.every,
    }
    with open(report, "w", encoding="utf-8") as stream:
        json.dump(told, stream)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
