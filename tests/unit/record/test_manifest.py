from __future__ import annotations

import zlib

import pytest

from penstock.errors import StateError
from penstock.record import manifest
from penstock.record.manifest import File, Lost, Manifest


def file(path: str = "rows/r1.tests.jsonl") -> File:
    return File(table="tests", path=path, sha256="0" * 64, rows=3, form="jsonl", period="2026-11-21", schema="s")


WHOLE = Manifest(files=(file(), file("tests/2026-11-20.ab.parquet")), lost=(Lost(what="3 rows", rows=3),))


def line(text: bytes) -> bytes:
    return b"%08x %b\n" % (zlib.crc32(text), text)


def test_what_is_written_is_read() -> None:
    assert manifest.decode(manifest.encode(WHOLE)) == WHOLE
    assert manifest.decode(manifest.encode(Manifest())) == Manifest()


def test_every_cut_and_every_flipped_bit_is_told_and_costs_no_other_line() -> None:
    content = manifest.encode(WHOLE)
    silent = []
    for at in range(len(content)):
        flipped = content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :]
        for damaged in (content[:at], flipped):
            read = manifest.decode(damaged)
            if not read.damage or not set(read.files) <= set(WHOLE.files):
                silent.append(at)
        if len(manifest.decode(flipped).files) + len(manifest.decode(flipped).lost) < 1:
            silent.append(at)
    assert silent == []


def test_a_file_outside_of_the_history_is_not_believed() -> None:
    for path in ("../secret", "/etc/passwd", "rows/../../x", "rows/.x", "rows/a/b", "rows/a\nb"):
        read = manifest.decode(manifest.encode(Manifest(files=(file(path),))))
        assert read.files == ()
        assert "outside" in read.damage[0]


def test_a_newer_form_is_refused_politely() -> None:
    with pytest.raises(StateError, match="format 2") as caught:
        manifest.decode(line(b'{"line":"history","format":2,"other":[1]}') + b"whatever\n")
    assert "newer penstock" in (caught.value.remedy or "")


def test_damage_stays_told_after_a_change() -> None:
    read = manifest.decode(manifest.encode(WHOLE)[:-5])
    changed = manifest.decode(manifest.encode(read.changed(files=[file("rows/r2.tests.jsonl")])))
    assert changed.damage == ()
    assert [loss.what for loss in changed.lost] == list(read.damage)
    assert len(changed.files) == 3
