"""Takes secrets out of what is shown and kept: `[secret:NAME]` stands where one stood, in any of its spellings.

PYTEST_DONT_REWRITE

A few spellings are searched for one by one, which is the fastest. Of many, for all of them at once: of each that has 15
bytes and more, eight neighbouring pieces of eight bytes are known, so one of them lies whole in one of the text's own
pieces of eight. These are looked up in one set; only where one is known is anything compared.
Shared by penstock and the guests. Standard library only, Python >= 3.9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

if TYPE_CHECKING or __name__.startswith("penstock."):
    from penstock.guest.penstock_spellings import label, spellings
else:  # in the project's own interpreter, where the guests lie beside each other
    from penstock_spellings import label, spellings

_WORD = 8
_LEAST_INDEXED = 2 * _WORD - 1
_FEW = 32  # spellings up to which searching for each is faster
_HELD_BYTES = 1 << 20  # of secrets that overlap each other without an end, more is never held back
_COMMON = frozenset(b"abcdefghijklmnopqrstuvwxyz -=/:._\\\"',%0")  # what every line is full of

Content = Union[bytes, bytearray, memoryview]


class Redaction:
    """Knows what to look for. `values`: names with their secrets. `counts`: how often each was taken out."""

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        self.counts: dict[str, int] = {}
        self._owner: dict[bytes, str] = {}
        for name, value in values:
            self.counts[name] = 0
            for spelled in spellings(value):
                self._owner.setdefault(spelled, name)
        few = len(self._owner) <= _FEW
        self._alone = tuple(each for each in self._owner if few or len(each) < _LEAST_INDEXED)
        self._index: dict[int, list[tuple[bytes, int]]] = {}
        for each in self._owner.keys() - set(self._alone):
            self._note(each)
        self._words = frozenset(self._index)
        self._longest = max(map(len, self._owner), default=0)
        self._beginnings = frozenset(each[:size] for each in self._owner for size in range(1, len(each)))

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._owner)

    def _note(self, spelled: bytes) -> None:
        first = _rarest(spelled)
        for at in range(first, first + _WORD):
            (word,) = memoryview(spelled[at : at + _WORD]).cast("Q")
            self._index.setdefault(word, []).append((spelled, at))

    def content(self, content: bytes) -> bytes:
        """The same without secrets; the same object if there are none."""
        spans = self._spans(content)
        return self._cut(content, spans, len(content)) if spans else content

    def text(self, text: str) -> str:
        """The same without secrets; the same object if there are none."""
        content = text.encode("utf-8", "surrogatepass")
        done = self.content(content)
        return text if done is content else done.decode("utf-8", "surrogatepass")

    def masked(self, content: bytes) -> bytes:
        """The same with asterisks for secrets, byte for byte: for files whose parts stand where they stand."""
        spans = self._spans(content)
        if not spans:
            return content
        made = bytearray(content)
        for start, end, name in spans:
            made[start:end] = b"*" * (end - start)
            self.counts[name] += 1
        return bytes(made)

    def holds(self, content: bytes) -> tuple[str, ...]:
        """The names of the secrets in it."""
        return tuple(sorted({name for _, _, name in self._spans(content)}))

    def stream(self) -> Stream:
        """For what comes in pieces."""
        return Stream(self)

    def _spans(self, content: bytes) -> list[tuple[int, int, str]]:
        """Start, end and name of each place to be taken out, in order; what overlaps or touches is one place."""
        places = [place for each in self._alone if each in content for place in _occurrences(each, content)]
        if self._words:
            words = memoryview(content)[: len(content) // _WORD * _WORD].cast("Q")
            if not self._words.isdisjoint(words):
                places += self._indexed(content, words)
        spans: list[tuple[int, int, str]] = []
        for start, end in sorted(places, key=lambda place: (place[0], -place[1])):
            name = self._owner[content[start:end]]
            if spans and (start < spans[-1][1] or (start == spans[-1][1] and name == spans[-1][2])):
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]), spans[-1][2])
            else:
                spans.append((start, end, name))
        return spans

    def _indexed(self, content: bytes, words: memoryview) -> Iterator[tuple[int, int]]:
        known, index = self._words, self._index
        for number, word in enumerate(words):
            if word in known:
                for spelled, at in index[word]:
                    start = number * _WORD - at
                    if start >= 0 and content.startswith(spelled, start):
                        yield start, start + len(spelled)

    def _cut(self, content: bytes, spans: list[tuple[int, int, str]], until: int) -> bytes:
        """What lies before `until`, with a label for each span. None lies across it."""
        parts: list[bytes] = []
        last = 0
        for start, end, name in spans:
            if end > until:
                break
            parts += [content[last:start], label(name).encode()]
            self.counts[name] += 1
            last = end
        return b"".join((*parts, content[last:until]))

    def _open(self, content: bytes) -> int:
        """Where the longest end of it begins that may be the beginning of something; its length if none may."""
        for start in range(max(0, len(content) - self._longest + 1), len(content)):
            if content[start:] in self._beginnings:
                return start
        return len(content)


class Stream:
    """One output, in pieces: it holds back no more than what may be the beginning of a secret."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._held = b""

    def feed(self, chunk: Content) -> bytes:
        """What can be shown by now."""
        redaction = self._redaction
        content = self._held + bytes(chunk)
        until = redaction._open(content)  # noqa: SLF001 - one matcher in two classes
        spans = redaction._spans(content)  # noqa: SLF001
        for start, end, _ in reversed(spans):
            if start < until <= end:  # what comes may overlap it, or touch it
                until = start if len(content) - start < _HELD_BYTES else end
        self._held = content[until:]
        return redaction._cut(content, spans, until)  # noqa: SLF001

    def finish(self) -> bytes:
        """The rest: nothing more comes."""
        content, self._held = self._held, b""
        return self._redaction.content(content)


def _occurrences(spelled: bytes, content: bytes) -> Iterator[tuple[int, int]]:
    at = content.find(spelled)
    while at >= 0:
        yield at, at + len(spelled)
        at = content.find(spelled, at + 1)


def _rarest(spelled: bytes) -> int:
    """Where to take the known pieces from: not the beginning of an address, which stands in many a line."""
    best, most, odd = 0, -1, 0
    for at, byte in enumerate(spelled):
        odd += byte not in _COMMON
        if at >= _LEAST_INDEXED:
            odd -= spelled[at - _LEAST_INDEXED] not in _COMMON
        if at >= _LEAST_INDEXED - 1 and odd > most:
            best, most = at - _LEAST_INDEXED + 1, odd
    return best
