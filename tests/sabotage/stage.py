"""Where the cases happen: real runs of penstock, offline, in one folder whose environments serve them all."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from tests.fakes import osv
from tests.fakes.guest_runs import write
from tests.fakes.repository import ENVIRON
from tests.sabotage import databases, wheelhouse
from tests.sabotage.case import REGISTRY, Files, Project, Red, Sabotage, Scene, made

# What stays from case to case: none of it tells of a result.
_KEPT = ("envs", "layers", "locks", "resolutions", "tools", "wheels", "interpreters.json", ".gitignore", "format")
_PROPOSED = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main"}

After = Callable[[Scene], tuple[str, ...]] | None


class Ended(NamedTuple):
    """A run: its exit code, run.json ({} where nothing was run), and what it said."""

    code: int
    told: dict[str, Any]
    said: str

    @property
    def green(self) -> bool:
        """Whether it says that all is well."""
        return self.code == 0

    @property
    def refusals(self) -> dict[str, str]:
        """Each check that says no and blocks -> its words, with the reason of its job."""
        reasons = {job["id"]: f"{job['reason']} {job['notes'].get('remedy', '')}" for job in self.told.get("jobs", ())}
        found: dict[str, str] = {}
        for check in self.told.get("checks", ()):
            if check["mode"] != "warn" and check["status"] in ("failed", "missing"):
                words = (check["summary"], *check["details"], reasons.get(check["job"], ""))
                found[check["name"]] = " | ".join((*words, found.get(check["name"], "")))
        if self.told.get("damaged"):
            found["damaged"] = " | ".join(self.told["damaged"])
        if self.told and not self.told["finished"]:
            found["log"] = " | ".join(self.told["reasons"])
        if self.told.get("conclusion") == "nothing_ran":
            found["nothing"] = " | ".join(self.told["reasons"])
        return found


class Stage:
    """One folder in which projects come and go. `source`: the penstock that is tried, if not this one."""

    def __init__(self, place: Path, wheels: Path, source: Path | None = None) -> None:
        self.place = place
        self.root = place / "project"
        self._wheels = wheels
        self._databases = ExitStack()
        self._addresses: dict[str, str] = {}
        self._source = source or next(Path(each).resolve() for each in sys.path if Path(each).name == "src")

    def close(self) -> None:
        """End what was started."""
        self._databases.close()

    def lacks(self, case: Sabotage) -> str:
        """What the case needs and this machine has not; "" for nothing."""
        there = wheelhouse.is_fetched(self._wheels) if case.needs == REGISTRY else shutil.which(case.needs or "sh")
        return "" if there else f"not verified: {case.needs} is not on this machine"

    def sabotaged(self, case: Sabotage) -> Ended:
        """The run of the dishonest change."""
        return self._played(case, case.change, case.message, case.words, case.after)

    def honest(self, case: Sabotage) -> Ended:
        """The run of its twin."""
        words = case.words if case.twin_words is None else case.twin_words
        return self._played(case, case.twin, case.twin_message, words, case.after_twin)

    def _played(self, case: Sabotage, change: Files, message: str, words: tuple[str, ...], after: After) -> Ended:
        self.enter(case.project)
        if case.before is not None:
            case.before(self)
        self.change(case.project, change, message)
        environ = self._proposal(message) if case.proposed else {}
        ended = self._tell("run", "--offline", *(["--all"] if case.fresh else []), *words, environ=environ)
        judged = after(self) if after is not None else ()
        return self._tell("gate", *judged, environ=environ) if judged else ended

    def _proposal(self, title: str) -> dict[str, str]:
        """What GitHub's runner gives a pull request's job."""
        event = self.place / "event.json"
        event.write_text(json.dumps({"pull_request": {"title": title.partition("\n")[0], "body": title, "number": 7}}))
        return {**_PROPOSED, "GITHUB_EVENT_PATH": str(event)}

    # --- what a case may do ------------------------------------------------------------------------------------------

    def enter(self, project: Project) -> None:
        """The project committed on main; nothing of earlier runs but environments."""
        self._clear()
        write(self.root, self._addressed(project.files))
        self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "The project")
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.git("checkout", "-q", "-b", "change")

    def change(self, project: Project, change: Files, message: str) -> None:
        """The change, committed on a branch."""
        after = made(project.files, change)
        for name in project.files.keys() - after.keys():
            (self.root / name).unlink()
        new = {name: text for name, text in after.items() if text != project.files.get(name)}
        write(self.root, self._addressed(new))
        self.git("add", "-A", "-f", "--", ".", ":!.penstock")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def penstock(self, *words: str, environ: Mapping[str, str] | None = None) -> int:
        """Any command."""
        return self._call(*words, environ=environ or {}).returncode

    def git(self, *words: str) -> None:
        """Git, as nobody in particular. Raises CalledProcessError."""
        subprocess.run(["git", *words], cwd=self.root, env=ENVIRON, check=True, capture_output=True)

    @property
    def environ(self) -> dict[str, str]:
        """Of every process here."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.place / "home"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(self._source),
            "GIT_CEILING_DIRECTORIES": str(self.place),
            "GIT_CONFIG_NOSYSTEM": "1",
            "UV_NO_INDEX": "1",
            "UV_DEFAULT_INDEX": f"file://{self.place / 'home'}",  # who builds a package asks an index: an empty one
            "UV_FIND_LINKS": str(self._wheels),
            "UV_CACHE_DIR": str(self._wheels.parent / "uv-cache"),
            "UV_PYTHON_DOWNLOADS": "never",
        }

    def _addressed(self, files: Mapping[str, str]) -> dict[str, str]:
        """The files, with the addresses of databases that are served here, from the first use on."""
        for name, entries in databases.ALL.items():
            if name not in self._addresses and any(name in text for text in files.values()):
                self._addresses[name] = self._databases.enter_context(osv.serving(*entries)).url
        found = dict(files)
        for name, address in self._addresses.items():
            found = {path: text.replace(name, address) for path, text in found.items()}
        return found

    # --- below -------------------------------------------------------------------------------------------------------

    def _tell(self, *words: str, environ: Mapping[str, str]) -> Ended:
        written = self.place / "run.json"
        written.unlink(missing_ok=True)
        done = self._call(*words, "--json", str(written), environ=environ)
        told = json.loads(written.read_text()) if written.exists() else {}
        return Ended(done.returncode, told, done.stdout)

    def _call(self, *words: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "penstock", *words],
            cwd=self.root,
            env=self.environ | dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=300,
            check=False,
        )

    def _clear(self) -> None:
        (self.place / "home").mkdir(parents=True, exist_ok=True)
        self.root.mkdir(exist_ok=True)
        for folder in (self.root, self.root / ".penstock"):
            for each in folder.iterdir() if folder.exists() else ():
                if each.name == ".penstock" or (folder.name == ".penstock" and each.name in _KEPT):
                    continue
                shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()


def wrong(ended: Ended, expects: Red) -> str:
    """Why this is not the refusal that the rule asks for, in words; "" if it is."""
    if ended.code == 0:
        return "it is green"
    if not expects.check:
        named = ended.code == 2 and re.search(expects.says, ended.said)
        return "" if named else f"it ends with {ended.code}, and does not say {expects.says!r}"
    words = ended.refusals.get(expects.check)
    if words is None:
        return f"{expects.check} does not say no; what does: {', '.join(ended.refusals) or 'nothing'}"
    if not re.search(expects.says, words):
        return f"{expects.check} does not say {expects.says!r}, but: {words}"
    others = ended.refusals.keys() - {"jobs", expects.check, *expects.also}
    if others:
        return f"{', '.join(sorted(others))} says no as well: {ended.refusals[min(others)]}"
    return "" if ended.code == expects.code else f"it ends with {ended.code}, not with {expects.code}"
