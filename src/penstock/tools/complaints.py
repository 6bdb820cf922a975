"""What test runners print when they could not begin: the sentence worth repeating, the module that is missing."""

from __future__ import annotations

import re

from penstock.guest.penstock_unreached import UNREACHED

# Texts, which `re` compiles and keeps when the first complaint is read: most starts read none.
_MISSING = r"(?:No module named|[Cc]ould not import|[Cc]annot import(?! name\b)) '?([A-Za-z_][\w.]*)'?"
_KIND = r"ModuleNotFoundError: (?:No module named )?'?([A-Za-z_][\w.]*)'?$"
_SAID = r"(?m)^(?:\S+: error|ERROR|UsageError|E  |Error|[A-Za-z_.]*(?:Error|Exception)):? .*$"
_SIGNALS = {  # Linux numbers; the room starts nothing, so it does not import `signal`
    1: "SIGHUP",
    2: "SIGINT",
    3: "SIGQUIT",
    4: "SIGILL",
    6: "SIGABRT",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV",
    13: "SIGPIPE",
    14: "SIGALRM",
    15: "SIGTERM",
    24: "SIGXCPU",
    25: "SIGXFSZ",
    31: "SIGSYS",
}
_LONGEST = 300  # characters of a repeated sentence


def missing_module(text: str) -> str | None:
    """The first module whose absence `text` tells of, or None."""
    found = re.search(_MISSING, text)
    return found[1] if found else None


def module_of_kind(kind: str) -> str | None:
    """The module of a collection error's kind (`ModuleNotFoundError: x`), or None for any other error."""
    found = re.match(_KIND, kind)
    return found[1] if found else None


def of_network(text: str) -> bool:
    """Whether `text` tells of a network that cannot be reached."""
    return re.search(UNREACHED, text) is not None


def remedy_for(module: str) -> str:
    """How a missing module is brought in."""
    return f"declare what brings {module} in the project's test extra or group, or name it: jobs.NAME.requirements"


def of_runner(output: str) -> str:
    """The last line of the output that sounds like an error, bounded; "" if there is none."""
    lines = re.findall(_SAID, output)
    return lines[-1].strip()[:_LONGEST] if lines else ""


def signal_name(number: int) -> str:
    """`SIGSEGV` for 11."""
    return _SIGNALS.get(number, f"signal {number}")
