from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from pathlib import Path

from penstock.run.environment import thin


def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "demo-1.0-cp312-cp312-linux_x86_64.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("demo/__init__.py", "")
        archive.writestr("demo/_x.so", "")
        archive.writestr("demo-1.0.data/scripts/tool", "#!python\n")
        archive.writestr("demo-1.0.data/purelib/other.py", "")
        archive.writestr("demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")
        archive.writestr(
            "demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp312-cp312-linux_x86_64\n"
        )
        archive.writestr("demo-1.0.dist-info/entry_points.txt", "[console_scripts]\ndemo = demo:main\n")
        archive.writestr("demo-1.0.dist-info/RECORD", "")
    return path


def test_metadata_and_scripts_stay_modules_become_a_path(tmp_path: Path) -> None:
    made = thin.make(wheel(tmp_path), ("/tree/src", "/tree"), tmp_path / "out")
    with zipfile.ZipFile(made) as archive:
        assert set(archive.namelist()) == {
            "demo-1.0.data/scripts/tool",
            "demo-1.0.dist-info/METADATA",
            "demo-1.0.dist-info/WHEEL",
            "demo-1.0.dist-info/entry_points.txt",
            "demo-1.0.dist-info/RECORD",
            "_penstock_demo.pth",
        }
        assert archive.read("_penstock_demo.pth") == b"/tree/src\n/tree\n"
        assert b"Tag: py3-none-any\n" in archive.read("demo-1.0.dist-info/WHEEL")
        rows = list(csv.reader(io.StringIO(archive.read("demo-1.0.dist-info/RECORD").decode())))
        for name, digest, size in rows[:-1]:
            content = archive.read(name)
            sha = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={sha}", str(len(content)))


def test_equal_inputs_give_equal_bytes(tmp_path: Path) -> None:
    source = wheel(tmp_path)
    first, second = (thin.make(source, ("/t",), tmp_path / name) for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
