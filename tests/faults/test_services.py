"""Faults of services: a real `penstock`, real signals, and small servers with bad habits (tests/fakes/servers.py).

What still lives afterwards is told by tests/faults/orphans.py, which shares nothing with penstock's own sweep.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.fakes.engine import FakeEngine
from tests.faults import orphans
from tests.faults.program import End, Project, ended, peak_bytes, project, until
from tests.faults.scene import new_mark

SERVERS = Path(__file__).parents[1] / "fakes" / "servers.py"
MIB = 1 << 20
SLOW = pytest.mark.slow
ASK = (
    "import os, urllib.request; "
    "print(urllib.request.urlopen(f\"http://{os.environ['WEB_HOST']}:{os.environ['WEB_PORT']}/\").read().decode())"
)


class Scene:
    """A project with one job that asks the service `web`, which has a habit."""

    def __init__(self, root: Path, habit: str = "good", *, job: str = ASK, more: str = "", job_more: str = "") -> None:
        self.mark = new_mark()
        self.temporary = Path(tempfile.mkdtemp(prefix="s"))  # short, for sockets; tmp_path is not
        command = [sys.executable, "-I", "-S", str(SERVERS), habit, self.mark, "{port}", "{socket}"]
        run = json.dumps([sys.executable, "-I", "-c", job])
        self.project: Project = project(root, integ=f'run = {run}, services = ["web"]{job_more}')
        with (root / "penstock.toml").open("a") as stream:
            stream.write(f'[services.web]\ncommand = {json.dumps(command)}\nhealth = "/"\n{more}\n')

    @property
    def log(self) -> bytes:
        """What the service has written in the newest run."""
        path = self.project.runs()[-1] / "jobs/integ/services/web.log"
        return path.read_bytes() if path.exists() else b""

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """penstock, with a folder for temporary files of its own."""
        environ = os.environ | {"XDG_CACHE_HOME": f"{self.project.root}.cache", "TMPDIR": str(self.temporary)}
        return self.project.start(*(words or ("run",)), environ=environ)

    def run(self, *words: str) -> End:
        """The same to its end."""
        return ended(self.start(*words))

    def left(self) -> list[str]:
        """What there still is of data and sockets."""
        return sorted(path.name for path in self.temporary.iterdir())


def test_a_job_reaches_its_service_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "p", "untidy")
    end = scene.run()
    assert end.code == 0, end.told
    assert scene.project.log("integ") == b"yes\n"
    assert scene.log == b"serving\n"
    assert orphans.with_mark(scene.mark) == []
    assert scene.left() == []
    (told,) = scene.project.verdict()["jobs"]
    assert "up in" in told["notes"]["service:web"]
    assert scene.run().code == 0
    assert scene.project.outcomes() == {"integ": "passed"}, "with a service, nothing is cached that does not ask for it"


def test_one_that_is_never_up_is_one_message_with_its_log_and_nothing_of_the_job_runs(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "p", "silent", more='timeout = "0.4s"')
    end = scene.run()
    assert end.code == 3, end.told
    assert "the service web: it was not up within 0.4 s: 127.0.0.1:" in end.stdout
    assert "thinking about it" in end.stdout
    assert "services.web.timeout" in end.stdout
    assert b"yes" not in scene.project.log("integ")
    assert orphans.with_mark(scene.mark) == []
    assert scene.left() == []


def test_one_that_dies_midway_leaves_no_job_green(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "p", "short-lived", job=f"{ASK}; import time; time.sleep(2)")
    end = scene.run()
    assert end.code == 3, end.told
    assert "the service web: it died (exit code 7), " in end.stdout
    assert "out of luck" in end.stdout
    assert scene.project.log("integ").startswith(b"yes\n")


def test_a_port_in_use_is_one_message_with_who_uses_it(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        scene = Scene(tmp_path / "p", more=f"ports = {port}")
        end = scene.run()
    assert end.code == 3, end.told
    flat = " ".join(end.stdout.split())
    assert f"the service web: the port {port} is in use by " in flat
    assert "end what uses it, or let the service take {port}" in flat
    assert scene.log == b""


def test_a_missing_server_blocks_its_job_and_says_what_to_install(tmp_path: Path) -> None:
    if any(_answers(engine) for engine in ("docker", "podman")):
        pytest.skip("a container engine answers here: it would be asked for the image")
    demo = project(tmp_path / "p", integ='run = "true", services = ["redis"]', other='run = "true"')
    with (demo.root / "penstock.toml").open("a") as stream:
        stream.write('[services.redis]\nversion = "0.1"\n')
    end = demo.run()
    assert end.code == 3, end.told
    flat = " ".join(end.stdout.split())
    assert "the service redis needs redis-server or valkey-server 0.1, which is not on this machine" in flat
    assert "apt-get install redis-server" in flat
    assert demo.outcomes() == {"integ": "errored", "other": "passed"}


def _answers(engine: str) -> bool:
    try:
        return subprocess.run([engine, "info"], capture_output=True, check=False, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@SLOW
def test_an_interrupt_while_it_runs_ends_the_service_with_the_job(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "p", job="print('ready', flush=True); import time; time.sleep(60)")
    process = scene.start()
    scene.project.await_output("integ")
    process.send_signal(signal.SIGINT)
    end = ended(process)
    assert (end.code, orphans.with_mark(scene.mark), scene.left()) == (130, [], []), end.told
    assert scene.project.outcomes() == {"integ": "cancelled"}


def test_an_interrupt_while_it_starts_ends_the_service(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "p", "silent")
    process = scene.start()
    until(lambda: b"thinking" in b"".join(path.read_bytes() for path in scene.project.state.rglob("web.log")))
    process.send_signal(signal.SIGTERM)
    end = ended(process)
    assert (end.code, orphans.with_mark(scene.mark), scene.left()) == (143, [], []), end.told
    assert scene.project.outcomes() == {"integ": "cancelled"}


@pytest.mark.parametrize("habit", ["good", pytest.param("deaf", marks=SLOW)])
def test_a_run_that_is_killed_leaves_no_service_and_the_next_one_is_green(tmp_path: Path, habit: str) -> None:
    wait = "import os, time; print('ready', flush=True); time.sleep(60 * (not os.path.exists('again')))"
    scene = Scene(tmp_path / "p", habit, job=f"{ASK}; {wait}")
    process = scene.start()
    scene.project.await_output("integ", b"ready\n")
    assert orphans.with_mark(scene.mark) != []
    process.kill()
    process.communicate()
    assert orphans.gone_within(20, scene.mark) == []
    (scene.project.root / "again").touch()
    if habit == "good":
        end = scene.run()
        assert end.code == 0, end.told
    else:
        scene.run("plan", "-q")
        scene.run("run", "-x")
    assert scene.left() == []
    assert orphans.with_mark(scene.mark) == []


class Boxed:
    """A project with one job whose service is a container of an engine that is none. `again`: the job ends at once."""

    def __init__(self, root: Path) -> None:
        self.engine = FakeEngine(root.parent / "bin")
        wait = "print('ready', flush=True); import os, time; time.sleep(60 * (not os.path.exists('again')))"
        run = json.dumps([sys.executable, "-I", "-c", wait])
        self.project: Project = project(root, integ=f'run = {run}, services = ["web"]')
        with (root / "penstock.toml").open("a") as stream:
            # Its health is that the engine knows it: a job that is there before its container proves nothing.
            known = json.dumps(["sh", "-c", f"ls {root.parent}/bin/engine/containers | grep -q ."])
            stream.write(f'[services.web]\nimage = "example/web:1"\nports = 8080\nhealth = {known}\n')
        path = os.pathsep.join((str(root.parent / "bin"), os.environ["PATH"]))
        self._environ = os.environ | {"XDG_CACHE_HOME": f"{root}.cache", "PATH": path}

    def start(self) -> subprocess.Popen[bytes]:
        """penstock, until its job runs beside the container."""
        process = self.project.start("run", environ=self._environ)
        self.project.await_output("integ")
        until(lambda: len(self.engine.containers) == 1)  # whose health says nothing: the job may be first
        return process

    def again(self) -> End:
        """The next run, to its end."""
        (self.project.root / "again").touch()
        return self.project.run(environ=self._environ)


def test_the_container_of_a_run_that_is_killed_is_removed_by_what_supervised_it(tmp_path: Path) -> None:
    boxed = Boxed(tmp_path / "p")
    process = boxed.start()
    process.kill()
    process.communicate()
    until(lambda: boxed.engine.containers == [])
    end = boxed.again()
    assert end.code == 0, end.told
    assert boxed.engine.containers == []


def test_a_container_that_nobody_was_left_to_remove_is_removed_by_the_next_run(tmp_path: Path) -> None:
    boxed = Boxed(tmp_path / "p")
    process = boxed.start()
    run = boxed.project.runs()[-1].name
    (name,) = (Path(words[words.index("--name") + 1]).name for words in boxed.engine.calls("run"))
    everything = [process.pid, *(one.pid for one in orphans.of_run(run))]
    for number in (signal.SIGSTOP, signal.SIGKILL):  # as when the machine's memory is gone: nobody cleans up
        for pid in everything:
            os.kill(pid, number)
    process.communicate()
    until(lambda: orphans.of_run(run) == [])
    assert len(boxed.engine.containers) == 1
    end = boxed.again()
    assert end.code == 0, end.told
    assert f"the run {run} had been killed: what it left was put in order" in end.told
    assert boxed.engine.calls("rm")[0] == ["rm", "--force", "--volumes", name]
    assert boxed.engine.containers == []


def test_two_runs_at_once_have_a_service_each(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "p", job=f"{ASK}; import time; time.sleep(0.5)")
    ends = [ended(process) for process in [scene.start() for _ in range(2)]]
    assert [end.code for end in ends] == [0, 0], ends
    ports = {json.loads(path.read_text())["port"] for path in scene.project.state.rglob("web.up")}
    assert len(ports) == 2
    assert orphans.with_mark(scene.mark) == []


@SLOW
def test_a_flood_of_a_service_costs_no_memory_and_keeps_a_whole_end_of_its_log(tmp_path: Path) -> None:
    _flood(tmp_path, 80)


@SLOW
def test_a_gibibyte_of_a_service_costs_no_memory(tmp_path: Path) -> None:
    _flood(tmp_path, 1024)


def _flood(tmp_path: Path, mebibytes: int) -> None:
    wait = "import time; time.sleep(2)" if mebibytes < 100 else "import time; time.sleep(12)"
    scene = Scene(tmp_path / "p", "flood", job=f"{ASK}; {wait}", more=f"environment = {{ FLOOD_MIB = {mebibytes} }}")
    process = scene.start()
    peak = peak_bytes(process)
    end = ended(process)
    assert end.code == 0, end.told
    assert 0 < peak < 150 * MIB
    assert len(scene.log) < 66 * MIB
    assert "service:web:integ: the output was cut at the log's cap of 64 MiB" in end.stderr


@SLOW
@pytest.mark.parametrize(("habit", "log"), [("slow", b"stopped\n"), ("deaf", b"serving\n")])
def test_one_that_takes_its_time_or_does_not_listen_is_ended_all_the_same(
    tmp_path: Path, habit: str, log: bytes
) -> None:
    scene = Scene(tmp_path / "p", habit)
    end = scene.run()
    assert end.code == 0, end.told
    assert scene.log.endswith(log)
    assert (orphans.with_mark(scene.mark), scene.left()) == ([], [])


@SLOW
def test_a_shared_service_serves_several_jobs_and_ends_with_the_last(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "p", more="shared = true")
    run = json.dumps([sys.executable, "-I", "-c", ASK])
    text = (tmp_path / "p" / "penstock.toml").read_text()
    second = f'again = {{ run = {run}, services = ["web"], needs = ["integ"] }}\n[services.web]'
    (tmp_path / "p" / "penstock.toml").write_text(text.replace("[services.web]", second))
    end = scene.run()
    assert end.code == 0, end.told
    assert scene.project.outcomes() == {"integ": "passed", "again": "passed"}
    assert (scene.project.runs()[-1] / "services/web.log").read_bytes() == b"serving\n"
    assert orphans.with_mark(scene.mark) == []


@SLOW
def test_a_failed_job_with_a_service_can_be_replayed(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "p", job=f"{ASK}; raise SystemExit(3)")
    assert scene.run().code == 1
    end = scene.run("repro", "1")
    assert end.code == 1, end.told
    assert "yes" in end.told
    assert orphans.with_mark(scene.mark) == []
