"""What programs say of a network that cannot be reached from where they run (an expression)."""

from __future__ import annotations

UNREACHED = (
    r"(?i:name or service not known|temporary failure in name resolution|getaddrinfo failed|nodename nor servname"
    r"|network is unreachable|no route to host|NameResolutionError|could not resolve host|failed to resolve"
    r"|no address associated with hostname|proxyerror)"
)
