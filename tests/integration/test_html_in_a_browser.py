"""The HTML report in a real Chromium: it works from a file, asks nobody, and is the same whatever a run put out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from benchmarks.reports import made_up
from penstock.model.pipeline import JobKind
from penstock.model.records import CoverageRecord
from penstock.report.html import content, page
from penstock.report.story import Story
from tests import browser, stories
from tests.builders import job, plan
from tests.fakes.payloads import PAYLOADS
from tests.verdicts import attempt, job_record, records

pytestmark = pytest.mark.slow

ASSETS = Path(page.__file__).parent
STYLE, SCRIPT = ((ASSETS / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
VIEWS = ["overview", "tests", "coverage", "findings", "trends"]
TESTS, FILES = 2_000, 60

# Each of these would set `planted` if it were read as what it looks like.
PLANTS = (
    "<script>window.planted = 1</script>",
    "</script><script>window.planted = 1</script>",
    "<img src=x onerror='window.planted = 1'>",
    "<svg onload='window.planted = 1'>",
    "javascript:window.planted=1",
    "' autofocus onfocus='window.planted = 1",
    "<iframe srcdoc='<script>parent.planted = 1</script>'>",
    "${window.planted = 1}",
    "\\u003cscript>window.planted = 1\\u003c/script>",
)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[browser.Chromium]:
    folder = tmp_path_factory.mktemp("pages")
    with browser.started(folder, required=bool(request.config.getoption("--browser"))) as program:
        yield program


def made(story: Story, sources: Any = (), trends: Any = ()) -> str:
    return page.text(content.of(story, dict(sources), trends), style=STYLE, script=SCRIPT)


@pytest.fixture(scope="module")
def large() -> str:
    """2,000 tests and 60 files, with failures, a flaky test, findings, uncovered lines and trends."""
    return made(made_up.story(tests=TESTS, files=FILES), made_up.sources(FILES), made_up.trends())


def hostile(text: str) -> str:
    """Foreign text in every place that takes any: the story's, and those of coverage, trends and a baseline."""
    told = stories.hostile(text)
    record = CoverageRecord(path=text, statements=3, covered=2, missing=(2,), ran=((1, 1), (3, 3)), forks=((1, 2, 1),))
    told = replace(told, records=replace(told.records, coverage=(record,)), known={0: True}, logs={"docs": text})
    days = tuple({"day": f"{text}{number}", "tests": number} for number in range(3))
    return made(told, {text: [text, text, text]}, days)


@pytest.fixture(scope="module")
def one(chromium: browser.Chromium) -> Iterator[browser.Visit]:
    """One page that is opened again and again: a new one each time would take a second."""
    with chromium.visit(hostile("benign")) as seen:
        yield seen


@pytest.fixture(scope="module")
def benign(one: browser.Visit) -> dict[str, str]:
    one.open(hostile("benign"))
    return one.skeletons()


@pytest.mark.parametrize("payload", [*PAYLOADS, *PLANTS], ids=range(len(PAYLOADS) + len(PLANTS)))
def test_the_page_is_made_of_the_same_elements_whatever_text_is_in_it(
    payload: str, one: browser.Visit, benign: dict[str, str]
) -> None:
    one.open(hostile(f"a{payload}z"))
    found = one.skeletons()
    assert one.page.evaluate("() => window.planted") is None
    assert one.page.title().startswith("FAIL · ")
    assert (one.wrong, one.dialogs, len(one.asked)) == ([], [], 1)
    assert list(found) == ["overview", "tests", "coverage", "findings", "trends"]
    assert found == benign


@pytest.mark.parametrize("name", stories.STORIES)
def test_each_story_opens_from_a_file_without_a_request_or_an_error(name: str, chromium: browser.Chromium) -> None:
    with chromium.visit(made(stories.STORIES[name]())) as seen:
        for view in seen.views():
            seen.show(view)
            assert seen.page.locator("h2").count() >= 1
            assert "[object" not in seen.page.inner_text("body")
        assert len(seen.asked) == 1
        assert seen.asked[0].startswith("file://")
        assert seen.wrong == []


def test_the_policy_holds_in_the_browser(chromium: browser.Chromium) -> None:
    """The twin of the tests above: what they look for is seen where it happens."""
    with chromium.visit(made(stories.green())) as seen:
        seen.page.evaluate(
            """async () => {
              document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.planted = 1'>");
              const script = document.createElement("script");
              script.textContent = "window.planted = 2";
              document.body.append(script);
              await fetch("http://127.0.0.1:9/").catch(() => {});
            }"""
        )
        assert seen.page.evaluate("() => window.planted") is None
        assert sum("Content Security Policy" in each for each in seen.wrong) >= 3


def test_searching_choosing_sorting_and_opening(chromium: browser.Chromium, large: str) -> None:
    with chromium.visit(large) as seen:
        page_ = seen.page
        seen.show("tests")
        rows = page_.locator("#panel tbody tr")
        assert rows.count() == 200
        page_.get_by_role("button", name="1,800 more rows").click()
        assert rows.count() == 400
        page_.get_by_role("searchbox").fill("billing integration TestErrors")
        narrowed = rows.all_inner_texts()
        assert 0 < len(narrowed) < 200
        assert all("tests/integration/billing" in each and "TestErrors" in each for each in narrowed)
        page_.get_by_role("searchbox").fill("")
        page_.get_by_role("combobox", name="outcome").select_option("failed")
        assert page_.get_by_role("status").inner_text() == f"{rows.count()} of 2,000 rows"
        assert {"failed"} == {each.split("\t")[2] for each in rows.all_inner_texts()}
        page_.get_by_role("combobox", name="outcome").select_option("")
        page_.get_by_role("button", name="test", exact=True).click()
        assert page_.locator("th[aria-sort=ascending]").inner_text().startswith("test")
        names = [each.split("\t")[0] for each in rows.all_inner_texts()[:50]]
        assert names[0].startswith("tests/integration/accounts/")
        page_.get_by_role("button", name="test", exact=True).click()
        assert rows.first.inner_text().startswith("tests/unit/shipping/")
        seen.show("coverage")
        page_.locator("summary").first.click()
        page_.locator(".source .line.missing").first.wait_for()  # it is made when the file is opened
        assert seen.wrong == []


