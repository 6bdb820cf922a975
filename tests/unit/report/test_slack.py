"""Messages about protected runs: what they say, that Slack's reference allows them, that foreign text does nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.model.run_context import RunContext
from penstock.model.trust import Trust
from penstock.report import slack
from tests import stories
from tests.fakes.payloads import PAYLOADS
from tests.fakes.slack import MESSAGE

PAGE = "https://github.com/acme/pool/actions/runs/7"
CONTEXT = RunContext(
    provider="github", trust=Trust.PROTECTED, repository="acme/pool", branch="main", commit="a" * 40, url=PAGE
)
MENTIONS = (
    *PAYLOADS,
    "<!channel>",
    "<!here|here>",
    "<@U024BE7LH>",
    "<#C024BE7LR>",
    "<!subteam^SAZ94GDB8>",
    "<https://evil.example|github.com>",
    "<mailto:x@y.example|z>",
    "&lt;!channel&gt;",
    "@channel @everyone x@here @all",
    "*bold* _it_ ~no~ :tada: `code`",
    "HTTP://evil.example ftp://evil.example tel:112",
)
READ = """
import json, sys
from slack_sdk.models.blocks import Block
for message in json.load(sys.stdin):
    blocks = message["blocks"]
    assert [each.to_dict() for each in Block.parse_all(blocks)] == blocks
"""


def texts(message: dict[str, Any]) -> list[tuple[str, str]]:
    """Every text of the message, with its type."""
    found = [("mrkdwn", message["text"])]
    for block in message["blocks"]:
        parts = [block.get("text"), *block.get("fields", ()), *block.get("elements", ())]
        found += [(part["type"], part["text"]) for part in parts if part]
    return found


def test_a_failure() -> None:
    message = slack.payload(stories.red(), slack.FAILURE, CONTEXT)
    MESSAGE.validate(message)
    assert message["text"] == "❌ FAIL: `acme/pool main`: `lint`, `unit@3.12`, `unit@3.13` and 4 more"
    header, bad, facts, page = message["blocks"]
    assert header["text"]["text"] == "❌ FAIL: acme/pool main"
    assert bad["text"]["text"].splitlines()[:2] == [
        "• lint: 1 finding",
        "• unit@3.12: tests/unit/test_pool.py::test_close_twice",
    ]
    assert [each["text"] for each in facts["fields"]][1:] == ["commit aaaaaaaaaaaa", "run 7f3b9c"]
    assert page["elements"][0]["text"] == f"<{PAGE}|the run at github>"


def test_a_recovery_and_a_run_that_proved_nothing() -> None:
    again = slack.payload(stories.green(), slack.RECOVERY, CONTEXT)
    MESSAGE.validate(again)
    assert again["text"] == "✅ green again: `acme/pool main`"
    unproved = slack.payload(stories.unverified(), slack.FAILURE, CONTEXT)
    assert unproved["text"] == "⚠️ NOT VERIFIED: `acme/pool main`: `unit@3.14`"


@pytest.mark.parametrize("name", sorted(stories.STORIES))
def test_every_run_makes_a_message_that_slack_takes(name: str) -> None:
    MESSAGE.validate(slack.payload(stories.STORIES[name](), slack.FAILURE, CONTEXT))
    MESSAGE.validate(slack.payload(stories.STORIES[name](), slack.FAILURE, RunContext()))


def harmless(message: dict[str, Any]) -> None:
    """No mention, no link but our own, no end of code before its time, in whatever is read as markup."""
    MESSAGE.validate(message)
    json.dumps(message).encode()
    for type_, text in texts(message):
        bare = text.replace(f"<{PAGE}|the run at github>", "") if type_ == "mrkdwn" else text
        assert not set("<>&") & set(bare), text
        assert not re.search(r"(?i)(?<!\w)@|@(everyone|here|channel|all)|(https?|ftp|mailto|tel):", bare), text
    assert re.fullmatch(r"[^`]*(`[^`]+`[^`]*)+", message["text"]), message["text"]


@pytest.mark.parametrize("payload", MENTIONS, ids=range(len(MENTIONS)))
def test_foreign_text_pings_nobody(payload: str) -> None:
    context = RunContext(provider="github", repository=payload, branch=payload, commit=payload, url=payload)
    for made in (stories.hostile(payload), stories.green()):
        harmless(slack.payload(made, slack.FAILURE, context))
        harmless(slack.payload(made, slack.RECOVERY, CONTEXT))


@given(st.text(st.characters(codec=None), max_size=80))
def test_any_text_pings_nobody(text: str) -> None:
    harmless(slack.payload(stories.hostile(text), slack.FAILURE, CONTEXT))


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "http://github.com/x", f"{PAGE}|evil>", f"{PAGE}?x=<!here>", "https://x/ y"]
)
def test_only_a_plain_address_becomes_a_link(url: str) -> None:
    message = slack.payload(stories.red(), slack.FAILURE, RunContext(provider="github", url=url))
    assert [block["type"] for block in message["blocks"]] == ["header", "section", "section"]


@pytest.mark.slow
def test_slack_s_own_library_reads_the_messages_as_they_are() -> None:
    made = [slack.payload(each(), slack.FAILURE, CONTEXT) for each in stories.STORIES.values()]
    made += [slack.payload(stories.hostile(each), slack.FAILURE, CONTEXT) for each in MENTIONS]
    command = [sys.executable, "-m", "uv", "run", "--quiet", "--no-project", "--with", "slack_sdk==3.47.0"]
    done = subprocess.run(
        [*command, "python", "-c", READ], input=json.dumps(made).encode(), capture_output=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
