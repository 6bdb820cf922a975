"""What the load of an `http` job tells, beside wrk, of the same servers on the same machine.

    python benchmarks/load/run.py [--python PATH] [--rounds 3] [--seconds 5] [--clients 8] [--json FILE]
                                  [--write docs/design/0021-load-and-models.md]

Servers: an ASGI application that answers at once, the same after 5 ms, and nginx where it is installed. Needs wrk
(Debian: apt-get install wrk nginx-light). Both generators ask in turn, in random order, with the same number of
connections; printed are medians over the rounds. `busy`: how much of the time the generator ran, or waited for a
processor (of wrk: ran).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "benchmarks")]
import page  # noqa: E402 - ../page.py

GUEST = ROOT / "src" / "penstock" / "guest"
APP = """
import asyncio

def answering(delay_s):
    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            while True:
                kind = (await receive())["type"].rpartition(".")[2]
                await send({"type": f"lifespan.{kind}.complete"})
                if kind == "shutdown":
                    return
        if delay_s:
            await asyncio.sleep(delay_s)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})
    return app

fast, slow = answering(0), answering(0.005)
"""
NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr warn;
events {{ }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fast;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; keepalive_requests 100000000; location / {{ return 200 "ok"; }} }}
}}
"""


class Told(NamedTuple):
    """Requests a second, milliseconds, and the share of the time that it was busy."""

    rate: float
    p50_ms: float
    p95_ms: float
    busy: float


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable, help="the interpreter to measure with")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between its markers in this page")
    options = parser.parse_args()
    told: dict[str, dict[str, list[Told]]] = {}
    with tempfile.TemporaryDirectory(prefix="load-") as place:
        folder = Path(place)
        scripts = environment(folder / "environment", options.python)
        (folder / "app.py").write_text(APP)
        for name, argv in servers(folder, scripts).items():
            told[name] = measured(argv, folder, scripts, options)
    text = table(told, options)
    print(text)
    if options.json:
        options.json.write_text(json.dumps(told, indent=1))
    if options.write:
        page.put(options.write, "load", text)
    return 0


def environment(place: Path, python: str) -> Path:
    """Locust as penstock pins it, and uvicorn; the folder of their scripts."""
    from penstock.tools.versions import LOCUST

    uv = str(Path(sys.executable).parent / "uv")
    uv = uv if Path(uv).exists() else "uv"
    subprocess.run([uv, "venv", "-q", "--python", python, str(place)], check=True)
    install = [uv, "pip", "install", "-q", "--compile-bytecode", "--python", str(place / "bin" / "python")]
    subprocess.run([*install, *LOCUST.splitlines(), "uvicorn[standard]"], check=True)
    return place / "bin"


def servers(folder: Path, scripts: Path) -> dict[str, list[str]]:
    """The commands; `{port}` is filled in."""
    uvicorn = [str(scripts / "uvicorn"), "--app-dir", str(folder), "--port", "{port}", "--log-level", "error"]
    found = {"ASGI, 5 ms": [*uvicorn, "app:slow"], "ASGI, at once": [*uvicorn, "app:fast"]}
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if nginx:
        found["nginx"] = [nginx, "-c", "{folder}/nginx.conf", "-p", str(folder)]
    return found


def measured(argv: list[str], folder: Path, scripts: Path, options: argparse.Namespace) -> dict[str, list[Told]]:
    """Both generators on one server, in turn."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    command = [word.replace("{port}", str(port)).replace("{folder}", str(folder)) for word in argv]
    server = subprocess.Popen(command)
    told: dict[str, list[Told]] = {"penstock": [], **({"wrk": []} if shutil.which("wrk") else {})}
    try:
        ready(port)
        for _ in range(options.rounds):
            for name in random.sample(list(told), len(told)):
                ask = by_penstock if name == "penstock" else by_wrk
                told[name].append(ask(f"http://127.0.0.1:{port}", folder, scripts, options))
    finally:
        server.terminate()
        server.wait()
    return told


def ready(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(200):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the server does not listen")


def by_penstock(url: str, folder: Path, scripts: Path, options: argparse.Namespace) -> Told:
    """The guest of an `http` job."""
    report = folder / "load.json"
    asked = {"base": url, "calls": [{"path": "/"}], "clients": options.clients, "duration": options.seconds}
    words = [scripts / "python", GUEST / "penstock_load.py", report, json.dumps(asked | {"request_timeout": 10})]
    subprocess.run([str(word) for word in words], check=True, stderr=subprocess.DEVNULL)
    found = json.loads(report.read_text())["measures"]
    return Told(found["throughput"], 1000 * found["p50"], 1000 * found["p95"], found["generator"])


LATENCIES = """
done = function(summary, latency)
  io.write(string.format("P %f %f\\n", latency:percentile(50) / 1000, latency:percentile(95) / 1000))
end
"""


def by_wrk(url: str, folder: Path, scripts: Path, options: argparse.Namespace) -> Told:
    """The same by wrk, in one thread."""
    del scripts
    (folder / "latencies.lua").write_text(LATENCIES)
    words = ["wrk", "-t1", f"-c{options.clients}", f"-d{options.seconds}s", "-s", str(folder / "latencies.lua"), url]
    before = os.times()
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    after = os.times()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    percentiles = re.search(r"^P ([\d.]+) ([\d.]+)$", said, re.MULTILINE)
    if rate is None or percentiles is None:
        raise SystemExit(said)
    return Told(float(rate[1]), float(percentiles[1]), float(percentiles[2]), cpu_s / options.seconds)


def table(told: dict[str, dict[str, list[Told]]], options: argparse.Namespace) -> str:
    """Every server's figures, and how penstock's stand to wrk's."""
    lines = ["| server | | requests/s | p50 ms | p95 ms | busy |", "| --- | --- | --- | --- | --- | --- |"]
    for name, found in told.items():
        middles = {
            who: [statistics.median(column) for column in zip(*rounds, strict=True)] for who, rounds in found.items()
        }
        for who, (rate, p50_ms, p95_ms, busy) in middles.items():
            lines.append(f"| {name} | {who} | {rate:,.0f} | {p50_ms:.2f} | {p95_ms:.2f} | {100 * busy:.0f} % |")
        if len(middles) == 2:
            rate, p50, p95 = (
                ours / theirs for ours, theirs in zip(*(middles[who][:3] for who in middles), strict=True)
            )
            lines.append(f"| | ratio | {rate:.2f} | {p50:.2f} | {p95:.2f} | |")
    about = f"{options.clients} clients, {options.seconds} s each, medians of {options.rounds} rounds; "
    about += f"{os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f} at the end."
    return "\n".join([*lines, "", about])


if __name__ == "__main__":
    sys.exit(main())
