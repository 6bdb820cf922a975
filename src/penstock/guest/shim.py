"""The supervisor's shim: one small process above each job process, so that the job's whole tree ends with it.

    python -I -S -X utf8 shim.py TAG PARENT-PID

It leads a session, is the subreaper of everything below it (no orphan escapes to init), and ends the tree when the
command ends, when it is told to, or when its parent is gone, however that died. Descriptors: 1 and 2 are the
command's output, 3 takes the shim's report, 4 gives its orders; the end of 4 is the death of the parent. A frame on
either is its length in 8 hex digits and fields joined by NUL (which no path, argument or variable can hold).

The end is certain, not likely: a subreaper whose `wait` says "no children" has no descendants left, wherever they
hid; /proc is read only to find whom to signal. Measured: 14 to 20 ms CPU, of which an empty interpreter takes 10
(`signal` and `ctypes` would add 13, so their C halves are asked directly).
"""

from __future__ import annotations

import os
import select
import sys
import time

signal = __import__("_signal")  # the builtin under `signal`, without its enums

REPORT = 3
ORDERS = 4
# What may outlive a command without being called leaked: helpers that end by themselves when it is gone, such as the
# resource tracker of multiprocessing.
SETTLE_S = 1.0
LEAK_GRACE_S = 2.0  # between TERM and KILL for what was leaked, or when nobody is left to tell
UNKILLABLE_S = 10.0  # after KILL: a process that is still there then hangs in the kernel
STOP = "stop"
INTERRUPT = "interrupt"  # the same, gently
FOREGROUND = "foreground"
BACKGROUND = "background"
LOWEST_NICE = 19
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
_LONGEST_NAME = 200


class Process:
    """One line of /proc/<pid>/stat. `start`: in clock ticks since boot; with the pid it names a process for good."""

    def __init__(self, pid: int, stat: bytes) -> None:
        fields = stat[stat.rindex(b")") + 2 :].split()
        self.pid = pid
        self.zombie = fields[0] in (b"Z", b"X")
        self.parent = int(fields[1])
        self.group = int(fields[2])
        self.session = int(fields[3])
        self.start = int(fields[19])


def processes() -> dict[int, Process]:
    """All processes of the machine that can be seen, by pid. Empty where there is no /proc."""
    found = {}
    try:
        names = os.listdir("/proc")
    except OSError:
        return {}
    for name in names:
        if name.isdigit():
            content = read_file("/proc/" + name + "/stat")
            if b")" in content:
                found[int(name)] = Process(int(name), content)
    return found


def below(root: int, table: dict[int, Process]) -> list[Process]:
    """The descendants of `root` in `table`, without itself; those that are dead already are left out."""
    children: dict[int, list[Process]] = {}
    for process in table.values():
        children.setdefault(process.parent, []).append(process)
    found = list(children.get(root, ()))
    for process in found:  # grows while it is walked
        found.extend(children.get(process.pid, ()))
    return [process for process in found if not process.zombie]


def read_file(path: str) -> bytes:
    """The content, or nothing: processes end while they are looked at."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        chunks = []
        while chunk := os.read(descriptor, 1 << 16):
            chunks.append(chunk)
        return b"".join(chunks)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def name_of(pid: int) -> str:
    """A process's argv as one line, bounded; its short name if it hides its argv."""
    line = read_file(f"/proc/{pid}/cmdline").rstrip(b"\0").replace(b"\0", b" ")
    line = line or read_file(f"/proc/{pid}/comm").strip()
    text = line.decode("utf-8", "replace").replace("\n", " ")
    return text if len(text) <= _LONGEST_NAME else text[:_LONGEST_NAME] + "…"


def control_process(option: int, value: int) -> bool:
    """prctl(2). False where there is none: then orphans of the job escape to init, which is said elsewhere."""
    try:
        native = __import__("_ctypes")
        address = native.dlsym(native.dlopen(None, 0), "prctl")
        return bool(native.call_cdeclfunction(address, (option, value, 0, 0, 0)) == 0)
    except (ImportError, AttributeError, OSError):
        return False


def write_frame(descriptor: int, *fields: object) -> None:
    """Send fields to the other side; nothing happens if it is gone."""
    content = b"\0".join(os.fsencode(str(field)) for field in fields)
    try:
        os.write(descriptor, b"%08x" % len(content) + content)
    except OSError:
        return


