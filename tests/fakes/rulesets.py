"""The rulesets of a repository, as GitHub's interface keeps them: what is not said gets GitHub's own default."""

from __future__ import annotations

from typing import Any

RULESETS = "/repos/{owner}/{repo}/rulesets"
RULESET = f"{RULESETS}/{{ruleset_id}}"
OPERATIONS = (("get", RULESETS), ("post", RULESETS), ("get", RULESET), ("put", RULESET))
_WHEN = "2026-11-20T10:00:00Z"
_DEFAULTS = {"required_status_checks": {"do_not_enforce_on_create": False}}


class Rulesets:
    """`kept`: id -> ruleset. `forgets`: rules that are taken and not kept."""

    def __init__(self) -> None:
        self.kept: dict[int, dict[str, Any]] = {}
        self.forgets: set[str] = set()

    def answer(self, rest: str, method: str, body: dict[str, Any] | None) -> tuple[int, Any] | None:
        """Status and content for a path below the repository's; None where it is about something else."""
        first, _, number = rest.partition("/")
        if first != "rulesets":
            return None
        if method == "POST":
            return 201, self._keep(len(self.kept) + 1, body or {})
        if not number:
            return 200, [_listed(each) for each in self.kept.values()]
        if int(number) not in self.kept:
            return 404, None
        return 200, self._keep(int(number), body) if method == "PUT" and body else self.kept[int(number)]

    def put(self, name: str, *, source_type: str = "Repository", **fields: Any) -> dict[str, Any]:
        """Somebody else's ruleset."""
        made = self._keep(len(self.kept) + 1, {"name": name, "enforcement": "active", "rules": [], **fields})
        made["source_type"] = source_type
        return made

    def _keep(self, number: int, body: dict[str, Any]) -> dict[str, Any]:
        rules = [_filled(rule) for rule in body.get("rules", ()) if rule["type"] not in self.forgets]
        self.kept[number] = {
            "id": number,
            "target": "branch",
            "source_type": "Repository",
            "source": "acme/pool",
            "bypass_actors": [],
            "current_user_can_bypass": "never",
            "node_id": "RRS_1",
            "created_at": _WHEN,
            "updated_at": _WHEN,
            **body,
            "rules": rules,
        }
        return self.kept[number]


def _filled(rule: dict[str, Any]) -> dict[str, Any]:
    if "parameters" not in rule:
        return rule
    return {**rule, "parameters": {**_DEFAULTS.get(rule["type"], {}), **rule["parameters"]}}


def _listed(ruleset: dict[str, Any]) -> dict[str, Any]:
    """A list tells no rules."""
    return {key: value for key, value in ruleset.items() if key not in ("rules", "conditions", "bypass_actors")}
