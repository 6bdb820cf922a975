"""Judging and telling a large run: seconds and memory of each report; the HTML page in a real Chromium.

    python benchmarks/reports/run.py [--tests 100000] [--files 2000] [--rounds 3] [--failing 5000]
    python benchmarks/reports/run.py --page [--tests 20000] [--files 400] [--rounds 5]

The run is made up (`made_up.py`): tests on four legs, measured files with their sources, findings, a few failures.
Each row of the first table is made in a process of its own that already holds the run: the median of `--rounds` times,
and how much more memory it took at its peak than the run itself. `whole` is one process that judges and writes all of
them. The second form opens the page from a file in headless Chromium (`make browser` installs it), each round in
a browser started anew: from the beginning of the navigation until the page says that it can be used, then a view of all
tests, and a search over them.
"""

from __future__ import annotations

import argparse
import gzip
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.reports import made_up
from penstock.judge.checks import CHECKS
from penstock.judge.decide import decide
from penstock.report import annotations, badge, junit, lines, markdown, run_json, sarif, terminal
from penstock.report.html import content, page
from penstock.report.screen import Screen
from penstock.report.story import Story

_MB = 1e6
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


def main() -> None:
    """Print one of the two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", action="store_true", help="the page in Chromium instead")
    parser.add_argument("--tests", type=int)
    parser.add_argument("--files", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--failing", type=int, default=5_000, help="of so many tests one fails")
    options = parser.parse_args()
    if options.page:
        _page(options.tests or 20_000, options.files or 400, options.rounds or 5, options.failing)
    else:
        _reports(options.tests or 100_000, options.files or 2_000, options.rounds or 3, options.failing)


# --- the reports -----------------------------------------------------------------------------------------------------


def _html(story: Story, sources: Mapping[str, Any]) -> bytes:
    assets = Path(page.__file__).parent
    style, script = ((assets / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return page.text(content.of(story, sources, made_up.trends()), style=style, script=script).encode()


_REPORTS: Mapping[str, Callable[[Story, Mapping[str, Any]], bytes]] = {
    "screen": lambda story, _: terminal.text(story, Screen()).encode(),
    "html": _html,
    "json": lambda story, _: run_json.encode(story),
    "junit": lambda story, _: junit.text(story).encode(),
    "sarif": lambda story, _: sarif.encode(story),
    "comment": lambda story, _: markdown.text(story, markdown.COMMENT_BYTES).encode(),
    "summary": lambda story, _: markdown.text(story, markdown.SUMMARY_BYTES).encode(),
    "cobertura": lambda story, _: lines.cobertura(story.records.coverage, timestamp_s=made_up.WALL_S).encode(),
    "lcov": lambda story, _: lines.lcov(story.records.coverage).encode(),
    "annotations": lambda story, _: "\n".join(annotations.lines(story)).encode(),
    "badge": lambda story, _: badge.svg(badge.of(story, "coverage")).encode(),
}


class _Cost(NamedTuple):
    seconds: float
    cpu_s: float
    memory_bytes: int  # more than before
    size_bytes: int


def _reports(tests: int, files: int, rounds: int, failing: int) -> None:
    kept = made_up.evidence(tests=tests, files=files, failing=failing)
    sources = made_up.sources(files)
    story = made_up.told(kept, decide(kept, CHECKS))
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{tests:,} tests, {files:,} files, {len(kept.records.findings):,} findings: {held / _MB:.0f} MB held\n")
    print("what           seconds     CPU, s   memory, MB   size, MB")

    def judge() -> bytes:
        decide(kept, CHECKS)
        made_up.told(kept, story.verdict)
        return b""

    def whole() -> bytes:
        judge()
        return b"".join(make(story, sources) for make in _REPORTS.values())

    steps: dict[str, Callable[[], bytes]] = {"judge": judge}
    steps |= {name: lambda make=make: make(story, sources) for name, make in _REPORTS.items()}
    for name, step in (*steps.items(), ("whole", whole)):
        costs = [_cost(step) for _ in range(rounds)]
        seconds = statistics.median(cost.seconds for cost in costs)
        cpu_s = statistics.median(cost.cpu_s for cost in costs)
        memory = max(cost.memory_bytes for cost in costs)
        print(
            f"{name:14} {seconds:7.3f}   {cpu_s:8.3f}   {memory / _MB:10.0f}   {costs[0].size_bytes / _MB:8.2f}",
            flush=True,
        )


def _cost(step: Callable[[], bytes]) -> _Cost:
    """What the step costs in a child of this process: what it left in memory dies with it."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start, worked = time.perf_counter(), time.process_time()
        made = step()
        spent, worked = time.perf_counter() - start, time.process_time() - worked
        more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        os.write(writer, f"{spent} {worked} {more * 1024} {len(made)}".encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        spent_s, cpu_s, memory_bytes, size_bytes = stream.read().split()
    os.waitpid(child, 0)
    return _Cost(float(spent_s), float(cpu_s), int(memory_bytes), int(size_bytes))


# --- the page --------------------------------------------------------------------------------------------------------

_READY = "() => document.documentElement.dataset.ready === 'true'"
_SINCE = "() => performance.now()"
_SHOWN = "() => { const start = performance.now(); document.getElementById('tab-tests').click(); return done(start); }"
_FOUND = """() => { const start = performance.now(), field = document.querySelector("input[type=search]");
  field.value = "billing errors"; field.dispatchEvent(new Event("input")); return done(start); }"""
_DONE = "window.done = (start) => { document.body.getBoundingClientRect(); return performance.now() - start; }"


def _page(tests: int, files: int, rounds: int, failing: int) -> None:
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if program is None:
        raise SystemExit("no Chromium here: make browser")
    kept = made_up.evidence(tests=tests, files=files, failing=failing)
    text = _html(made_up.told(kept, decide(kept, CHECKS)), made_up.sources(files))
    print(
        f"{tests:,} tests, {files:,} files: {len(text) / _MB:.2f} MB, {len(gzip.compress(text)) / _MB:.2f} MB gzipped"
    )
    seen: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        file = Path(place) / "report.html"
        file.write_bytes(text)
        for _ in range(rounds):
            browser = playwright.chromium.launch(executable_path=program, args=list(_SWITCHES))
            opened = browser.new_page()
            opened.add_init_script(
                "new MutationObserver(() => { window.ready ??= performance.now(); }).observe(document, "
                "{ subtree: true, attributeFilter: ['data-ready'] });" + _DONE
            )
            opened.goto(file.as_uri())
            opened.wait_for_function(_READY)
            seen.setdefault("usable", []).append(opened.evaluate("() => window.ready"))
            seen.setdefault("all tests shown", []).append(opened.evaluate(_SHOWN))
            seen.setdefault("search over all tests", []).append(opened.evaluate(_FOUND))
            heap = opened.evaluate("() => performance.memory.usedJSHeapSize")
            seen.setdefault("heap, MB", []).append(heap / _MB)
            version = browser.version
            browser.close()
    print(f"Chromium {version}, {rounds} rounds: median (least to most), milliseconds")
    for what, numbers in seen.items():
        print(f"{what:24} {statistics.median(numbers):8.0f}   ({min(numbers):.0f} to {max(numbers):.0f})")


if __name__ == "__main__":
    main()
