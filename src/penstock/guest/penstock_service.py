"""Runs one service of a job: starts the server, tells when it is healthy, and stays until it is told to end.

    python penstock_service.py SPEC.json

SPEC: {"name", "folder", "ready", "end", "command", "first": [argv, …], "files": [[name, content], …], "environment":
[[name, value], …], "exports": the same, "health": [kind, …], "ports": [number, …], "users": [name, …], "stop",
"timeout_s", "engine", "image", "container"}; see `penstock.model.services.Service` for what they mean. Below `folder`,
which is made, the data and sockets lie. `ready` gets {"address", "port", "pid", "variables"} once the server is
healthy; `end` gets {"reason", "remedy"} when it is over without having been told to. What the server writes goes where
our own output goes. Told to end (TERM, INT), the server is stopped and the folder removed. Python >= 3.9.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.guest.penstock_health import ask
    from penstock.guest.penstock_ports import belongs, free, holder, is_free
else:
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from penstock_health import ask
    from penstock_ports import belongs, free, holder, is_free

HOST = "127.0.0.1"
_TRIES = 5  # of free ports that somebody else takes before the server can
_FIRST_PAUSE_S = 0.01
_PAUSE_S = 0.25
_STOP_S = 8.0  # less than the grace that the supervisor gives us
_TOGETHER_S = 0.2
_LONGEST_SOCKET = 107  # bytes of a path in sockaddr_un, without its end; Linux, and more than macOS has
_ROOM = 24  # for the name of a socket in its folder
_TEMPLATE = re.compile(r"\{(host|port|folder|socket|name)\}")
_DEFAULT_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Asked(BaseException):
    """We were told to end."""


class FailureError(Exception):
    """The service cannot be had, or is over."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