def read_frame(descriptor: int) -> list[str] | None:
    """The next frame's fields, or None if the other side is gone before its end."""
    wanted, content = 8, b""
    while len(content) < wanted:
        chunk = os.read(descriptor, wanted - len(content))
        if not chunk:
            return None
        content += chunk
        if len(content) == wanted == 8:
            wanted += int(content, 16)
    return [os.fsdecode(field) for field in content[8:].split(b"\0")]


def step_back() -> None:
    """Take what the others leave. Where Linux groups processes by session, `nice` weighs only within the group."""
    os.nice(LOWEST_NICE)
    try:
        group = os.open("/proc/self/autogroup", os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.write(group, b"%d" % LOWEST_NICE)
    except OSError:
        return
    finally:
        os.close(group)


def become(priority: str, directory: str, argv: list[str], variables: dict[str, str]) -> None:
    """In the forked child: turn into the command. Never returns; a failure is reported as a frame of its own."""
    shim = os.getppid()
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.setsid()
        control_process(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != shim:
            return  # the shim died before the line above could see it
        if priority == BACKGROUND:
            step_back()
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)  # Python ignores them, and the ignored is inherited
        os.chdir(directory)
        os.execvpe(argv[0], argv, variables)  # noqa: S606 -- the command, as an argv list, is what this process is for
    except OSError as error:
        place = f" in {directory}" if error.filename == directory else ""
        write_frame(REPORT, "problem", f"{argv[0]} could not be started{place}: {error.strerror}")
    finally:
        os._exit(127)  # whatever it was, two shims must not go on


def send(group: int, number: int) -> None:
    """Signal a process group that may have ended meanwhile, or belong to another user."""
    try:
        os.killpg(group, number)
    except OSError:
        return


def woken(number: int, frame: object) -> None:
    """Do nothing: a signal's number arrives through the wakeup pipe."""


class Tree:
    """The command and everything below it, seen from its subreaper."""

    def __init__(self, command: int) -> None:
        self.command = command
        self.status: int | None = None  # the command's, as wait(2) gives it
        self.ended_s = 0.0  # when it was collected, on the monotonic clock
        self.gone = False  # the kernel says that there is no descendant
        self.cpu_s = 0.0
        self.memory_kib = 0

    def reap(self) -> None:
        """Collect what has died."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                self.gone = True
                return
            if pid == 0:
                return
            self.cpu_s += usage.ru_utime + usage.ru_stime
            self.memory_kib = max(self.memory_kib, usage.ru_maxrss)
            if pid == self.command:
                self.status = status
                self.ended_s = time.monotonic()

    def tell(self, number: int) -> None:
        """Signal every process group of the tree, so that a group cannot outrun it by forking."""
        own = os.getpgrp()
        groups = {process.group for process in below(os.getpid(), processes())} - {own, 0, 1}
        for group in groups or ({self.command} if self.status is None else ()):
            send(group, number)

    def names(self) -> list[str]:
        """What lives, by argv."""
        return [name_of(process.pid) for process in below(os.getpid(), processes())]


class Shim:
    """Waits for the first of: the command's end, an order, the parent's death; then ends the tree."""

    def __init__(self, tree: Tree, parent: int, wakeups: int) -> None:
        self.tree = tree
        self.parent = parent
        self.wakeups = wakeups
        self.sources = [ORDERS, wakeups]
        self.grace_s: float | None = None  # not None: told to end, with this much time before KILL
        self.gently = False  # told to interrupt the command first: it then puts away what it has set up

    def run(self) -> None:
        """Live until the tree is gone, then report."""
        leaked: list[str] = []
        while self.tree.status is None and self.grace_s is None:
            self.listen(None)
        asked = self.tree.status is None
        if asked:
            self.end()
        elif not self.tree.gone:
            self.listen_until_gone(SETTLE_S)
            if not self.tree.gone:
                leaked = self.tree.names()
                self.grace_s = LEAK_GRACE_S
                self.end()
        if not self.tree.gone:
            leaked += [f"{name} (still lives: it cannot be killed)" for name in self.tree.names()]
        self.report(leaked, asked=asked)

    def end(self) -> None:
        """TERM, grace, KILL, and again until nobody is left: children may be born during a pass.

        Gently: the command alone is interrupted before, for half of the grace; it has its own children in hand.
        """
        grace_s = self.grace_s or 0.0
        if self.gently and self.tree.status is None:
            grace_s /= 2
            os.kill(self.tree.command, signal.SIGINT)
            os.kill(self.tree.command, signal.SIGCONT)
            self.listen_until_gone(grace_s, or_command=True)
        self.tree.tell(signal.SIGTERM)
        self.tree.tell(signal.SIGCONT)  # a stopped process cannot take the TERM
        self.listen_until_gone(grace_s)
        limit = time.monotonic() + UNKILLABLE_S
        pause_s = 0.001
        while not self.tree.gone and time.monotonic() < limit:
            self.tree.tell(signal.SIGKILL)
            self.listen(pause_s)
            pause_s = min(pause_s * 2, 0.1)

    def listen_until_gone(self, limit_s: float, *, or_command: bool = False) -> None:
        """Wait for the tree, or the command alone, to end by itself; an order meanwhile can only shorten the wait."""
        started = time.monotonic()
        while not self.tree.gone and not (or_command and self.tree.status is not None):
            if self.grace_s is not None:
                limit_s = min(limit_s, self.grace_s)
            left_s = started + limit_s - time.monotonic()
            if left_s <= 0:
                return
            self.listen(left_s)

    def listen(self, limit_s: float | None) -> None:
        """Take in one round of orders, signals and deaths."""
        ready, _, _ = select.select(self.sources, [], [], limit_s)
        if self.wakeups in ready:
            arrived = os.read(self.wakeups, 512)
            if any(number in arrived for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)):
                self.hurry(LEAK_GRACE_S)  # somebody outside wants the job to end
        if ORDERS in ready:
            order = read_frame(ORDERS)
            if order is None:
                self.sources.remove(ORDERS)
                self.hurry(LEAK_GRACE_S)
            else:
                self.gently = order[0] == INTERRUPT
                self.hurry(float(order[1]))
        if os.getppid() != self.parent:
            self.hurry(LEAK_GRACE_S)
        self.tree.reap()

    def hurry(self, grace_s: float) -> None:
        """The tree has to end; of two wishes the more urgent counts."""
        self.grace_s = grace_s if self.grace_s is None else min(self.grace_s, grace_s)

    def report(self, leaked: list[str], *, asked: bool) -> None:
        """Tell how it ended: exit code or signal, whether it was told to, how many seconds ago the command was gone,
        CPU seconds and largest resident set in KiB of the tree, what was leaked.
        """
        status, code, number = self.tree.status, "", ""
        if status is not None and os.WIFSIGNALED(status):
            number = str(os.WTERMSIG(status))
        elif status is not None:
            code = str(os.WEXITSTATUS(status))
        tree = self.tree
        since_s = 0.0 if status is None else time.monotonic() - tree.ended_s
        figures = (f"{since_s:.6f}", f"{tree.cpu_s:.6f}", tree.memory_kib)
        write_frame(REPORT, "ended", code, number, int(asked), *figures, *leaked[:50])


def close_strangers() -> None:
    """Close what penstock inherited from its own caller (a jobserver, a lock): it is not the job's to hold."""
    for folder in ("/proc/self/fd", "/dev/fd"):
        if os.path.isdir(folder):
            for name in os.listdir(folder):
                if int(name) > ORDERS:
                    close(int(name))
            return


def close(descriptor: int) -> None:
    """Close what may be closed already."""
    try:
        os.close(descriptor)
    except OSError:
        return


def main() -> None:
    """Read the order to start, fork the command, stay until its tree is gone."""
    parent = int(sys.argv[2])
    if os.getsid(0) != os.getpid():
        os.setsid()
    close_strangers()
    for descriptor in (REPORT, ORDERS):
        os.set_inheritable(descriptor, False)  # noqa: FBT003 -- os takes it by position
    control_process(PR_SET_PDEATHSIG, signal.SIGUSR1)
    control_process(PR_SET_CHILD_SUBREAPER, 1)
    order = read_frame(ORDERS)
    if order is None or os.getppid() != parent:
        return  # the parent died before it could ask for anything
    priority, directory, count = order[0], order[1], int(order[2])
    argv, pairs = order[3 : 3 + count], order[3 + count :]
    command = os.fork()
    if command == 0:
        become(priority, directory, argv, dict(zip(pairs[::2], pairs[1::2], strict=True)))
    for descriptor in (1, 2):
        os.dup2(0, descriptor)  # the output belongs to the command alone: its end must be seen
    wakeups, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGUSR1, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, woken)
    tree = Tree(command)
    tree.reap()
    Shim(tree, parent, wakeups).run()
    os._exit(0)  # everything is told; taking the interpreter down takes longer than starting it did


if __name__ == "__main__":
    main()
