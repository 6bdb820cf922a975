"""HTTP, for what is published and told. The one owner of urllib; nothing that a run needs goes this way.

Addresses and headers may be secrets: no error quotes any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from penstock.value import Value

if TYPE_CHECKING:
    from http.client import HTTPResponse
    from urllib.request import OpenerDirector

LARGEST_BYTES = 32 << 20
_PIECE_BYTES = 1 << 16


class Request(Value, frozen=True, kw_only=True):
    """One question. `url`: absolute, http or https."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Answer(Value, frozen=True, kw_only=True):
    """What came back, whatever its status. `headers`: by their names in lower case; of several the last."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""


class NoAnswerError(OSError):
    """Nothing came back, or nothing whole: a name that is unknown, a connection refused or cut, a certificate."""


class SystemWeb:
    """Asks real servers. See `ports.Web`. Proxies are taken from where the platform names them."""

    def ask(self, request: Request, *, timeout_s: float = 30.0) -> Answer:
        """Send it and wait for the whole answer. Raises NoAnswerError, and TimeoutError past `timeout_s`.

        A thread waits: looking up a name and a server that drips have no other limit.
        """
        import threading

        told: list[Answer | BaseException] = []
        thread = threading.Thread(target=_asked, args=(request, timeout_s, told), daemon=True)
        thread.start()
        thread.join(timeout_s)
        if not told:
            raise TimeoutError(f"no answer within {timeout_s:g} s")
        if isinstance(told[0], Answer):
            return told[0]
        raise told[0]


def _asked(request: Request, timeout_s: float, told: list[Answer | BaseException]) -> None:
    try:
        told.append(_ask(request, timeout_s))
    except TimeoutError:
        told.append(TimeoutError(f"no answer within {timeout_s:g} s"))
    except Exception as error:  # noqa: BLE001 - urllib raises many kinds, some of which quote the address
        told.append(NoAnswerError(_reason(error)))


def _ask(request: Request, timeout_s: float) -> Answer:
    from urllib.error import URLError
    from urllib.request import Request as Sent

    sent = Sent(request.url, data=request.body or None, method=request.method)  # noqa: S310 - whoever asks has looked at the scheme; the opener knows http and https alone
    for name, value in request.headers:
        sent.add_unredirected_header(name, value)
    try:
        with _opener().open(sent, timeout=timeout_s) as answer:
            body = _read(answer)
            return Answer(
                status=answer.status,
                headers={name.lower(): value for name, value in answer.headers.items()},
                body=body,
            )
    except URLError as error:
        raise error.reason if isinstance(error.reason, Exception) else OSError(str(error.reason)) from error


def _read(answer: HTTPResponse) -> bytes:
    """The whole body. Raises OSError for one that is too large, or shorter than it says of itself."""
    body = bytearray()
    while piece := answer.read(_PIECE_BYTES):
        body += piece
        if len(body) > LARGEST_BYTES:
            raise OSError("the answer is too large")
    if answer.length:  # what is still to come: read in pieces, http.client does not complain
        raise OSError("the answer was cut off")
    return bytes(body)


def _opener() -> OpenerDirector:
    """HTTP and HTTPS, with proxies, and nothing else: an answer that leads elsewhere is an answer."""
    from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler

    opener = OpenerDirector()
    for each in (ProxyHandler(), HTTPHandler(), HTTPSHandler()):
        opener.add_handler(each)
    return opener


def _reason(error: Exception) -> str:
    """What happened, in words that quote nothing of what was sent."""
    import ssl
    from http.client import IncompleteRead

    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate is not accepted: {error.verify_message}"
    if isinstance(error, IncompleteRead):
        return "the answer was cut off"
    if isinstance(error, OSError):
        return (error.strerror or str(error) or type(error).__name__).lower()
    return f"the connection failed ({type(error).__name__})"