class Service:
    """One server, from its folder to its end."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.name = spec["name"]
        self.deadline_s = time.monotonic() + spec["timeout_s"]
        self.user = _user(spec["users"])
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.data = os.path.join(spec["folder"], "d")
        self.sockets = os.path.join(spec["folder"], "s")

    def prepare(self) -> None:
        """Folders and files, and what has to run once."""
        if len(os.fsencode(self.sockets)) + _ROOM > _LONGEST_SOCKET:
            raise FailureError(
                f"the path of its sockets would be too long: {self.sockets}", "let TMPDIR name a shorter one"
            )
        for folder in (self.spec["folder"], self.data, self.sockets):
            os.mkdir(folder, 0o700)
        for name, content in self.spec["files"]:
            with open(os.path.join(self.sockets, name), "w", encoding="utf-8") as stream:
                stream.write(content)
        if self.user is not None:
            for folder, _, names in os.walk(self.spec["folder"]):
                for path in (folder, *(os.path.join(folder, name) for name in names)):
                    os.chown(path, self.user[0], self.user[1])
        for argv in self.spec["first"]:
            self.run_first([self.fill(part) for part in argv])

    def run_first(self, argv: list[str]) -> None:
        """One command, to its end."""
        process = self.start_process(argv)
        self.process = process
        try:
            code = process.wait(max(self.deadline_s - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            raise FailureError(f"{os.path.basename(argv[0])} did not end within {self.spec['timeout_s']:g} s") from None
        if code != 0:
            raise FailureError(f"{os.path.basename(argv[0])} ended with {_end(code)}")
        self.process = None

    def start(self) -> None:
        """Start the server, and wait until it is healthy. Free ports that are taken meanwhile are changed."""
        for number in self.spec["ports"] if not self.spec["image"] else ():
            if not is_free(HOST, number):
                who = holder(number)
                by = f" by {who}" if who else ""
                raise FailureError(
                    f"the port {number} is in use{by}", "end what uses it, or let the service take {port}"
                )
        for _ in range(_TRIES):
            self.port = self.choose_port()
            self.process = self.start_process(self.argv())
            if self.is_up():
                return
            print(f"penstock: somebody took the port {self.port}; it is tried with another one", flush=True)
        raise FailureError(f"{_TRIES} free ports were taken before it could listen at them")

    def choose_port(self) -> int:
        """The first that it listens at whatever it is told, else one that is free now."""
        if self.spec["ports"] and not self.spec["image"]:
            return int(self.spec["ports"][0])
        return free(HOST)

    def argv(self) -> list[str]:
        """What to start."""
        if not self.spec["image"]:
            return [self.fill(part) for part in self.spec["command"]]
        argv = [self.spec["engine"], "run", "--rm", "--name", self.spec["container"]]
        for place, number in enumerate(self.spec["ports"]):
            outside = self.port if place == 0 else free(HOST)
            argv += ["--publish", f"{HOST}:{outside}:{number}"]
        for name, value in self.spec["environment"]:
            argv += ["--env", f"{name}={self.fill(value)}"]
        return [*argv, self.spec["image"]]

    def start_process(self, argv: list[str]) -> subprocess.Popen[bytes]:
        """A child that writes where we write, without our signal handling; as the user that it needs."""
        variables = dict(os.environ)
        if not self.spec["image"]:
            variables.update((name, self.fill(value)) for name, value in self.spec["environment"])
        how: dict[str, Any] = {}
        if self.user is not None:
            how = {"user": self.user[0], "group": self.user[1], "extra_groups": [], "cwd": self.data}
            variables.update({"HOME": self.data, "USER": self.user[2], "LOGNAME": self.user[2], "TMPDIR": self.data})
        try:
            return subprocess.Popen(argv, env=variables, stdin=subprocess.DEVNULL, **how)
        except OSError as error:
            remedy = "install it, or name it by its path" if isinstance(error, FileNotFoundError) else ""
            raise FailureError(f"{argv[0]} could not be started: {error.strerror}", remedy) from None

    def is_up(self) -> bool:
        """True when it is healthy, False when its port is somebody else's. Raises FailureError."""
        pause_s, why = _FIRST_PAUSE_S, ""
        while True:
            process = self.process
            code = process.poll() if process is not None else 0
            if code is not None:
                if code != 0 and not self.spec["ports"] and not is_free(HOST, self.port):
                    return False
                raise FailureError(f"it ended with {_end(code)} before it was up{self.about_foreground(code)}")
            why = self.ask()
            if not why:
                return True
            left_s = self.deadline_s - time.monotonic()
            if left_s <= 0:
                raise FailureError(
                    f"it was not up within {self.spec['timeout_s']:g} s: {why}",
                    f"look at its log, or raise its limit: services.{self.name}.timeout",
                )
            time.sleep(min(pause_s, left_s))
            pause_s = min(pause_s * 1.5, _PAUSE_S)

    def ask(self) -> str:
        """Why it is not healthy; "" if it is. An answer counts only from the server itself."""
        kind, *words = self.spec["health"]
        left_s = max(self.deadline_s - time.monotonic(), 0.05)
        why = ask(kind, [self.fill(word) for word in words], HOST, self.port, left_s)
        if why or self.process is None:
            return why
        if not self.spec["image"] and not belongs(self.port, self.process.pid):
            return f"another process answers at the port {self.port}"
        return ""

    def about_foreground(self, code: int) -> str:
        """A hint for servers that go into the background."""
        return ": a service has to stay in the foreground" if code == 0 else ""

    def fill(self, text: str) -> str:
        """The text with its templates filled in."""
        words = {
            "host": HOST,
            "port": str(self.port),
            "folder": self.data,
            "socket": self.sockets,
            "name": self.name,
        }
        return _TEMPLATE.sub(lambda match: words[match[1]], text)

    def tell(self) -> None:
        """It is healthy: say where it is."""
        variables = {name: self.fill(value) for name, value in self.spec["exports"]}
        pid = self.process.pid if self.process is not None else 0
        _write(self.spec["ready"], {"address": HOST, "port": self.port, "pid": pid, "variables": variables})

    def stay(self) -> None:
        """Until it dies, which it should not."""
        code = self.process.wait() if self.process is not None else 0
        time.sleep(_TOGETHER_S)  # told to end with its whole group, it may be the first of us to have gone
        raise FailureError(f"it died ({_end(code)})")

    def end(self) -> None:
        """Stop the server, and remove all that it had."""
        process = self.process
        if process is not None and process.poll() is None:
            with contextlib.suppress(OSError):
                process.send_signal(getattr(signal, f"SIG{self.spec['stop']}"))
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
        if self.spec["image"]:
            argv = [self.spec["engine"], "rm", "--force", "--volumes", self.spec["container"]]
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(argv, check=False, timeout=_STOP_S, stdin=subprocess.DEVNULL, capture_output=True)
        import shutil

        shutil.rmtree(self.spec["folder"], ignore_errors=True)


def _user(names: list[str]) -> tuple[int, int, str] | None:
    """Who the server has to be where we are root: uid, gid, name."""
    if not names or os.getuid() != 0:
        return None
    import pwd

    for name in names:
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return found.pw_uid, found.pw_gid, name
    return None


def _end(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}"


def _write(path: str, content: dict[str, Any]) -> None:
    """Whole, or not at all."""
    with open(path + ".new", "w", encoding="utf-8") as stream:
        json.dump(content, stream)
    os.replace(path + ".new", path)


def _asked(_number: int, _frame: object) -> None:
    for one in _DEFAULT_SIGNALS:  # once is enough: what follows is the end
        signal.signal(one, signal.SIG_IGN)
    raise Asked


def main(path: str) -> int:
    """Run the service that the file describes."""
    with open(path, encoding="utf-8") as stream:
        spec = json.load(stream)
    service = Service(spec)
    try:
        try:
            for number in _DEFAULT_SIGNALS:
                signal.signal(number, _asked)
            service.prepare()
            service.start()
            service.tell()
            service.stay()
        except FailureError as failure:
            _write(spec["end"], {"reason": failure.reason, "remedy": failure.remedy})
            return 1
        except OSError as error:
            _write(spec["end"], {"reason": f"its folder cannot be made: {error}", "remedy": ""})
            return 1
        finally:
            service.end()
    except Asked:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
