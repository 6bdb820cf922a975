"""What metadata of distributions say: read as an installer does, and held against what the files hold."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from penstock.guest import penstock_package

GOOD = (
    "Metadata-Version: 2.4",
    "Name: demo",
    "Version: 1.0",
    "Summary: it demonstrates",
    "License-Expression: MIT",
    "License-File: LICENSE",
    "Requires-Python: >=3.12",
    "Classifier: Programming Language :: Python :: 3.12",
    "Classifier: Programming Language :: Python :: 3",
)
FILES = ("demo/__init__.py", "demo-1.0.dist-info/licenses/LICENSE")


def built(root: Path, lines: tuple[str, ...] = GOOD, *, files: tuple[str, ...] = FILES, sdist: str = "") -> Path:
    dist = root / "dist"
    dist.mkdir(parents=True)
    with zipfile.ZipFile(dist / "demo-1.0-py3-none-any.whl", "w") as wheel:
        for name in files:
            wheel.writestr(name, "x")
        if lines:
            wheel.writestr("demo-1.0.dist-info/METADATA", "\n".join(lines) + "\n\nhi\n")
    with tarfile.open(dist / "demo-1.0.tar.gz", "w:gz") as archive:
        for name, text in (("PKG-INFO", sdist or "\n".join(GOOD) + "\n"), ("LICENSE", "MIT")):
            entry = tarfile.TarInfo(f"demo-1.0/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return root


def report(root: Path) -> dict[str, Any]:
    assert penstock_package.main([str(root / "dist"), str(root), str(root / "r.json")]) == 0
    told = json.loads((root / "r.json").read_text())
    assert isinstance(told, dict)
    return told


def rules(root: Path) -> list[tuple[str, bool]]:
    return [(each["rule"], each["bad"]) for each in report(root)["findings"]]


def without(prefix: str, *more: str) -> tuple[str, ...]:
    return (*(line for line in GOOD if not line.startswith(prefix)), *more)


def test_sound_distributions_have_no_finding_and_tell_what_they_promise(tmp_path: Path) -> None:
    told = report(built(tmp_path))
    assert told["findings"] == []
    assert (told["checked"], told["version"], told["requires"], told["typed"]) == (2, "1.0", ">=3.12", False)
    assert told["named"] == ["3.12"]
    assert told["allowed"][:2] == ["3.12", "3.13"]


@pytest.mark.parametrize(
    ("lines", "files", "expected"),
    [
        (without("Requires", "Requires-Python: >=3.13"), FILES, [("pythons-excluded", True)]),
        (without("Requires"), FILES, [("pythons-unbounded", False)]),
        (without("Version", "Version: one"), FILES, [("metadata-version", True)]),
        (without("License-E", "License-Expression: Nonsense"), FILES, [("license-license-expression", True)]),
        (GOOD, FILES[:1], [("license-file", True), ("license-no-file", False)]),
        (without("License-E"), FILES, [("license-none", False)]),
        ((*GOOD, "Classifier: License :: OSI Approved :: MIT License"), FILES, [("license-classifier", True)]),
        ((*GOOD, "Classifier: Typing :: Typed"), FILES, [("typed-no-marker", True)]),
        ((*GOOD, "Classifier: Typing :: Typed"), (*FILES, "demo/py.typed"), []),
        (without("Summary"), FILES, [("metadata-summary", False)]),
        ((), FILES, [("metadata-missing", True)]),
    ],
)
def test_what_misleads_who_installs_is_found(
    tmp_path: Path, lines: tuple[str, ...], files: tuple[str, ...], expected: list[tuple[str, bool]]
) -> None:
    ours = [each for each in rules(built(tmp_path, lines, files=files)) if each[0] != "metadata-differs"]
    assert ours == expected


def test_sdist_and_wheel_say_one_thing(tmp_path: Path) -> None:
    other = "\n".join(GOOD).replace("Version: 1.0", "Version: 1.1")
    (finding,) = report(built(tmp_path, sdist=other))["findings"]
    assert finding["rule"] == "metadata-differs"
    assert finding["message"] == "version is 1.1, and 1.0 in demo-1.0-py3-none-any.whl"
