"""A real Chromium that opens pages of a report: what they ask for, what goes wrong in them, what they are made of.

The library that drives it is Playwright: it speaks the browser's own protocol, waits for what it clicks, and plays
colour schemes, paper and widths. It brings no browser: the one that the system has is started.
"""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SWITCHES = (
    "--no-sandbox",  # root, as in a container, has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# Of each view, with everything opened: tags, attribute names, and the values that are ours; of what foreign text stands
# in, only that it stands there. The lines of a file are made when its `toggle` is told, a moment after it was opened.
_SKELETONS = """async () => {
  const FOREIGN = new Set(["title", "aria-label", "value", "id"]);
  const one = (node) => node.tagName + "[" + [...node.attributes].map((each) => each.name + (FOREIGN.has(each.name)
      ? "" : "=" + each.value)).sort().join(" ") + "](" + [...node.children].map(one).join("") + ")";
  const made = {};
  for (const tab of document.querySelectorAll("[role=tab]")) {
    tab.click();
    document.querySelectorAll("details").forEach((each) => { each.open = true; });
    await new Promise((done) => setTimeout(done, 20));
    made[tab.id.slice(4)] = one(document.documentElement);
  }
  return made;
}"""


@dataclass
class Visit:
    """One page that is open, and what was seen of it since."""

    page: Any
    file: Path
    asked: list[str] = field(default_factory=list)  # addresses
    wrong: list[str] = field(default_factory=list)  # errors, and what the console was told
    dialogs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda told: self.wrong.append(f"{told.type}: {told.text}"))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", self._refuse)

    def _refuse(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def open(self, text: str, *, ready: bool = True) -> None:
        """Open a page from a file. `ready`: wait until it says that it is."""
        for seen in (self.asked, self.wrong, self.dialogs):
            seen.clear()
        self.file.write_bytes(text.encode("utf-8", "replace"))
        self.page.goto(self.file.as_uri())
        if ready:
            self.page.wait_for_function("() => document.documentElement.dataset.ready === 'true'")

    def views(self) -> list[str]:
        """The names of the tabs."""
        return [tab.get_attribute("id").removeprefix("tab-") for tab in self.page.get_by_role("tab").all()]

    def show(self, view: str) -> None:
        """Choose a tab."""
        self.page.locator(f"#tab-{view}").click()

    def skeletons(self) -> dict[str, str]:
        """What each view is made of, with everything opened."""
        made: dict[str, str] = self.page.evaluate(_SKELETONS)
        return made


class Chromium:
    """The browser."""

    def __init__(self, program: Any, folder: Path) -> None:
        self._program, self._folder, self._number = program, folder, 0

    @contextlib.contextmanager
    def visit(self, text: str, *, width: int = 1280, ready: bool = True, **traits: Any) -> Iterator[Visit]:
        """A page of its own. `traits`: of Playwright's contexts. `ready`: see `Visit.open`."""
        self._number += 1
        context = self._program.new_context(viewport={"width": width, "height": 900}, **traits)
        try:
            seen = Visit(context.new_page(), self._folder / f"{self._number}.html")
            seen.open(text, ready=ready)
            yield seen
        finally:
            context.close()


@contextlib.contextmanager
def started(folder: Path, *, required: bool = False) -> Iterator[Chromium]:
    """The system's Chromium. Where there is none the test is skipped, saying so; `required`: it fails."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None or importlib.util.find_spec("playwright") is None:
        lacking = f"no {'Chromium' if program is None else 'Playwright'} here: make browser"
        (pytest.fail if required else pytest.skip)(lacking)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_SWITCHES))
        try:
            yield Chromium(browser, folder)
        finally:
            browser.close()
