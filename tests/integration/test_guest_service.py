"""The guest that runs one service: a real process around small servers, each with a habit of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tests.fakes.guest_path  # noqa: F401 - for its effect: guests find one another
from penstock.guest import penstock_ports, penstock_service
from tests.faults import orphans
from tests.faults.scene import new_mark

GUEST = Path(penstock_service.__file__)
SERVERS = Path(__file__).parents[1] / "fakes" / "servers.py"
PATIENCE_S = 30.0
BENCHES: list[Bench] = []


class Bench:
    """One guest, from its start to its end."""

    def __init__(self, folder: Path, habit: str = "good", **spec: Any) -> None:
        self.mark = new_mark()
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "web.log"
        command = [sys.executable, "-I", "-S", str(SERVERS), habit, self.mark, "{port}", "{socket}"]
        usual: dict[str, Any] = {
            "name": "web",
            "folder": str(self.data),
            "ready": str(folder / "up"),
            "end": str(folder / "over"),
            "command": command,
            "first": [],
            "files": [],
            "environment": [],
            "exports": [["WEB_URL", "http://{host}:{port}/{name}"]],
            "health": ["http", "/"],
            "ports": [],
            "users": [],
            "stop": "TERM",
            "timeout_s": 20.0,
            "engine": "",
            "image": "",
            "container": "",
        }
        (folder / "spec.json").write_text(json.dumps(usual | spec))
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-X", "utf8", str(GUEST), str(folder / "spec.json")],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        BENCHES.append(self)

    def up(self) -> dict[str, Any]:
        limit = time.monotonic() + PATIENCE_S
        while not (self.folder / "up").exists():
            assert self.process.poll() is None, (self.log.read_text(), self.over())
            assert time.monotonic() < limit, self.log.read_text()
            time.sleep(0.01)
        told: dict[str, Any] = json.loads((self.folder / "up").read_text())
        return told

    def over(self) -> dict[str, str]:
        try:
            told: dict[str, str] = json.loads((self.folder / "over").read_text())
        except FileNotFoundError:
            return {}
        return told

    def stop(self) -> int:
        """As the supervisor does: the whole group at once."""
        os.killpg(self.process.pid, signal.SIGTERM)
        return self.process.wait(PATIENCE_S)

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    yield
    while BENCHES:
        BENCHES.pop().close()


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of its own; pytest's are short enough for sockets."""
    return tmp_path_factory.mktemp("s")


def test_it_tells_where_the_server_is_once_it_is_healthy_and_removes_what_it_had(short: Path) -> None:
    bench = Bench(short, "untidy")
    told = bench.up()
    assert told["variables"] == {"WEB_URL": f"http://127.0.0.1:{told['port']}/web"}
    with socket.create_connection((told["address"], told["port"]), timeout=5.0) as stream:
        stream.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert stream.recv(100).startswith(b"HTTP/1.0 200")
    assert (bench.data / "s" / "left.sock").exists()
    os.kill(told["pid"], 0)
    assert bench.stop() == 0
    assert bench.over() == {}
    assert not bench.data.exists()
    assert orphans.with_mark(bench.mark) == []


def test_a_server_that_ends_before_it_is_up_is_told_with_its_exit_code(short: Path) -> None:
    bench = Bench(short, "stillborn")
    assert bench.process.wait(PATIENCE_S) == 1
    assert bench.over()["reason"] == "it ended with exit code 3 before it was up"
    assert b"no such database" in bench.log.read_bytes()
    assert not bench.data.exists()


def test_a_server_that_is_never_up_is_given_up_at_its_limit(short: Path) -> None:
    bench = Bench(short, "silent", timeout_s=0.3)
    assert bench.process.wait(PATIENCE_S) == 1
    told = bench.over()
    assert told["reason"].startswith("it was not up within 0.3 s: 127.0.0.1:")
    assert "refused" in told["reason"]
    assert "services.web.timeout" in told["remedy"]
    assert orphans.with_mark(bench.mark) == []


def test_a_server_that_dies_is_told(short: Path) -> None:
    bench = Bench(short, "short-lived")
    bench.up()
    assert bench.process.wait(PATIENCE_S) == 1
    assert bench.over()["reason"] == "it died (exit code 7)"


def test_a_server_that_goes_into_the_background_is_no_service(short: Path) -> None:
    bench = Bench(short, "daemon", health=["command", "false"])
    assert bench.process.wait(PATIENCE_S) == 1
    assert "has to stay in the foreground" in bench.over()["reason"]
    for left in orphans.with_mark(bench.mark):  # its supervisor is what ends it
        os.kill(left.pid, signal.SIGKILL)


