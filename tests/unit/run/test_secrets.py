"""Who gets a run's secrets, and what is made of values and files that hold them."""

from __future__ import annotations

import json
import sqlite3
import zlib
from pathlib import Path

import msgspec
import pytest

from penstock.model.events import CollectionFinished, CommandFinished, Outcome
from penstock.model.pipeline import Secret
from penstock.model.records import Reading
from penstock.model.records import TestRecord as Row
from penstock.run import canary, disclosure
from penstock.run.output import Output
from penstock.run.scrubbing import held, scrub
from penstock.run.secrets import NO_SECRETS, Secrets
from penstock.util import eventlog
from tests.builders import job

VALUE = "sk-live-9f8e7d6c5b4a"
KEY = Secret(name="API_KEY")
SECRETS = Secrets({KEY: VALUE}, ["API_KEY", "MISSING"])
LABEL = "[secret:API_KEY]"


def test_only_a_job_that_lists_one_gets_it() -> None:
    assert SECRETS.of_job(job("unit", secrets=(KEY, Secret(name="MISSING", required=False)))) == {
        "API_KEY": VALUE,
        "PENSTOCK_SECRETS": "API_KEY",
    }
    assert SECRETS.of_job(job("lint")) == {}
    assert SECRETS.withheld == {"API_KEY", "MISSING"}
    assert SECRETS.named_in({"API_KEY": VALUE}) == {"PENSTOCK_SECRETS": "API_KEY"}
    assert SECRETS.named_in({"API_KEY": "another"}) == {}


def test_events_and_readings_are_cleaned_in_every_text() -> None:
    event = CommandFinished(
        job="x",
        attempt=1,
        command=0,
        argv=("curl", f"-H{VALUE}"),
        exit_code=0,
        signal=None,
        cause="",
        at_s=1.0,
        duration_s=1.0,
        cpu_s=0.0,
        memory_bytes=3,
        leaked=(f"sleep {VALUE}",),
    )
    clean = SECRETS.clean(event)
    assert (clean.argv, clean.leaked) == (("curl", f"-H{LABEL}"), (f"sleep {LABEL}",))
    assert msgspec.structs.replace(clean, argv=event.argv, leaked=event.leaked) == event
    reading = Reading(
        outcome=Outcome.FAILED,
        notes={VALUE: "x"},
        tests=(Row(job="x", id=f"a[{VALUE}]", outcome="failed", text=json.dumps(VALUE)),),  # type: ignore[arg-type]
    )
    done = SECRETS.clean(reading)
    assert VALUE not in msgspec.json.encode(done).decode()
    assert done.tests[0].id == f"a[{LABEL}]"
    assert isinstance(done, Reading)


def test_what_holds_none_is_the_same_object() -> None:
    reading, text = Reading(outcome=Outcome.PASSED, reason="fine"), b'{"a": 1}'
    assert SECRETS.clean(reading) is reading
    assert SECRETS.document(text) is text
    assert NO_SECRETS.clean(reading) is reading
    assert NO_SECRETS.text(VALUE) == VALUE
    assert not NO_SECRETS


def test_what_only_looks_like_one_across_an_escape_stays() -> None:
    secrets = Secrets({KEY: "nabc"}, ["API_KEY"])
    reading = Reading(outcome=Outcome.PASSED, reason="x\nabc", notes={"a": "nabc"})
    assert secrets.clean(reading) == Reading(outcome=Outcome.PASSED, reason="x\nabc", notes={"a": LABEL})


def test_a_log_gets_none_whole_or_in_pieces(tmp_path: Path) -> None:
    shown: list[bytes] = []
    output = Output(str(tmp_path / "log"), echo=shown.append, redaction=SECRETS.stream())
    for piece in (b"start sk-li", b"ve-9f8e7d", b"6c5b4a end\nsk-live-"):
        output.take(memoryview(piece))
    output.close()
    expected = f"start {LABEL} end\nsk-live-".encode()
    assert (tmp_path / "log").read_bytes() == b"".join(shown) == output.head == expected
    assert output.total_bytes == len("start  end\nsk-live-") + len(VALUE)


