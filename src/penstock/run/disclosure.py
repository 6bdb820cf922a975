"""What a job's result tells of the secrets that its processes wrote down: how many places, and the files that leave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from penstock.model.events import Outcome
from penstock.model.plan import WORKSPACE, Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.run import outputs
from penstock.run.secrets import Secrets
from penstock.util.plural import plural

REDACTED = "redacted"  # the measure: places in a job's log and reports in which a label stands
NOTE = "secrets"  # the note: what a person has to be told of them
_LABEL = "[secret:"
_REMEDY = "do not write the secret into what others get, or leave the file out of `outputs`"


def beside(command: Command, workspace: str) -> Iterator[Path]:
    """What a command leaves in the state folder beside its reports: pytest's cache, with the ids of tests."""
    for word in command.argv:
        name, equals, place = word.partition("=")
        if name == "cache_dir" and equals:
            yield Path(place.replace(WORKSPACE, workspace))


def in_outputs(reading: Reading, job: Job, workspace: Path, secrets: Secrets) -> Reading | None:
    """A job that writes a secret into a file that it hands on has failed: the file is not kept. Raises OSError.

    It is not cleaned: nobody would know that what is shipped is not what was built.
    """
    if secrets.redaction is None:
        return None
    from penstock.run.scrubbing import found_in

    found = found_in(secrets, workspace, outputs.matching(job.outputs, workspace))
    if not found:
        return None
    listed = [(secrets.text(path), ", ".join(names)) for path, names in sorted(found.items())]
    told = "; ".join(f"{path} ({names})" for path, names in listed[:5])
    more = f", and {len(listed) - 5} more" if len(listed) > 5 else ""
    findings = tuple(
        FindingRecord(
            job=job.id,
            tool="penstock",
            rule="secret-in-output",
            message=f"it holds {names}",
            path=path,
            severity="high",
        )
        for path, names in listed
    )
    return msgspec.structs.replace(
        reading,
        outcome=Outcome.FAILED,
        reason=f"its outputs hold secrets, and are not kept: {told}{more}",
        remedy=_REMEDY,
        findings=(*reading.findings, *findings),
    )


def told(reading: Reading, secrets: Secrets, folder: Path, labels: int) -> Reading:
    """The reading without secrets in its texts, and with the number of places where some were. `labels`: in reports."""
    if secrets.redaction is None:
        return reading
    from penstock.run.scrubbing import labels_in

    clean = secrets.clean(reading)
    places = labels + labels_in(folder / "output.log")
    if not places:
        return clean
    notes = {**clean.notes, NOTE: _note(clean, places)}
    return msgspec.structs.replace(clean, notes=notes, measures={**clean.measures, REDACTED: places})


def _note(reading: Reading, places: int) -> str:
    named = len({test.id for test in reading.tests if _LABEL in test.id})
    note = f"secrets were taken out of its log and reports in {plural(places, 'place')}"
    if not named:
        return note
    what = plural(named, "id of a test holds", "ids of tests hold")
    return f"{note}; {what} one, and are shown without it: give such parameters ids of their own"
