"""Real servers for real jobs: started, asked in their own protocols, ended with nothing left. `make services`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from penstock.scan.servers import find
from penstock.services import SERVICES
from penstock.util.process import SystemProcesses
from tests.faults import orphans
from tests.faults.program import Project, ended, project, until

# What a job does with each: by the variables alone, without any client library.
ASK = {
    "redis": (
        "u = urllib.parse.urlsplit(os.environ['REDIS_URL']); s = socket.create_connection((u.hostname, u.port));"
        "s.sendall(b'SET a 1\\r\\nGET a\\r\\n'); f = s.makefile('rb');"
        "said = [f.readline() for _ in range(3)]; assert said == [b'+OK\\r\\n', b'$1\\r\\n', b'1\\r\\n'], said"
    ),
    "memcached": (
        "s = socket.create_connection((os.environ['MEMCACHED_HOST'], int(os.environ['MEMCACHED_PORT'])));"
        "s.sendall(b'set a 0 0 1\\r\\n7\\r\\nget a\\r\\n'); f = s.makefile('rb');"
        "said = [f.readline() for _ in range(4)]; assert said[2] == b'7\\r\\n', said"
    ),
    "postgres": (
        "subprocess.run([PSQL, '-X', os.environ['DATABASE_URL'], '-v', 'ON_ERROR_STOP=1', '-c',"
        " 'create table a (b int); insert into a values (7); select b from a'], check=True);"
        "subprocess.run([PSQL, '-X', '-c', 'select b + 1 from a'], check=True)"
    ),
    "mysql": (
        "subprocess.run(['mariadb', '--no-defaults', '-h', os.environ['MYSQL_HOST'], '-P', os.environ['MYSQL_PORT'],"
        " '-u', os.environ['MYSQL_USER'], os.environ['MYSQL_DATABASE'], '-e',"
        " 'create table a (b int); insert into a values (7); select b from a'], check=True)"
    ),
}
_ALL = tuple(ASK)


def _folders() -> list[str]:
    here = find(SERVICES.values(), environ=os.environ, processes=SystemProcesses(), state=Path("/nonexistent"))
    return [program.path for program in here.programs]


def _needs(*names: str) -> None:
    there = {Path(path).name for path in _folders()}
    for name in names:
        if not there & {server.programs[0] for server in SERVICES[name].servers}:
            pytest.skip(f"there is no server for {name} on this machine: make services")


def _psql() -> str:
    return next(
        (str(Path(path).resolve().with_name("psql")) for path in _folders() if path.endswith("/postgres")), "psql"
    )


def _project(root: Path, *names: str, more: str = "") -> Project:
    lines = ["import os, socket, subprocess, urllib.parse", f"PSQL = {_psql()!r}", *(ASK[name] for name in names), more]
    run = json.dumps([sys.executable, "-I", "-c", "\n".join(lines)])
    return project(root, integ=f"run = {run}, services = {json.dumps(names)}")


def _ours() -> list[str]:
    return [one.argv for one in orphans.everything() if one.tag.partition("/")[2].startswith("service:")]


@pytest.mark.slow
@pytest.mark.parametrize("name", _ALL)
def test_a_job_uses_a_server_of_the_machine_and_nothing_of_it_is_left(tmp_path: Path, name: str) -> None:
    _needs(name)
    demo = _project(tmp_path / "p", name)
    end = demo.run()
    assert end.code == 0, end.told
    (told,) = demo.verdict()["jobs"]
    assert "up in" in told["notes"][f"service:{name}"]
    assert _ours() == []
    run = demo.runs()[-1].name
    assert not [path for path in Path("/tmp").glob("penstock-*") if run[-6:] in path.name]


@pytest.mark.slow
def test_two_runs_at_once_have_servers_of_their_own(tmp_path: Path) -> None:
    _needs("redis", "postgres")
    demo = _project(tmp_path / "p", "redis", "postgres")
    ends = [ended(process) for process in [demo.start() for _ in range(2)]]
    assert [end.code for end in ends] == [0, 0], ends
    assert _ours() == []


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_no_server_and_the_next_one_is_green(tmp_path: Path) -> None:
    _needs("redis", "postgres")
    wait = "print('ready', flush=True); import time; time.sleep(60 * (not os.path.exists('again')))"
    demo = _project(tmp_path / "p", "redis", "postgres", more=wait)
    process = demo.start()
    demo.await_output("integ")
    assert len(_ours()) > 4
    process.kill()
    process.communicate()
    until(lambda: _ours() == [])
    (demo.root / "again").touch()
    end = demo.run()
    assert end.code == 0, end.told
    assert _ours() == []


@pytest.mark.slow
def test_a_server_that_is_killed_midway_is_told(tmp_path: Path) -> None:
    _needs("redis")
    more = (
        "s.sendall(b'INFO server\\r\\n'); f = s.makefile('rb');"
        "pid = next(int(line[11:]) for line in f if line.startswith(b'process_id:')); os.kill(pid, 9);"
        "import time; time.sleep(1)"
    )
    demo = _project(tmp_path / "p", "redis", more=more)
    end = demo.run()
    assert end.code == 3, end.told
    assert "the service redis: it died (signal 9), " in " ".join(end.stdout.split())


@pytest.mark.slow
def test_versions_are_chosen_and_told(tmp_path: Path) -> None:
    _needs("postgres")
    demo = _project(tmp_path / "p", "postgres")
    told = demo.run("explain", "postgres")
    assert "service postgres: postgres " in told.stdout, told.told
    with (demo.root / "penstock.toml").open("a") as stream:
        stream.write('[services.postgres]\nversion = "7"\n')
    end = demo.run()
    assert end.code == 3, end.told
    assert "needs postgres 7, which is not on this machine, but " in " ".join(end.stdout.split())
