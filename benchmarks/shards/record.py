"""Record how long each test of a real suite takes, in one process, in its own order: the data of run.py.

    python benchmarks/shards/record.py --with ephemeral-port-reserve werkzeug==3.1.9 [PYTEST ARGUMENT …]

Needs a package index and uv. Writes durations/NAME.csv.gz: id, call, setup, teardown in seconds, as collected.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PLUGIN = """
import json, os
rows = {}
def pytest_runtest_logreport(report):
    rows.setdefault(report.nodeid, {})[report.when] = report.duration
def pytest_unconfigure():
    with open(os.environ["RECORD"], "w") as stream:
        json.dump(rows, stream)
"""


def main() -> int:
    """Fetch, install, run, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", metavar="NAME==VERSION")
    parser.add_argument("--with", dest="extra", action="append", default=["pytest"], metavar="REQUIREMENT")
    parser.add_argument("pytest", nargs=argparse.REMAINDER, help="further words for pytest")
    options = parser.parse_args()
    uv = str(Path(sys.executable).parent / "uv")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        fetch = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", options.project]
        subprocess.run(fetch, cwd=place, check=True)
        (archive,) = place.glob("*.tar.gz")
        with tarfile.open(archive) as stream:
            stream.extractall(place / "tree", filter="data")
        (tree,) = (place / "tree").iterdir()
        python = place / "venv" / "bin" / "python"
        subprocess.run([uv, "venv", "-q", str(place / "venv")], check=True)
        subprocess.run([uv, "pip", "install", "-q", "--python", str(python), str(tree), *options.extra], check=True)
        (place / "record_durations.py").write_text(PLUGIN)
        argv = [str(python), "-m", "pytest", "-q", "-p", "record_durations", "-p", "no:cacheprovider", *options.pytest]
        told = place / "told.json"
        environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(place), "RECORD": str(told), "LANG": "C.UTF-8"}
        subprocess.run(argv, cwd=tree, env={**environment, "HOME": str(place)}, check=False)
        rows = json.loads(told.read_text())
    name = options.project.partition("==")[0]
    with gzip.open(HERE / "durations" / f"{name}.csv.gz", "wt", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "call", "setup", "teardown"])
        for test, phases in rows.items():
            writer.writerow([test, *(f"{phases.get(phase, 0.0):.5f}" for phase in ("call", "setup", "teardown"))])
    print(f"{len(rows)} tests of {options.project}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