def test_a_program_that_is_not_there_is_named(short: Path) -> None:
    bench = Bench(short, command=["no-such-server", "{port}"])
    assert bench.process.wait(PATIENCE_S) == 1
    told = bench.over()
    assert told["reason"] == "no-such-server could not be started: No such file or directory"
    assert "install it" in told["remedy"]


def test_a_port_of_its_own_that_is_in_use_is_told_with_who_uses_it(short: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        bench = Bench(short, ports=[port])
        assert bench.process.wait(PATIENCE_S) == 1
    told = bench.over()
    assert told["reason"].startswith(f"the port {port} is in use by ")
    assert f"(process {os.getpid()})" in told["reason"]
    assert "{port}" in told["remedy"]
    assert b"serving" not in bench.log.read_bytes()


def test_a_port_of_its_own_is_no_problem_right_after_its_last_server_ended(short: Path, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for folder in (short, tmp_path):
        bench = Bench(folder, ports=[port])
        assert bench.up()["port"] == port
        with socket.create_connection(("127.0.0.1", port), timeout=5.0) as stream:  # leaves TIME_WAIT at the server
            stream.sendall(b"GET / HTTP/1.0\r\n\r\n")
            while stream.recv(100):
                pass
        assert bench.stop() == 0


def test_what_has_to_run_first_runs_first_and_its_failure_is_told(short: Path, tmp_path: Path) -> None:
    good = Bench(
        short, first=[["touch", "{folder}/made"]], files=[["a.conf", "x"]], health=["command", "ls", "{socket}/a.conf"]
    )
    good.up()
    assert (good.data / "d" / "made").exists()
    assert good.stop() == 0
    bad = Bench(tmp_path, first=[["sh", "-c", "echo no room; exit 4"]])
    assert bad.process.wait(PATIENCE_S) == 1
    assert bad.over()["reason"] == "sh ended with exit code 4"
    assert b"no room" in bad.log.read_bytes()


def test_a_folder_too_long_for_sockets_is_refused(short: Path) -> None:
    (short / ("x" * 100)).mkdir()
    bench = Bench(short / ("x" * 100))
    assert bench.process.wait(PATIENCE_S) == 1
    assert "too long" in bench.over()["reason"]


def test_an_image_is_run_by_the_engine_and_removed_by_its_name(short: Path) -> None:
    engine = short / "engine"
    engine.write_text(
        f"#!{sys.executable} -IS\n"
        "import os, re, sys\n"
        f"open({str(short / 'calls')!r}, 'a').write(' '.join(sys.argv[1:]) + chr(10))\n"
        "if sys.argv[1] == 'run':\n"
        "    port = re.search(r'127.0.0.1:(\\d+):8080', ' '.join(sys.argv))[1]\n"
        f"    os.execv(sys.executable, [sys.executable, '-IS', {str(SERVERS)!r}, 'good', 'x', port, 'x'])\n"
    )
    engine.chmod(0o755)
    bench = Bench(
        short,
        command=[],
        engine=str(engine),
        image="example/web:1",
        container="penstock-x-0",
        ports=[8080],
        environment=[["WHERE", "{host}"]],
    )
    port = bench.up()["port"]
    assert bench.stop() == 0
    run, remove = (short / "calls").read_text().splitlines()
    assert run == (f"run --rm --name penstock-x-0 --publish 127.0.0.1:{port}:8080 --env WHERE=127.0.0.1 example/web:1")
    assert remove == "rm --force --volumes penstock-x-0"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_where_we_are_root_a_server_that_refuses_root_is_somebody_else(short: Path) -> None:
    for folder in (short, *short.parents[:2]):
        folder.chmod(0o755)
    bench = Bench(short, command=["sleep", "60"], users=["no-such-user", "nobody"], health=["command", "true"])
    told = bench.up()
    owner = Path(f"/proc/{told['pid']}").stat().st_uid
    assert owner == bench.data.stat().st_uid != 0
    assert bench.stop() == 0


def test_a_port_that_somebody_else_took_meanwhile_is_changed_for_another_one(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = penstock_ports.free
    with socket.socket() as thief:
        thief.bind(("127.0.0.1", 0))
        thief.listen()
        offered = [thief.getsockname()[1]]
        monkeypatch.setattr(penstock_service, "free", lambda host: offered.pop() if offered else free(host))
        spec = {
            "name": "web",
            "folder": str(short / "data"),
            "ready": str(short / "up"),
            "command": [sys.executable, "-I", "-S", str(SERVERS), "good", "x", "{port}", "x"],
            "health": ["tcp"],
            "timeout_s": 20.0,
            "stop": "TERM",
            "image": "",
        } | {name: [] for name in ("first", "files", "environment", "exports", "ports", "users")}
        service = penstock_service.Service(spec)
        try:
            service.prepare()
            service.start()
            assert service.port != thief.getsockname()[1]
        finally:
            service.end()
