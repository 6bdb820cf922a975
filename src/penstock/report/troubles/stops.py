"""Pxxx: penstock stopped; the code stands in brackets behind the message."""

from __future__ import annotations

from penstock.report.troubles.trouble import trouble

STOPS = (
    trouble(
        "P200",
        "the request does not fit",
        "The command line names something that does not exist here, or that does not fit together. Nothing was run.",
        "The message says what there is, or what may have been meant.",
        "penstock: `untit` is no job, stage, group or leg of this pipeline  [P200]",
    ),
    trouble(
        "P201",
        "problems in the configuration",
        "The configuration does not say something that can be run. Nothing was run.",
        "Each problem has its own code and place: see [problems of the configuration](problems.md).",
        "2 problems; nothing was run",
    ),
    trouble(
        "P202",
        "a stale lock",
        "The lock file does not answer what the project declares. Nothing was run.",
        "Renew it with the command that the message names (`uv lock`, `poetry lock` …), and commit it.",
        "penstock: uv.lock does not answer `httpx>=0.28`, declared at pyproject.toml:9  [P202]",
    ),
    trouble(
        "P300",
        "not verified",
        "The work could not be asked for: a tool, an interpreter or a registry is missing.",
        "The message names what is missing, and how to get it.",
        "penstock: uv is not installed beside penstock  [P300]",
    ),
    trouble(
        "P301",
        "the state folder",
        "`.penstock/` cannot be read or written, or a newer penstock wrote it.",
        "Make it writable, use the newer penstock, or move the folder away: it holds nothing that cannot be made anew, "
        "but the history.",
        "penstock: .penstock has format '9'; this penstock knows up to 1  [P301]",
    ),
    trouble(
        "P302",
        "the machine refuses",
        "The disk is full, a limit of the operating system is reached, or a permission is missing.",
        "The message names the refusal and what to raise or free.",
        "penstock: not verified: [Errno 28] No space left on device  [P302]",
    ),
    trouble(
        "P303",
        "a host did not take it",
        "GitHub, or the webhook, refused what was to be published. The verdict stays what it is.",
        "Look at the token and its permissions; the message has the host's answer.",
        "penstock: GitHub answered 403  [P303]",
    ),
    trouble(
        "P700",
        "a bug of penstock",
        "Something that was not foreseen. The log file that is named has all that is needed to mend it.",
        "Report it with that file.",
        "penstock: internal error: …  [P700]",
    ),
)
