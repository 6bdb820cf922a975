"""Evidence that is not there, is cut, or is somebody else's: shards that are missing, logs without an end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.sabotage.case import Red, Sabotage, Scene, instead
from tests.sabotage.projects import TESTED

SHARD = ("--shard", "1/2")
_TEXT = {"README.md": "A kiln.\n"}


def newest(scene: Scene) -> Path:
    """The folder of the last run."""
    return max((scene.root / ".penstock" / "runs").glob("*-*"), key=lambda each: each.stat().st_mtime_ns)


def second(scene: Scene) -> Path:
    """Run the other shard, too."""
    scene.penstock("run", "--all", "--offline", "--shard", "2/2")
    return newest(scene)


def both(scene: Scene) -> tuple[str, ...]:
    """What a gate is given after both shards."""
    first = newest(scene)
    return "--from", str(first), str(second(scene))


def shard(name: str, after: Callable[[Scene], tuple[str, ...]], says: str) -> Sabotage:
    """A case of two shards, of which the first has run."""
    return Sabotage(
        name=name,
        project=TESTED,
        change=_TEXT,
        twin=_TEXT,
        expects=Red("shards", says, 3, also=("damaged", "tests", "log")),
        rule="shards",
        words=SHARD,
        after=after,
        after_twin=both,
    )


def alone(scene: Scene) -> tuple[str, ...]:
    """The first shard stands for all."""
    return "--from", str(newest(scene))


def twice(scene: Scene) -> tuple[str, ...]:
    """The first shard is run again, and stands for the second."""
    first = newest(scene)
    scene.penstock("run", "--all", "--offline", *SHARD)
    return "--from", str(first), str(newest(scene))


def of_other_files(scene: Scene) -> tuple[str, ...]:
    """The second shard ran on another tree."""
    first = newest(scene)
    (scene.root / "tests" / "test_more.py").write_text("def test_more() -> None:\n    pass\n")
    return "--from", str(first), str(second(scene))


def without_rows(scene: Scene) -> tuple[str, ...]:
    """The second shard's results are gone."""
    words = both(scene)
    for path in Path(words[-1]).glob("jobs/*/reading.json"):
        path.unlink()
    return words


def renamed(scene: Scene) -> tuple[str, ...]:
    """A copy of the first shard says that it is the second."""
    import shutil

    first = newest(scene)
    copy = Path(shutil.copytree(first, first.with_name(f"{first.name[:-1]}x")))
    for path in (copy / "plan.json", copy / "events.jsonl", *copy.glob("jobs/*/reading.json")):
        path.write_text(path.read_text().replace("#1/2", "#2/2").replace('"index":1', '"index":2'))
    for folder in copy.glob("jobs/*1*2*"):
        folder.rename(folder.with_name(folder.name.replace("1", "2", 1)))
    return "--from", str(first), str(copy)


SHARDS = (
    shard("one shard stands for all", alone, "2/2 missing"),
    shard("a shard is given twice", twice, "there twice|2/2 missing"),
    shard("a shard ran on other files", of_other_files, "other files|missing|different tests"),
    shard("a shard's results are gone", without_rows, "2/2 missing|is not what it wrote|missing"),
    shard(
        "a copy of one shard is called the other",
        renamed,
        "2/2 missing|is not what it wrote|missing|damaged|twice|add up",
    ),
)


def kept(scene: Scene) -> tuple[str, ...]:
    """Judge the last run again."""
    return "--from", str(newest(scene))


def on_file(pattern: str, act: Callable[[Path], None]) -> Callable[[Scene], tuple[str, ...]]:
    """Do something to each file of the run that fits, and judge again."""

    def after(scene: Scene) -> tuple[str, ...]:
        files = sorted(newest(scene).glob(pattern))
        assert files, pattern
        for path in files:
            act(path)
        return kept(scene)

    return after


def log(name: str, after: Callable[[Scene], tuple[str, ...]], expects: Red, *, broken: bool = False) -> Sabotage:
    """A case of a run whose record is spoilt before it is judged again. `broken`: its tests had failed."""
    change = {"kiln/__init__.py": instead('"hot"', '"cold"')} if broken else _TEXT
    return Sabotage(
        name=name,
        project=TESTED,
        change=change,
        twin=_TEXT,
        expects=expects,
        rule="evidence",
        after=after,
        after_twin=kept,
    )


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _last_line_gone(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def _failures_gone(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b"failed" not in line))


def _says_passed(path: Path) -> None:
    path.write_bytes(
        path.read_bytes().replace(b'"failed"', b'"passed"').replace(b'"outcome":"failed"', b'"outcome":"passed"')
    )


EVIDENCE = (
    log("the run's log is cut", on_file("events.jsonl", _cut), Red("log", "no end", 3, also=("tests", "damaged"))),
    log("the run's log has no end", on_file("events.jsonl", _last_line_gone), Red("log", "no end", 3)),
    log(
        "the run's log is gone",
        on_file("events.jsonl", Path.unlink),
        Red("damaged", "cannot be read", 3, also=("tests", "log")),
    ),
    log(
        "the results of the tests are gone",
        on_file("jobs/*/reading.json", Path.unlink),
        Red("tests", ".", 3, also=("damaged",)),
    ),
    log(
        "failures are taken out of the run's log",
        on_file("events.jsonl", _failures_gone),
        Red("tests", ".", 3, also=("damaged", "log")),
        broken=True,
    ),
    log(
        "the job's end is rewritten as passed",
        on_file("events.jsonl", _says_passed),
        Red("tests", ".", 3, also=("damaged", "log")),
        broken=True,
    ),
    log(
        "the results are rewritten as passed",
        on_file("jobs/*/reading.json", _says_passed),
        Red("tests", ".", 1, also=("damaged",)),
        broken=True,
    ),
)

CASES = (*SHARDS, *EVIDENCE)
