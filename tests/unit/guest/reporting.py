"""A pytest plugin for the tests of `penstock_reports`: each report and warning goes there and back, and is held against
the original in what plugins read. Writes REPORTS: [[what, differences], ...].
"""

from __future__ import annotations

import json
import marshal
import os
from pathlib import Path
from typing import Any

from penstock.guest import penstock_collection as collection
from penstock.guest.penstock_reports import Inbox, Outbox, pack, pack_warning, unpack, unpack_warning

_READ = (
    "nodeid",
    "location",
    "outcome",
    "when",
    "duration",
    "start",
    "stop",
    "sections",
    "user_properties",
    "passed",
    "failed",
    "skipped",
    "wasxfail",
    "longreprtext",
    "caplog",
    "capstdout",
    "capstderr",
    "count_towards_summary",
    "head_line",
    "fspath",
)
_SEEN: list[list[Any]] = []
_ITEMS: dict[str, Any] = {}
_STUBS: dict[str, Any] = {}
_LOCATIONS: dict[tuple[str, str], Any] = {}


def _view(report: Any) -> dict[str, Any]:
    view = {name: getattr(report, name, None) for name in _READ}
    view["location"], view["sections"] = list(report.location), [list(each) for each in report.sections]
    view["user_properties"] = [list(each) for each in report.user_properties]
    view["keywords"] = sorted(report.keywords)
    view["longrepr"] = str(report.longrepr)
    view["type"] = type(report).__name__
    crash = getattr(report.longrepr, "reprcrash", None)
    view["crash"] = [crash.path, crash.lineno, crash.message] if crash else None
    context = getattr(report, "context", None)
    view["context"] = [context.msg, dict(context.kwargs)] if context is not None else None
    view["more"] = sorted(name for name in report.__dict__ if name[0] not in "_$")
    return view


def pytest_collection_finish(session: Any) -> None:
    _ITEMS.update((item.nodeid, item) for item in session.items)
    rows = collection.pack(collection.describe(session.items, [item.nodeid for item in session.items], None))
    _STUBS.update((item.nodeid, item) for item in collection.unpack(marshal.loads(marshal.dumps(rows))).items)


def _sent(frame: tuple[Any, ...]) -> tuple[Any, ...]:
    path = f"{os.environ['REPORTS']}.frames"
    outbox = Outbox(path)
    inbox = Inbox(path)
    outbox.hold("report", *frame)
    outbox.send()
    ((_, *back),) = inbox.read()
    inbox.close()
    os.close(outbox._descriptor)
    Path(path).unlink()
    return tuple(back)


def pytest_runtest_logreport(report: Any) -> None:
    config = _ITEMS[report.nodeid].config
    before = _view(report)
    frame = pack(report, config)
    for way, items in (("forked", _ITEMS), ("new", _STUBS)):
        back = _sent(frame)
        if len(back) > 1 and back[-1] is not None:
            _LOCATIONS[way, report.nodeid] = back[-1]
        after = _view(unpack(back, items[report.nodeid], config, _LOCATIONS.get((way, report.nodeid))))
        differing = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
        _SEEN.append([f"{way} {report.when} {before['type']} {report.outcome} {report.nodeid}", differing])
    assert _view(report) == before


def pytest_warning_recorded(warning_message: Any, when: str, nodeid: str, location: Any) -> None:
    back = unpack_warning(marshal.loads(marshal.dumps(pack_warning(warning_message, when, nodeid, location))))
    told = back["warning_message"]
    same = (
        str(told.message) == str(warning_message.message)
        and (told.filename, told.lineno) == (warning_message.filename, warning_message.lineno)
        and (back["when"], back["nodeid"], back["location"]) == (when, nodeid, location)
    )
    kinds = [warning_message.category.__name__, told.category.__name__, type(told.message).__name__]
    _SEEN.append([f"warning {warning_message.category.__name__}", {} if same else {"warning": str(told)}])
    _SEEN.append([f"kind {' '.join(kinds)}", {}])


def pytest_unconfigure() -> None:
    Path(os.environ["REPORTS"]).write_text(json.dumps(_SEEN, default=str), encoding="utf-8")
