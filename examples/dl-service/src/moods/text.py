"""Text as numbers: words and pairs of words, hashed into a row of fixed width."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

WIDTH = 256
Rows = NDArray[np.float32]
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_LONGEST = 10_000  # characters of an entry that are read


def words(text: str) -> list[str]:
    """In small letters, without what stands between them."""
    return _WORD.findall(unicodedata.normalize("NFKC", text[:_LONGEST]).casefold())


def features(texts: Sequence[str]) -> Rows:
    """A row of unit length a text; of zeros for one without words."""
    rows = np.zeros((len(texts), WIDTH), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        for place in _places(words(text)):
            row[place] += 1
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.maximum(lengths, 1e-9)).astype(np.float32)


def _places(found: list[str]) -> Iterable[int]:
    """The same in every process: `hash` is not."""
    yield from (crc32(word.encode()) % WIDTH for word in found)
    yield from (crc32(f"{one} {two}".encode()) % WIDTH for one, two in pairwise(found))
