"""The workflow `release`: a tag `v…`, made into a GitHub release and, unless it is a pre-release, an upload to PyPI.

It keeps and restores no cache. Each right stands in the one job that needs it, and no job that may write runs code of
the project: what they work on are the files that were built, and checked, before.
"""

from __future__ import annotations

from collections.abc import Sequence

from penstock.model.hosts import GitHub, Release
from penstock.providers import pins
from penstock.providers.github import ci, steps
from penstock.providers.github.ci import VERDICT, Whose
from penstock.providers.github.occasion import RELEASE
from penstock.providers.github.steps import Step
from penstock.providers.github.written import text
from penstock.providers.slices import Slice
from penstock.providers.yaml_text import Above, Flow, Node, Noted, Script

PATH = ".github/workflows/release.yml"
_TAGS = ("v[0-9]*",)
_TAG = '"$GITHUB_REF_NAME"'
_TAKE = f"release files {_TAG} --from evidence --into dist"
_CONCURRENCY = "No upload is stopped half-way."
_CREATE = f"""\
kind=()
if [ "$PRERELEASE" = true ]; then kind=(--prerelease); fi
gh release create {_TAG} dist/* --verify-tag --title {_TAG} --notes-file notes/notes.md "${{kind[@]}}"
"""
_FINAL = "needs.verify.outputs.prerelease == 'false'"


def files(slices: Sequence[Slice], settings: GitHub, wanted: Release) -> dict[str, str]:
    """The workflow, by its path."""
    return {PATH: text(workflow(slices, settings, wanted), settings)}


def workflow(slices: Sequence[Slice], settings: GitHub, wanted: Release) -> dict[str, Node]:
    """The workflow as a table."""
    jobs: dict[str, Node] = {"verify": _verify(settings)}
    jobs |= ci.jobs(slices, settings, RELEASE, _take_out(settings))
    jobs["attest"] = _attest(settings)
    if wanted.pypi:
        jobs["pypi"] = Above("A pre-release stays on GitHub.", _pypi(settings, wanted))
    jobs["release"] = _release(settings, wanted)
    concurrency = Above(_CONCURRENCY, {"group": "release-${{ github.ref }}", "cancel-in-progress": False})
    return ci.frame("Release", {"push": {"tags": Flow(_TAGS)}}, concurrency, jobs, settings)


def _verify(settings: GitHub) -> Node:
    permissions: dict[str, Node] = {**steps.READS, "checks": Noted("read", "ask for the verdict on the commit")}
    outputs = {"prerelease": "${{ steps.check.outputs.prerelease }}"}
    return {
        **ci.job("verify", settings, 10, Whose(rights=permissions), outputs=outputs),
        "steps": [
            steps.checkout(),
            steps.setup(),
            {
                "name": "Ask whether the tag may be released",
                "id": "check",
                "env": {"GH_TOKEN": "${{ github.token }}"},
                "run": f"{steps.PENSTOCK} release check {_TAG}",
            },
            {"name": "Tell what has changed", "run": f"{steps.PENSTOCK} release notes {_TAG} --out notes/notes.md"},
            steps.upload("notes", "notes", settings, label="Hand on the notes"),
        ],
    }


def _take_out(settings: GitHub) -> list[Step]:
    """What the verdict's job does once it is green."""
    return [
        {
            "name": "Take out what was built and checked",
            "run": f"{steps.PENSTOCK} {_TAKE}",
        },
        steps.upload("dist", "dist", settings, label="Hand on the files"),
    ]


def _after(*needs: str, condition: str) -> dict[str, Node]:
    """What a job waits for. What the plan leaves out is skipped, and does not count."""
    return {"needs": Flow(needs), "if": f"${{{{ !cancelled() && {condition} }}}}"}


def _attest(settings: GitHub) -> Node:
    permissions: dict[str, Node] = {
        "contents": Noted("read", "see whose repository it is"),
        "id-token": Noted("write", "sign as this workflow"),
        "attestations": Noted("write", "keep the attestation"),
    }
    return {
        **ci.job(
            "attest",
            settings,
            10,
            Whose(rights=permissions),
            **_after(VERDICT, condition=f"needs.{VERDICT}.result == 'success'"),
        ),
        "steps": [
            steps.take("dist", "dist"),
            {"name": "Attest where the files come from", "uses": pins.ATTEST.uses, "with": {"subject-path": "dist/*"}},
        ],
    }


def _pypi(settings: GitHub, wanted: Release) -> Node:
    permissions: dict[str, Node] = {"id-token": Noted("write", "publish as this workflow: there is no password")}
    condition = f"needs.attest.result == 'success' && {_FINAL}"
    environment: dict[str, Node] = {"name": Noted(wanted.environment, "to be guarded in the repository's settings")}
    return {
        **ci.job(
            "pypi",
            settings,
            15,
            Whose(rights=permissions),
            **_after("verify", "attest", condition=condition),
            environment=environment,
        ),
        "steps": [
            steps.take("dist", "dist"),
            {"name": "Publish to PyPI", "uses": pins.PYPI.uses, "with": {"packages-dir": "dist"}},
        ],
    }


def _release(settings: GitHub, wanted: Release) -> Node:
    needs, condition = ["verify", "attest"], "needs.attest.result == 'success'"
    if wanted.pypi:
        needs.append("pypi")
        condition += " && (needs.pypi.result == 'success' || needs.verify.outputs.prerelease == 'true')"
    permissions: dict[str, Node] = {"contents": Noted("write", "make the release")}
    variables: dict[str, Node] = {
        "GH_TOKEN": "${{ github.token }}",
        "GH_REPO": "${{ github.repository }}",
        "PRERELEASE": "${{ needs.verify.outputs.prerelease }}",
    }
    return {
        **ci.job("release", settings, 10, Whose(rights=permissions), **_after(*needs, condition=condition)),
        "steps": [
            steps.take("dist", "dist"),
            steps.take("notes", "notes"),
            {"name": "Make the release", "env": variables, "run": Script(_CREATE)},
        ],
    }