def test_the_keyboard_reaches_everything(chromium: browser.Chromium, large: str) -> None:
    with chromium.visit(large) as seen:
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("() => document.activeElement.id") == "tab-overview"
        for view in [*VIEWS[1:], VIEWS[0]]:
            seen.page.keyboard.press("ArrowRight")
            assert seen.page.evaluate("() => document.activeElement.id") == f"tab-{view}"
            assert seen.page.locator("[aria-selected=true]").get_attribute("id") == f"tab-{view}"
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("() => document.activeElement.tagName") == "SUMMARY"
        seen.page.keyboard.press("Enter")
        assert seen.page.evaluate("() => document.activeElement.parentElement.open") is False
        seen.show("tests")
        seen.page.keyboard.press("/")
        seen.page.keyboard.type("pool/")
        assert seen.page.get_by_role("searchbox").input_value() == "pool/"


def test_without_its_script_the_page_tells_the_verdict(chromium: browser.Chromium, large: str) -> None:
    with chromium.visit(large, ready=False, java_script_enabled=False) as seen:
        text = seen.page.inner_text("body")
        assert "FAIL · shop" in text
        assert "lint: 7 findings" in text
        assert "allow it to run" in text


def test_a_hint_and_a_remedy_stand_with_their_code_and_what_it_means(chromium: browser.Chromium) -> None:
    unit, slow = job("unit@3.12"), job("slow@3.12", kind=JobKind.RUN)
    test = attempt(
        unit, "tests/test_a.py::test_a", "failed", kind="OSError", message="[Errno 98] Address already in use"
    )
    ends = (
        job_record(unit, "failed", measures={"collected": 1, "ran": 1, "failed": 1}),
        job_record(slow, "timed_out", reason="ran longer than its limit 600 s"),
    )
    with chromium.visit(made(stories.story(plan(unit, slow), records(*ends, tests=(test,))))) as seen:
        for code, advice, meaning in (
            ("E303", "Hint: another process has that port", "A test binds to a fixed port"),
            ("E201", "Remedy: See what it waited for", "its whole process tree was ended"),
        ):
            card = seen.page.locator(".card", has_text=advice)
            box = card.locator(".meaning")
            assert box.count() == 1
            assert not box.get_by_text(meaning).is_visible()
            box.locator("summary").focus()
            seen.page.keyboard.press("Enter")
            assert box.get_by_text(meaning).is_visible()
            assert box.get_by_text(f"penstock explain {code}").is_visible()
        assert seen.page.locator(".meaning", has_text="E201").get_by_text("Remedy:").count() == 0, "it is said above"
        assert (seen.wrong, len(seen.asked)) == ([], 1)


# Of each text that is seen: its contrast with what is behind it, as WCAG 2 defines it; the least ones.
_CONTRAST = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (color) => { const [r, g, b] = color.slice(0, 3).map((each) => each / 255).map((each) => each <= 0.03928
      ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (node) => { for (; node; node = node.parentElement) {
      const color = rgb(getComputedStyle(node).backgroundColor);
      if (color[3] !== 0) return color; }
    return [0, 0, 0]; };
  const found = [];
  for (const node of document.querySelectorAll("body *")) {
    const said = [...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim());
    if (!said || !node.checkVisibility() || node.closest("script, noscript, option")) continue;
    const [one, two] = [light(rgb(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    found.push([ratio, node.tagName + "." + node.className]);
  }
  return found.sort((a, b) => a[0] - b[0]).slice(0, 3);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["large", "red", "flaky", "unverified"])
def test_text_can_be_read_in_light_and_in_dark(scheme: str, which: str, chromium: browser.Chromium, large: str) -> None:
    text = large if which == "large" else made(stories.STORIES[which]())
    with chromium.visit(text, color_scheme=scheme) as seen:
        paper = seen.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 26)"}[scheme]
        for view in seen.views():
            seen.show(view)
            if view == "coverage":
                seen.page.locator("summary").first.click()
            ratio, where = seen.page.evaluate(_CONTRAST)[0]
            assert ratio >= 4.5, f"{where} in {view}"


@pytest.mark.parametrize("width", [360, 768, 1600])
def test_no_width_makes_the_page_scroll_sideways(width: int, chromium: browser.Chromium, large: str) -> None:
    with chromium.visit(large, width=width) as seen:
        for view in seen.views():
            seen.show(view)
            seen.page.evaluate("() => document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            assert seen.page.evaluate("() => document.documentElement.scrollWidth") <= width, view


def test_on_paper_it_is_dark_on_white_without_what_only_a_screen_needs(chromium: browser.Chromium, large: str) -> None:
    with chromium.visit(large, color_scheme="dark") as seen:
        seen.page.emulate_media(media="print", color_scheme="dark")
        assert seen.page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not seen.page.locator("nav").is_visible()
        assert seen.page.locator(".card pre").first.is_visible()
        assert seen.page.pdf().startswith(b"%PDF-")
