"""The usual causes of a test's failure, told by what it raised: one line beneath it, and never a part of the verdict.

No hint is better than a wrong one. A cause is taken from the exception that ended the test (its type and message),
never from what the test printed, and not at all where an assertion failed: that is the project's own word.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from penstock.model.events import TestOutcome
from penstock.model.plan import Job
from penstock.model.records import JobRecord, TestRecord
from penstock.report.grounds import Grounds
from penstock.value import Value


class Hint(Value, frozen=True, kw_only=True):
    """`code`: of the entry that explains it (see `report.troubles`)."""

    code: str
    text: str


class _Case(Value, frozen=True, kw_only=True):
    """A failed test with what is known around it. `withheld`: variables that its output names, and it did not get."""

    test: TestRecord
    job: Job
    grounds: Grounds
    withheld: tuple[str, ...] = ()

    @property
    def installed(self) -> frozenset[str]:
        """The distributions of the job's environment."""
        return self.grounds.installed.get(self.job.environment or "", frozenset())


def of_test(test: TestRecord, job: Job, grounds: Grounds, withheld: str = "") -> Hint | None:
    """The hint for a failed test, None where nothing usual is seen. `withheld`: names, separated by commas."""
    if test.kind == "AssertionError" and not _NO_CUDA.search(test.message):
        return None
    case = _Case(test=test, job=job, grounds=grounds, withheld=tuple(withheld.split(", ")) if withheld else ())
    return next((Hint(code=code, text=text) for code, tell in _CAUSES if (text := tell(case))), None)


def of_job(record: JobRecord, job: Job, grounds: Grounds) -> Hint | None:
    """The hint for a job that did not pass, where no test is to blame: only what its own remedy does not say better."""
    found = _WITHOUT.search(record.reason)
    said = missing_module(found[1], job, grounds) if found else ""
    if said and _ANY not in said:
        return Hint(code="E301", text=said)
    withheld = record.note("withheld")
    if not withheld:
        return None
    it = "it" if "," not in withheld else "them"
    text = f"its output names {withheld}, set here and not handed to jobs: declare {it} in jobs.{job.name}.environment"
    return Hint(code="E212", text=text)


_ANY = "declare what brings it"  # what is said where nobody knows more
_WITHOUT = re.compile(r"(?:could not be collected: no module|there is no module) ([A-Za-z_]\w*)")

# --- what is not installed --------------------------------------------------------------------------------------------