def test_reports_are_cleaned_as_their_form_bears(tmp_path: Path) -> None:
    assert SECRETS.redaction is not None
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / f"{VALUE}.txt").write_text(f"a {VALUE} b")
    (tmp_path / "report.json").write_text(json.dumps({"x\nabc": VALUE}))
    event = CollectionFinished(ids=(f"t[{VALUE}]",), digest="d", deselected=0)
    (tmp_path / "tests.jsonl").write_bytes(eventlog.encode_line(event) * 2)
    with sqlite3.connect(tmp_path / "coverage.data") as base:
        base.execute("create table context (text)")
        base.execute("insert into context values (?)", (VALUE,))
    base.close()
    (tmp_path / "link").symlink_to("/etc/hostname")
    assert scrub(tmp_path, SECRETS.redaction) == 4
    assert not [path for path in tmp_path.rglob("*") if VALUE in path.name]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and VALUE.encode() in path.read_bytes()]
    assert (tmp_path / "sub" / f"{LABEL}.txt").read_text() == f"a {LABEL} b"
    assert json.loads((tmp_path / "report.json").read_text()) == {"x\nabc": LABEL}
    log = eventlog.decode_lines((tmp_path / "tests.jsonl").read_bytes())
    assert (log.damaged, len(log.events)) == ((), 2)
    with sqlite3.connect(tmp_path / "coverage.data") as base:
        assert base.execute("select text from context").fetchone() == ("*" * len(VALUE),)
    base.close()
    assert scrub(tmp_path, SECRETS.redaction) == 4


def test_a_document_that_would_break_is_cleaned_text_by_text(tmp_path: Path) -> None:
    secrets = Secrets({KEY: "nabc"}, ["API_KEY"])
    assert secrets.redaction is not None
    content = json.dumps({"a": "x\nabc", "b": "nabc"}).encode()
    (tmp_path / "r.json").write_bytes(content)
    (tmp_path / "r.jsonl").write_bytes(b"%08x %b\n" % (zlib.crc32(content), content))
    scrub(tmp_path, secrets.redaction)
    expected = {"a": "x\nabc", "b": LABEL}
    assert json.loads((tmp_path / "r.json").read_bytes()) == expected
    mark, _, text = (tmp_path / "r.jsonl").read_bytes().rstrip(b"\n").partition(b" ")
    assert (json.loads(text), int(mark, 16)) == (expected, zlib.crc32(text))


def test_a_large_file_is_gone_through_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("penstock.run.scrubbing._WHOLE_BYTES", 10)
    monkeypatch.setattr("penstock.run.scrubbing._CHUNK_BYTES", 16)
    assert SECRETS.redaction is not None
    (tmp_path / "large").write_text(f"{'x' * 25}{VALUE}{'y' * 30}")
    assert held(tmp_path / "large", SECRETS.redaction) == ("API_KEY",)
    assert scrub(tmp_path, SECRETS.redaction) == 1
    assert (tmp_path / "large").read_text() == f"{'x' * 25}{LABEL}{'y' * 30}"
    assert [path.name for path in tmp_path.iterdir()] == ["large"]


def test_an_output_that_holds_one_fails_the_job(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/config.js").write_text(f"key = '{VALUE}'")
    (tmp_path / "site/index.html").write_text("fine")
    asked = job("docs", outputs=("site/**",))
    reading = Reading(outcome=Outcome.PASSED, measures={"files": 2})
    made = disclosure.in_outputs(reading, asked, tmp_path, SECRETS)
    assert made is not None
    assert made.outcome is Outcome.FAILED
    assert made.reason == "its outputs hold secrets, and are not kept: site/config.js (API_KEY)"
    assert [(finding.rule, finding.path) for finding in made.findings] == [("secret-in-output", "site/config.js")]
    (tmp_path / "site/config.js").write_text("key = process.env.API_KEY")
    assert disclosure.in_outputs(reading, asked, tmp_path, SECRETS) is None
    assert disclosure.in_outputs(reading, asked, tmp_path, NO_SECRETS) is None


def test_places_are_counted_and_ids_are_told(tmp_path: Path) -> None:
    (tmp_path / "output.log").write_text(f"{LABEL}\n{LABEL}\n")
    tests = tuple(Row(job="x", id=f"t[{LABEL}]{end}", outcome="passed") for end in ("", " #2"))  # type: ignore[arg-type]
    made = disclosure.told(Reading(outcome=Outcome.PASSED, tests=tests), SECRETS, tmp_path, 3)
    assert made.measures == {"redacted": 5}
    assert made.notes["secrets"].startswith(
        "secrets were taken out of its log and reports in 5 places; 2 ids of tests hold one"
    )
    untouched = Reading(outcome=Outcome.PASSED)
    (tmp_path / "output.log").unlink()
    assert disclosure.told(untouched, SECRETS, tmp_path, 0) == untouched


def test_the_canary_lives_where_the_redaction_works() -> None:
    name, value = canary.make()
    canary.prove(Secrets({KEY: VALUE}, ["API_KEY"], [(name, value)]))


def test_the_canary_tells_of_a_redaction_that_does_not_work() -> None:
    name, value = canary.make()
    with pytest.raises(canary.LeakError, match="a run with secrets has no canary"):
        canary.prove(Secrets({KEY: VALUE}, ["API_KEY"]))
    blind = Secrets({KEY: VALUE}, ["API_KEY"], [(name, value)])
    blind.redaction = SECRETS.redaction  # knows another secret, and not this one
    with pytest.raises(canary.LeakError, match="let a canary through: raw, whole"):
        canary.prove(blind)
