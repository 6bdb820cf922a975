"""Networks as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from moods import registry
from moods.network import fresh
from moods.text import WIDTH


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    network = fresh(("a", "b"), width=WIDTH, hidden=3, seed=1)
    registry.write(network, tmp_path / "one.npz")
    again = registry.read(tmp_path / "one.npz")
    assert again.moods == network.moods
    np.testing.assert_allclose(again.hidden, network.hidden, atol=1e-3)


@pytest.mark.parametrize("content", [b"", b"no network", b"PK\x03\x04"])
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "one.npz").write_bytes(content)
    with pytest.raises(ValueError, match="holds no network"):
        registry.read(tmp_path / "one.npz")


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    parts = {"hidden": np.array([{}], dtype=object), "output": np.zeros(1), "moods": np.array(["a"])}
    np.savez(tmp_path / "one.npz", **parts)
    with pytest.raises(ValueError, match="holds no network"):
        registry.read(tmp_path / "one.npz")


def test_another_shape_is_refused(tmp_path: Path) -> None:
    registry.write(fresh(("a", "b"), width=9, hidden=3, seed=1), tmp_path / "one.npz")
    with pytest.raises(ValueError, match="another shape"):
        registry.read(tmp_path / "one.npz")


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("Today I am so happy and I told nobody.", "joy"),
        ("Honestly, I feel lonely because of the letter.", "sadness"),
        ("I woke up furious and it rained all day.", "anger"),
        ("Still scared of tomorrow although nothing happened.", "fear"),
        ("After work I was relaxed while everyone else slept.", "calm"),
    ],
)
def test_the_shipped_network_knows_a_plain_entry(text: str, mood: str) -> None:
    answers = registry.analyse(registry.load(), [text])
    assert answers[0]["mood"] == mood
    assert registry.plausible(answers)


def test_answers_do_not_depend_on_the_others_in_the_batch() -> None:
    texts = ["Today I am so happy.", "", "I feel lonely."]
    together = registry.analyse(registry.load(), texts)
    assert together == [registry.analyse(registry.load(), [text])[0] for text in texts]
    assert registry.analyse(registry.load(), []) == []


@pytest.mark.parametrize(
    "answers",
    [[], [{"mood": "a", "likely": {"a": 0.2, "b": 0.8}}], [{"mood": "a", "likely": {"a": 0.9, "b": 0.9}}]],
)
def test_what_is_no_answer_is_not_plausible(answers: list[registry.Answer]) -> None:
    assert not registry.plausible(answers)
