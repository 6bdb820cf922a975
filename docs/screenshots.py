"""Pictures of the HTML report in a real Chromium, light and dark, as docs/report-*.png: `make screenshots`.

The run that they show is made up (benchmarks/reports/made_up.py): 20,000 tests on four legs, 400 files.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(_ROOT))

_COLORS = 256  # of a page's some hundred, most are the edges of letters
_SIZE = {"width": 1200, "height": 860}


def _overview(_: Any) -> None:
    """As it opens."""


def _jobs(page: Any) -> None:
    page.evaluate("""() => {
      const heading = [...document.querySelectorAll("h2")].find((each) => each.textContent.startsWith("Jobs"));
      window.scrollTo(0, heading.getBoundingClientRect().top + window.scrollY - 330);
    }""")


def _coverage(page: Any) -> None:
    page.locator("#tab-coverage").click()
    page.locator("summary").nth(1).click()
    page.locator(".source").first.wait_for()
    page.evaluate("() => window.scrollTo(0, document.querySelector('nav').offsetTop - 4)")


def _trends(page: Any) -> None:
    page.locator("#tab-trends").click()


_VIEWS: dict[str, Callable[[Any], None]] = {
    "overview": _overview,
    "jobs": _jobs,
    "coverage": _coverage,
    "trends": _trends,
}


def main() -> None:
    """Make the page, open it, take the pictures."""
    from playwright.sync_api import sync_playwright

    from benchmarks.reports import made_up
    from penstock.report.html import content, page

    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        raise SystemExit("no Chromium here: make browser")
    assets = Path(page.__file__).parent
    style, script = ((assets / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    told = content.of(made_up.story(tests=20_000, files=400), made_up.sources(400), made_up.trends())
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        file = Path(place) / "report.html"
        file.write_text(page.text(told, style=style, script=script), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for scheme in ("light", "dark"):
            for name, prepare in _VIEWS.items():
                opened = browser.new_page(viewport=_SIZE, color_scheme=scheme)
                opened.goto(file.as_uri())
                opened.wait_for_function("() => document.documentElement.dataset.ready")
                prepare(opened)
                (_ROOT / "docs" / f"report-{name}-{scheme}.png").write_bytes(_small(opened.screenshot()))
                opened.close()
        browser.close()


def _small(picture: bytes) -> bytes:
    """The same picture in a fraction of the bytes: by a table of its colours."""
    from PIL import Image

    made = io.BytesIO()
    colors = Image.open(io.BytesIO(picture)).convert("RGB").quantize(_COLORS, dither=Image.Dither.NONE)
    colors.save(made, "PNG", optimize=True)
    return made.getvalue()


if __name__ == "__main__":
    main()
