"""The actions that generated workflows use, each at one commit. The one place to raise them.

Each was witnessed at this commit under this version by at least three independent, well-kept projects; where several
versions were, it is the newest of them.
"""

from __future__ import annotations

from penstock.providers.yaml_text import Noted
from penstock.value import Value

UV = "0.13.9"  # of every runner


class Pin(Value, frozen=True, kw_only=True):
    """One action. `inputs`: those that it takes, of the ones that are ever given."""

    action: str
    version: str
    commit: str
    inputs: tuple[str, ...] = ()

    @property
    def uses(self) -> Noted:
        """The value of `uses`, with the version behind it."""
        return Noted(f"{self.action}@{self.commit}", self.version)


CHECKOUT = Pin(
    action="actions/checkout",
    version="v7.0.1",
    commit="3d3c42e5aac5ba805825da76410c181273ba90b1",
    inputs=("fetch-depth", "persist-credentials", "ref"),
)
SETUP_UV = Pin(
    action="astral-sh/setup-uv",
    version="v10.3.3",
    commit="68559e99cc807c1eb7e9238fd43a15bba460eec2",
    inputs=("version", "enable-cache"),
)
RESTORE = Pin(
    action="actions/cache/restore",
    version="v6.1.0",
    commit="55cc8345863c7cc4c66a329aec7e433d2d1c52a9",
    inputs=("path", "key", "restore-keys"),
)
SAVE = Pin(
    action="actions/cache/save",
    version="v6.1.0",
    commit="55cc8345863c7cc4c66a329aec7e433d2d1c52a9",
    inputs=("path", "key"),
)
UPLOAD = Pin(
    action="actions/upload-artifact",
    version="v7.0.2",
    commit="cf430e030ddbb5b0abf93d22962f4752f3646cd9",
    inputs=("name", "path", "include-hidden-files", "if-no-files-found", "retention-days", "overwrite"),
)
DOWNLOAD = Pin(
    action="actions/download-artifact",
    version="v8.0.2",
    commit="9000827ccba6bdab643e8b6fd33ac0654aef8333",
    inputs=("name", "pattern", "path", "merge-multiple"),
)
CODECOV = Pin(
    action="codecov/codecov-action",
    version="v7.1.1",
    commit="303a32d7a59b442fa8d48b6a1cc6825c09c847a5",
    inputs=("files", "flags", "disable_search", "fail_ci_if_error", "use_oidc", "token"),
)
ATTEST = Pin(
    action="actions/attest",
    version="v4.2.2",
    commit="1e69f48acb82d1966a394da916b4c1698aa569d6",
    inputs=("subject-path",),
)
PYPI = Pin(
    action="pypa/gh-action-pypi-publish",
    version="v1.14.3",
    commit="7245906fb61fa33a13554f9d5fb856fe61758086",
    inputs=("packages-dir",),
)
_ALL = (CHECKOUT, SETUP_UV, RESTORE, SAVE, UPLOAD, DOWNLOAD, CODECOV, ATTEST, PYPI)
PINS = {pin.action: pin for pin in _ALL}