_NO_MODULE = re.compile(r"(?:ModuleNotFoundError: )?No module named '([A-Za-z_]\w*)[\w.]*'$")
# docs.python.org/3/whatsnew: 3.12 and 3.13, "Removed"; PEP 594.
_LEFT_PYTHON = {
    **dict.fromkeys(("asynchat", "asyncore", "distutils", "imp", "smtpd"), "3.12"),
    **dict.fromkeys(
        ("aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "lib2to3", "mailcap", "msilib", "nis"), "3.13"
    ),
    **dict.fromkeys(
        ("nntplib", "ossaudiodev", "pipes", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib"), "3.13"
    ),
}


_WHERE = {True: "active", False: "tests'"}  # of `penstock test`, which makes no environment, and of `penstock run`


def _module(case: _Case) -> str:
    found = _NO_MODULE.match(case.test.message) if case.test.kind == "ModuleNotFoundError" else None
    return missing_module(found[1], case.job, case.grounds) if found else ""


def missing_module(module: str, job: Job, grounds: Grounds) -> str:
    """What may be done about a module that is not there, "" where nobody can tell. `module`: a top-level name."""
    if module in grounds.own:
        return ""  # a part of the project itself: what is wrong with it is its own
    if module in _LEFT_PYTHON:
        instead = ", and setuptools brings it" if module == "distutils" else ""
        return f"`{module}` left the standard library with Python {_LEFT_PYTHON[module]}{instead}"
    names = {_canonical(name) for name in (module, *grounds.distributions.get(module, ()))}
    if names & grounds.installed.get(job.environment or "", frozenset()):
        return ""  # what should bring it is there: something else is wrong
    lacks = f"the {_WHERE[job.inherits]} environment has no module `{module}`"
    offer = next((offer for offer in grounds.offers if names & offer.distributions), None)
    if offer is not None:
        key = "" if job.inherits else f': jobs.{job.name}.{offer.kind}s = ["{offer.name}"]'
        return f"{lacks}, and the {offer.kind} `{offer.name}` brings it{key}"
    key = "" if job.inherits else f", or in jobs.{job.name}.requirements"
    return f"{lacks}: {_ANY} in the test extra or group{key}"


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


_NO_FIXTURE = re.compile(r"^E +fixture '(\w+)' not found$", re.MULTILINE)


def _fixture(case: _Case) -> str:
    found = _NO_FIXTURE.search(case.test.text) if case.test.outcome is TestOutcome.ERRORED else None
    plugin = case.grounds.plugins.get(found[1], "") if found and not case.test.kind else ""
    if not found or not plugin or _canonical(plugin) in case.installed:
        return ""
    return f"the fixture `{found[1]}` is {plugin}'s: declare it in the test extra or group"


# --- what is not there, or in the way ---------------------------------------------------------------------------------

_IN_USE = re.compile(r"\[Errno (?:98|48)\]")
_REFUSED = re.compile(r"(?i)connection refused|\[Errno (?:111|61)\]|Error (?:111|61) connecting to")
_REFUSING = frozenset({"ConnectionRefusedError", "ConnectionError", "ConnectError", "OperationalError", "OSError"})
_REFUSING |= {"InterfaceError", "ServerSelectionTimeoutError", "NoBrokersAvailable", "AMQPConnectionError"}
_PORT = re.compile(r"(?:port[ =]+|:|', )(\d{2,5})\b")
_SERVERS = {
    "3306": ("MySQL or MariaDB", "mysql"),
    "5432": ("PostgreSQL", "postgres"),
    "5672": ("RabbitMQ", "rabbitmq"),
    "6379": ("Redis", "redis"),
    "9092": ("Kafka", "kafka"),
    "9200": ("Elasticsearch", "elasticsearch"),
    "11211": ("memcached", "memcached"),
    "27017": ("MongoDB", "mongodb"),
}
_NO_CUDA = re.compile(
    r"No CUDA GPUs are available|Found no NVIDIA driver|not compiled with CUDA enabled"
    r"|no CUDA-capable device is detected|cudaErrorNoDevice"
)


def _port(case: _Case) -> str:
    if case.test.kind != "OSError" or not _IN_USE.search(case.test.message):
        return ""
    return "another process has that port: bind to port 0, and ask which one it became"


def _server(case: _Case) -> str:
    message = case.test.message
    if case.test.kind not in _REFUSING or not _REFUSED.search(message):
        return ""
    known = next((_SERVERS[port] for port in _PORT.findall(message) if port in _SERVERS), None)
    if known is None:
        return "nothing listens where the test connects: is it a server that the job needs, or one that starts late?"
    title, service = known
    silence = f"nothing listens where {title} usually does"
    if case.job.services:
        return f"{silence}: the job's services have ports of their own, which the variables that they hand over name"
    if service in case.grounds.services and not case.job.inherits:
        return f'{silence}: jobs.{case.job.name}.services = ["{service}"] starts one for the job'
    return f"{silence}, and the test needs it"


def _cuda(case: _Case) -> str:
    if not _NO_CUDA.search(case.test.message):
        return ""
    return "no GPU is seen here: give these tests a marker and a job of their own, for machines that have one"


_KEY = re.compile(r"(?:KeyError: )?'([A-Z][A-Z0-9_]+)'$")


def _variable(case: _Case) -> str:
    found = _KEY.match(case.test.message) if case.test.kind == "KeyError" else None
    if not found or found[1] not in case.withheld:
        return ""
    return f"{found[1]} is set here, and jobs do not get it: declare it in jobs.{case.job.name}.environment"


# --- how it ended -----------------------------------------------------------------------------------------------------


def _limit(case: _Case) -> str:
    if case.test.outcome is not TestOutcome.TIMED_OUT:
        return ""
    if case.test.message == "the job's time limit ended it":
        return (
            "it was running when the job's limit came; a `test_timeout` of the job ends such a test alone, and earlier"
        )
    if case.job.test_timeout_s is None or case.job.inherits:
        return ""
    return f"jobs.{case.job.name}.test_timeout is {case.job.test_timeout_s:g} s; the lines above show where it was"


def _memory(case: _Case) -> str:
    killed = case.test.outcome is TestOutcome.CRASHED and "out of memory" in case.test.message
    if not killed and case.test.kind != "MemoryError":
        return ""
    return "there was no memory left: run it with fewer neighbours, or where there is more"


_CAUSES: tuple[tuple[str, Callable[[_Case], str]], ...] = (
    ("E301", _module),
    ("E302", _fixture),
    ("E303", _port),
    ("E304", _server),
    ("E305", _cuda),
    ("E212", _variable),
    ("E306", _limit),
    ("E202", _memory),
)
