"""What the tests hold requests against is what GitHub publishes, and it refuses what is not described."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from penstock.util.web import Answer, Request
from tests.fakes.github import DESCRIPTION, OPERATIONS
from tests.fakes.openapi import Description, MismatchError, extract

PACKAGE = "@octokit/openapi@23.0.2"
ROOT = "https://api.github.com"
ISSUE = "/repos/acme/pool/issues/7"


@pytest.fixture(scope="module")
def description() -> Description:
    return Description(json.loads(DESCRIPTION.read_bytes()))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"{ISSUE}/comments?per_page=many", None),
        ("GET", f"{ISSUE}/comments?perpage=100", None),
        ("GET", "/repos/acme/pool/issues/seven/comments", None),
        ("GET", "/repos/acme/pool/issue/7/comments", None),
        ("PUT", f"{ISSUE}/comments", None),
        ("POST", f"{ISSUE}/comments", None),
        ("POST", f"{ISSUE}/comments", {"text": "x"}),
        ("POST", f"{ISSUE}/comments", {"body": 3}),
        ("POST", f"{ISSUE}/comments", {"body": "x", "more": 1}),
        ("POST", f"{ISSUE}/labels", {"labels": []}),
        ("POST", f"{ISSUE}/labels", {"labels": "size/S"}),
        ("DELETE", f"{ISSUE}/labels/size/S", None),
        ("DELETE", f"{ISSUE}/labels/size%2FS", {"x": 1}),
    ],
)
def test_a_request_that_is_not_described_is_refused(
    description: Description, method: str, path: str, body: object
) -> None:
    content = b"" if body is None else json.dumps(body).encode()
    with pytest.raises((MismatchError, ValueError)):
        description.check(Request(method=method, url=ROOT + path, body=content), path.partition("?")[0])


def test_an_answer_that_is_not_described_is_refused(description: Description) -> None:
    request = Request(method="GET", url=f"{ROOT}{ISSUE}/comments")
    description.check_answer(request, f"{ISSUE}/comments", Answer(status=200, body=b"[]"))
    for answer in (Answer(status=201, body=b"[]"), Answer(status=200, body=b'[{"id": 1}]')):
        with pytest.raises(MismatchError):
            description.check_answer(request, f"{ISSUE}/comments", answer)


@pytest.mark.slow
def test_the_description_is_the_published_one(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    command = [npm, "pack", "--silent", "--pack-destination", str(tmp_path), PACKAGE]
    subprocess.run(command, check=True, capture_output=True, timeout=300, cwd=tmp_path)
    (archive,) = tmp_path.glob("*.tgz")
    with tarfile.open(archive) as package:
        found = package.extractfile("package/generated/api.github.com.json")
        assert found is not None
        published = json.load(found)
    assert extract(published, OPERATIONS) == json.loads(DESCRIPTION.read_bytes())
