"""E4xx: the machine, and the host that it is."""

from __future__ import annotations

from penstock.report.troubles.trouble import trouble

HOST = (
    trouble(
        "E401",
        "the base is not there to compare with",
        "The clone is shallow or has no base branch, so that nobody can tell what the change is. It is how CI hosts "
        "check out by default.",
        "Fetch the base with its history: `fetch-depth: 0` for actions/checkout, `git fetch --unshallow` elsewhere.",
        "nothing to compare with: the base branch main was not fetched",
        "nothing to compare with: ",
        "fetch the base branch with its history",
    ),
    trouble(
        "E402",
        "the database of vulnerabilities cannot be asked",
        "The audit needs a database that answers and knows what is known to be bad; a silent one proves nothing.",
        "Let this machine reach it (`HTTPS_PROXY`, `SSL_CERT_FILE`), or name another: `jobs.audit.database`.",
        "the database at https://api.osv.dev could not be asked: connection refused",
        " could not be asked: ",
        "the canary was not reported",
    ),
    trouble(
        "E403",
        "the disk is full, or cannot be written",
        "A file of the run, an output or an environment could not be written.",
        "Make room (`penstock clean`), or let `XDG_CACHE_HOME` and `TMPDIR` name folders that can be written.",
        "its outputs could not be kept: [Errno 28] No space left on device",
        "its outputs could not be kept",
        "is the disk full, or `.penstock/` read-only?",
    ),
    trouble(
        "E404",
        "a result is never cached",
        "The job asks something that changes while no file does, reads what is not kept, or says `cache = false`.",
        "Nothing is wrong. `penstock explain JOB` tells which of them it is.",
        "never cached: its answer changes while nothing here does",
        "its answer changes while nothing here does",
        "its results are not kept",
    ),
)
