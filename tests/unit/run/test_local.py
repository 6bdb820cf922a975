from __future__ import annotations

import os
import sys
from pathlib import Path

from penstock.guest import shim
from penstock.ports import Ended, Launch
from penstock.run import spawning
from penstock.run.local import LocalExecutor, missing_guarantees
from penstock.util.clock import SystemClock
from penstock.util.process import SystemProcesses


def ended(
    tmp_path: Path, *argv: str, directory: str | None = None, variables: tuple[tuple[str, str], ...] = ()
) -> Ended:
    executor = LocalExecutor(SystemClock(), "run-7")
    executor.start(
        Launch(
            task="a/b c",
            argv=argv,
            directory=directory or str(tmp_path),
            environment=(("PATH", os.defpath), *variables),
            output=str(tmp_path / "log"),
        )
    )
    (end,) = executor.wait(20.0)
    executor.close()
    return end


def test_every_system_names_what_it_cannot_promise() -> None:
    assert missing_guarantees("linux") == ()
    assert len(missing_guarantees("darwin")) == 2
    assert "WSL" in missing_guarantees("win32")[0]


def test_a_job_finds_itself_alone(tmp_path: Path) -> None:
    """Its own session, nothing on stdin, no descriptor of ours, its directory, its variables and the tag, no more."""
    code = (
        "import os, sys; print(os.getsid(0) == os.getpid(), sys.stdin.read(), sorted(os.listdir('/proc/self/fd')), "
        "os.getcwd(), sorted(os.environ.items()))"
    )
    foreign = os.dup(1)
    os.set_inheritable(foreign, True)  # noqa: FBT003 -- os takes it by position
    end = ended(tmp_path, sys.executable, "-I", "-S", "-c", code, variables=(("LC_ALL", "C.UTF-8"), ("X", "a\nb=ü")))
    os.close(foreign)
    expected = [("LC_ALL", "C.UTF-8"), ("PATH", os.defpath), ("PENSTOCK_TAG", "run-7/a/b c"), ("X", "a\nb=ü")]
    assert end.head.decode() == f"True  ['0', '1', '2', '3'] {tmp_path} {expected!r}\n"  # 3: the listing itself


def test_signals_are_as_at_boot(tmp_path: Path) -> None:
    """None blocked or ignored, but for the two that the C library keeps for itself and always ignores in its spawn."""
    end = ended(tmp_path, "cat", "/proc/self/status")
    masks = dict(line.split(":") for line in end.head.decode().splitlines() if line.startswith(("SigBlk", "SigIgn")))
    assert int(masks["SigBlk"], 16) == 0
    assert int(masks["SigIgn"], 16) & ~(1 << 31 | 1 << 32) == 0


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    end = ended(tmp_path, "true", directory=str(tmp_path / "absent"))
    assert end.problem == f"true could not be started in {tmp_path / 'absent'}: No such file or directory"


def test_a_file_that_is_no_program_is_named(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program")
    assert (
        ended(tmp_path, str(tmp_path / "text")).problem
        == f"{tmp_path / 'text'} could not be started: Permission denied"
    )


def test_a_nul_is_refused(tmp_path: Path) -> None:
    assert ended(tmp_path, "echo", "a\0b").problem == "echo: an argument or variable holds a NUL"


def test_arguments_arrive_as_they_are(tmp_path: Path) -> None:
    odd = ("", "a b", "'\"", "\n", "ü", "\udcff", "x" * 100_000)
    end = ended(tmp_path, sys.executable, "-I", "-X", "utf8", "-c", "import sys; print(ascii(sys.argv[1:]))", *odd)
    assert (end.head + end.tail).decode() == ascii(list(odd)) + "\n"


def test_processor_time_and_memory_of_the_whole_tree(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    hold = "b = bytearray(60 << 20)"
    both = (
        f"import subprocess, sys; [subprocess.run([sys.executable, '-I', '-S', '-c', c]) for c in ({burn!r}, {hold!r})]"
    )
    end = ended(tmp_path, sys.executable, "-I", "-c", both)
    assert 0.3 <= end.cpu_s < 2.0
    assert 60 << 20 <= end.memory_bytes < 120 << 20


def test_a_task_can_run_only_once_at_a_time(tmp_path: Path) -> None:
    executor = LocalExecutor(SystemClock(), "r")
    launch = Launch(
        task="t", argv=("sleep", "5"), directory="/", environment=(("PATH", os.defpath),), output=str(tmp_path / "log")
    )
    executor.start(launch)
    executor.start(launch)
    assert [end.problem for end in executor.wait(5.0)] == ["t runs already"]
    executor.close()


def test_a_stale_compiled_shim_is_not_started() -> None:
    spawning._shim_file.cache_clear()
    chosen = Path(spawning._shim_file())
    assert chosen == Path(shim.__file__) or chosen.suffix == ".pyc"


def test_frames_cross_a_pipe() -> None:
    reader, writer = os.pipe()
    shim.write_frame(writer, "kind", 1, "", "ü\udcff")
    os.close(writer)
    assert shim.read_frame(reader) == ["kind", "1", "", "ü\udcff"]
    assert shim.read_frame(reader) is None
    os.close(reader)


def test_it_can_be_imported_where_it_cannot_work() -> None:
    """On Windows the doors must open, to say what is missing: as much of it as can be played on another system."""
    code = (
        "import sys, os, select; sys.modules['fcntl'] = None; sys.platform = 'win32'\n"
        "for name in ('posix_spawn', 'wait4', 'killpg', 'setsid', 'pidfd_open', 'O_CLOEXEC', 'POSIX_SPAWN_DUP2'):\n"
        "    delattr(os, name)\n"
        "del select.poll\n"
        "from penstock.run import folder, recovery, local\n"
        "from penstock.cache import local as cache\n"
        "print(local.missing_guarantees())"
    )
    done = SystemProcesses().run(
        [sys.executable, "-c", code], directory=".", environment={"PYTHONPATH": str(Path(shim.__file__).parents[2])}
    )
    assert (done.exit_code, b"WSL" in done.stdout) == (0, True), done.stderr.decode()


def test_what_is_waited_for_after_the_command_is_not_its_time(tmp_path: Path) -> None:
    started_s = SystemClock().monotonic_s()
    end = ended(tmp_path, "sh", "-c", "sleep 0.6 & exit 0")
    assert end.leaked == ()
    assert end.duration_s < SystemClock().monotonic_s() - started_s - 0.4


def test_a_terminal_that_is_gone_costs_nothing(tmp_path: Path) -> None:
    def gone(_: bytes) -> None:
        raise BrokenPipeError

    executor = LocalExecutor(SystemClock(), "r", echo=gone)
    environment = (("PATH", os.defpath),)
    executor.start(
        Launch(
            task="t",
            argv=("echo", "x"),
            directory="/",
            environment=environment,
            output=str(tmp_path / "log"),
            echo=True,
        )
    )
    (end,) = executor.wait(20.0)
    executor.close()
    assert (end.exit_code, end.head, (tmp_path / "log").read_bytes()) == (0, b"x\n", b"x\n")
