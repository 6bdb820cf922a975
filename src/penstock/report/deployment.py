"""What `penstock deploy` says at its end: what stands there now, and why. Pure."""

from __future__ import annotations

from penstock.model.deployment import Deployed, State
from penstock.report import sanitize
from penstock.report.screen import Screen, own, paint
from penstock.util.plural import plural

_WORDS = {
    State.DEPLOYED: ("DEPLOYED", "1;32"),
    State.ROLLED_BACK: ("ROLLED BACK", "1;31"),
    State.UNKNOWN: ("UNKNOWN STATE", "1;31"),
    State.UNCHANGED: ("NOT DEPLOYED", "1;33"),
}
_NEXT = {
    State.ROLLED_BACK: "what was there before serves again, and is healthy",
    State.UNKNOWN: "look at it: nobody can say what serves there now",
    State.UNCHANGED: "what was there before serves as it did",
}


def text(done: Deployed, screen: Screen) -> str:
    """A line for what happened, one for what stands there now, without a newline at the end."""
    word, color = _WORDS[done.state]
    facts = [f"{done.name}  {done.commit[:12]}", f"{done.duration_s:.1f}s"]
    if done.asked:
        facts.append(f"asked {plural(done.asked, 'time')}")
    lines = [f"{paint(screen, word, color)}  {own(screen, '  ·  ').join(facts)}"]
    if done.why:
        lines.append(f"  why   {sanitize.line(done.why)}")
    if done.health:
        lines.append(f"  said  {sanitize.line(done.health)}")
    if done.state in _NEXT:
        lines.append(f"  now   {_NEXT[done.state]}")
    return "\n".join(lines)
