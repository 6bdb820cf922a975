"""The secrets of one run: who gets them, and how they are kept out of everything that is shown and kept.

A value is in memory and in the environment of the jobs that list it, nowhere else. Where none is declared, nothing of
this costs anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:  # a run without secrets imports none of it
    from penstock.guest.penstock_redaction import Redaction, Stream
    from penstock.model.pipeline import Deployment, Secret
    from penstock.model.plan import Job

_T = TypeVar("_T")

NAMES = "PENSTOCK_SECRETS"  # tells the guests which variables of the job they keep out of their logs


class Secrets:
    """`values`: what is there, of all that is declared. `declared`: the names, of missing ones too: no other job gets
    them. `more`: what is a secret and handed to no job, as names with values.
    """

    def __init__(
        self,
        values: Mapping[Secret, str] | None = None,
        declared: Iterable[str] = (),
        more: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._values = values or {}
        self.withheld = frozenset(declared)
        self.more = tuple(more)
        told = [*((secret.name, value) for secret, value in self._values.items()), *self.more]
        self.redaction: Redaction | None = _redaction(told) if told else None

    def __bool__(self) -> bool:
        """Whether there is anything to keep secret."""
        return self.redaction is not None

    def of_job(self, job: Job | Deployment) -> dict[str, str]:
        """The variables of the job's secrets, and the one that names them."""
        given = {secret.name: self._values[secret] for secret in job.secrets if secret in self._values}
        return {**given, NAMES: ",".join(given)} if given else {}

    def named_in(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The variable that names the secrets which an environment holds, for a job that gets it whole."""
        names = [secret.name for secret, value in self._values.items() if environ.get(secret.name) == value]
        return {NAMES: ",".join(names)} if names else {}

    def stream(self) -> Stream | None:
        """For an output that comes in pieces; None where nothing has to be kept secret."""
        return None if self.redaction is None else self.redaction.stream()

    def clean(self, value: _T) -> _T:
        """The same value (any that has a form in JSON) without secrets in its texts; itself if there are none."""
        if self.redaction is None:
            return value
        import msgspec

        plain = msgspec.to_builtins(value)
        if not self._touches(plain):
            return value
        return msgspec.convert(walked(plain, self.redaction), type=type(value))

    def text(self, text: str) -> str:
        """The text without secrets."""
        return text if self.redaction is None else self.redaction.text(text)

    def document(self, content: bytes) -> bytes:
        """A JSON document without secrets, still JSON; itself if there are none."""
        if self.redaction is None:
            return content
        import msgspec

        plain = msgspec.json.decode(content)
        if not self._touches(plain):
            return content
        return msgspec.json.format(msgspec.json.encode(walked(plain, self.redaction)), indent=1)

    def stand_in(self, value: object) -> bool:
        """Whether one stands in any of its texts."""
        if self.redaction is None:
            return False
        import msgspec

        return self._touches(msgspec.to_builtins(value))

    def _touches(self, plain: object) -> bool:
        """One look at all texts together: most values hold none. No spelling of a secret holds a NUL."""
        texts = "\0".join(_texts(plain)).encode("utf-8", "surrogatepass")
        return self.redaction is not None and bool(self.redaction.holds(texts))


NO_SECRETS = Secrets()


def _redaction(values: list[tuple[str, str]]) -> Redaction:
    from penstock.guest.penstock_redaction import Redaction

    return Redaction(values)


def _texts(plain: object) -> Iterator[str]:
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, dict):
        for name, value in plain.items():
            yield str(name)
            yield from _texts(value)
    elif isinstance(plain, list | tuple):
        for value in plain:
            yield from _texts(value)


def walked(plain: Any, redaction: Redaction) -> Any:
    """Plain values (what JSON has) with each text cleaned by itself."""
    if isinstance(plain, str):
        return redaction.text(plain)
    if isinstance(plain, dict):
        return {redaction.text(str(name)): walked(value, redaction) for name, value in plain.items()}
    if isinstance(plain, list | tuple):
        return [walked(value, redaction) for value in plain]
    return plain
