"""Records a real `penstock run` of the sample project and draws what it printed as docs/run.svg: `make picture`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from penstock.report import svg

_ROOT = Path(__file__).parent.parent
_PENSTOCK = (sys.executable, "-m", "penstock", "run", "--quiet")
# A fault that one test finds: the reader sees how a failure is told, and what is cached beside it.
_FAULT = ("_NEAP_FACTOR = 0.7", "_NEAP_FACTOR = 0.8")


def main() -> None:
    """Run the sample project as it is, put a fault into it, run it again, draw both."""
    with tempfile.TemporaryDirectory() as place:
        project = Path(place) / "tides"
        shutil.copytree(_ROOT / "examples" / "demo", project, ignore=shutil.ignore_patterns(".*"))
        green = _recorded(project)
        source = project / "src" / "tides" / "__init__.py"
        source.write_text(source.read_text(encoding="utf-8").replace(*_FAULT), encoding="utf-8")
        red = _recorded(project)
    prompt = "\x1b[1m$ penstock run\x1b[0m"
    edit = f"\x1b[1m$ sed -i 's/{'/'.join(_FAULT)}/' src/tides/__init__.py\x1b[0m"
    told = f"{prompt}\n{green}\n\n{edit}\n{prompt}\n{red}"
    drawn = svg.draw(told, title="penstock run of a sample project: green, then red after a fault was put in")
    (_ROOT / "docs" / "run.svg").write_text(drawn, encoding="utf-8")


def _recorded(project: Path) -> str:
    """What a run prints, in colours."""
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"FORCE_COLOR": "1"}
    ended = subprocess.run(_PENSTOCK, cwd=project, env=environment, stdout=subprocess.PIPE, check=False)
    return ended.stdout.decode("utf-8").rstrip("\n")


if __name__ == "__main__":
    main()
