"""A container engine that is none: a program that answers as `docker` does by its manual, with its faults.

It was written from the manual's description of the commands, and has not been held against a real engine. What it
"builds" is a size; what it runs in the background is a small HTTP server of this Python; what it runs in the foreground
is nothing but a note, which outlives the program that was told to run it, as a daemon's container does.
"""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

_PROGRAM = r'''
import json, os, sys

HOME = os.path.join(os.path.dirname(os.path.realpath(__file__)), "engine")

def load(*names):
    with open(os.path.join(HOME, *names)) as stream:
        return json.load(stream)

def store(value, *names):
    fresh = os.path.join(HOME, f"new-{os.getpid()}")
    with open(fresh, "w") as stream:
        json.dump(value, stream)
    os.replace(fresh, os.path.join(HOME, *names))  # others read it meanwhile

WISH = load("wish.json")
DEAF = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        good = self.path == sys.argv[2]
        self.send_response(200 if good else 503)
        self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

def refuse(text, code=1):
    sys.stderr.write(text + "\n")
    sys.exit(code)

def images():
    return load("images.json") if os.path.exists(os.path.join(HOME, "images.json")) else {}

def keep(known):
    store(known, "images.json")

def after(words, *names):
    return next((words[at + 1] for at, word in enumerate(words) if word in names), "")

def container(words):
    path = os.path.join(HOME, "containers", words[-1])
    return (path, load(path)) if os.path.exists(path) else refuse(f"Error: No such container: {words[-1]}")

def info(words):
    print("Client:\n Version:    27.3.1")
    if WISH["deaf"]:
        refuse("ERROR: " + DEAF)

def build(words):
    sys.stderr.write("#1 [internal] load build definition from Dockerfile\n")
    if WISH["build"]:
        refuse(WISH["build"])
    name = f"sha256:{os.urandom(32).hex()}"
    with open(after(words, "--iidfile"), "w") as stream:
        stream.write(name)
    keep({**images(), after(words, "--tag"): name})

def image(words):
    if words[0] == "rm":
        keep({tag: name for tag, name in images().items() if name != words[1]})
        return
    known = images()
    name = known.get(words[-1], words[-1])
    if name not in known.values():
        refuse(f"Error: No such image: {words[-1]}")
    print(WISH["size"] if "{{.Size}}" in words else name)

def attached(words):
    import time
    path = os.path.join(HOME, "containers", after(words, "--name"))
    if os.path.exists(path):
        refuse(f"Error: the container name {after(words, '--name')} is already in use", 125)
    store({"words": words, "image": words[-1], "labels": {}}, "containers", os.path.basename(path))
    print("the container runs", flush=True)
    while os.path.exists(path):
        time.sleep(0.02)

def run(words):
    if "--detach" not in words:
        attached(words)
        return
    import socket, subprocess
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [sys.executable, "-I", "-S", "-c", SERVER, str(port), WISH["health"]]
    if WISH["dies"]:
        argv = [sys.executable, "-I", "-S", "-c", f"raise SystemExit({WISH['dies']})"]
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    name = os.urandom(32).hex()
    labels = dict(word[8:].split("=", 1) for word in words if word.startswith("--label="))
    inner = next(word for word in words if word.startswith("--publish=")).rpartition(":")[2]
    about = {"pid": process.pid, "port": port, "inner": inner, "labels": labels, "image": words[-1], "words": words}
    store(about, "containers", name)
    print(name)

def alive(about):
    if "pid" not in about:
        return False
    try:
        text = open(f"/proc/{about['pid']}/stat").read()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"

def port(words):
    _, about = container(words[:1])
    if words[1] != f"{about['inner']}/tcp":
        refuse(f"Error: No public port '{words[1]}' published for {words[0]}")
    print(f"127.0.0.1:{about['port']}")

def inspect(words):
    _, about = container(words)
    running = alive(about)
    print("true 0 false" if running else f"false {WISH['dies']} {'true' if WISH['dies'] == 137 else 'false'}")

def logs(words):
    container(words)
    print("the service says: boo")

def end(about, number):
    import time
    if alive(about):
        os.kill(about["pid"], number)
        while alive(about):
            time.sleep(0.005)

def stop(words):
    end(container(words)[1], 15)

def rm(words):
    path, about = container(words)
    end(about, 9)
    os.unlink(path)
    print(words[-1])

def ps(words):
    key, _, value = after(words, "--filter").removeprefix("label=").partition("=")
    for name in os.listdir(os.path.join(HOME, "containers")):
        labels = load("containers", name)["labels"]
        if labels.get(key) == value:
            print(name, labels.get("penstock.owner", ""))

with open(os.path.join(HOME, "calls"), "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\n")
if sys.argv[1] != "info" and WISH["deaf"]:
    refuse(DEAF)
globals()[sys.argv[1]](sys.argv[2:])
'''


class FakeEngine:
    """The program in a folder of its own, which may stand on PATH. Keywords: what it does wrong.

    `deaf`: the client without its daemon; `build`: what a failing build says; `dies`: the exit code with which a
    container ends by itself; `health`: the one path that its containers answer well.
    """

    def __init__(self, folder: Path, name: str = "docker", **wish: Any) -> None:
        self.folder = folder
        self.program = folder / name
        self._home = folder / "engine"
        (self._home / "containers").mkdir(parents=True)
        self.wish(**wish)
        self.program.write_text(f"#!{sys.executable} -IS\n{_PROGRAM}")
        self.program.chmod(self.program.stat().st_mode | stat.S_IXUSR)

    def wish(self, **wish: Any) -> None:
        """Let it do something else from now on."""
        usual = {"deaf": False, "build": "", "dies": 0, "health": "/health", "size": 190 << 20}
        fresh = self._home / "wish.new"
        fresh.write_text(json.dumps(usual | wish))
        fresh.replace(self._home / "wish.json")  # at once: a container may be asked for at this moment

    @property
    def containers(self) -> list[dict[str, Any]]:
        """Those that are there."""
        return [json.loads(path.read_text()) for path in sorted((self._home / "containers").iterdir())]

    @property
    def images(self) -> dict[str, str]:
        """Name -> id."""
        path = self._home / "images.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def calls(self, first: str) -> list[list[str]]:
        """The words of each call of one of its commands."""
        lines = (self._home / "calls").read_text().splitlines()
        return [words for words in map(json.loads, lines) if words[0] == first]
