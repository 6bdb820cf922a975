"""Stand-ins for the actions that generated workflows use, so that act runs them on this machine: caches and artifacts
are folders, a checkout is a clone. `STORE` names the folder, `REPOSITORY` what is cloned.
"""

from __future__ import annotations

from pathlib import Path

from penstock.providers import pins
from penstock.providers.pins import Pin
from penstock.providers.yaml_text import Node, Script, document

_CHECKOUT = """\
git clone --quiet --no-local "$REPOSITORY" "$RUNNER_TEMP/clone"
git -C "$RUNNER_TEMP/clone" checkout --quiet "$GITHUB_SHA"
find . -mindepth 1 -maxdepth 1 -exec rm -rf {} +
mv "$RUNNER_TEMP/clone"/* "$RUNNER_TEMP/clone"/.[!.]* .
rmdir "$RUNNER_TEMP/clone"
"""
_SETUP = """\
uv --version
"""
# The common folder of all paths is where an artifact begins, as upload-artifact has it.
_UPLOAD = """\
mkdir -p "$STORE/artifacts"
python3 - <<'PY'
import os, pathlib, shutil, sys
target = pathlib.Path(os.environ["STORE"], "artifacts", os.environ["IN_NAME"])
found = [pathlib.Path(line) for line in os.environ["IN_PATH"].split("\\n") if line and pathlib.Path(line).exists()]
if not found:
    sys.exit("no files were found: " + os.environ["IN_PATH"])
root = pathlib.Path(os.path.commonpath(found)) if len(found) > 1 else found[0]
root = root if root.is_dir() else root.parent
shutil.rmtree(target, ignore_errors=True)
for path in found:
    place = target / path.relative_to(root)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(path, place, dirs_exist_ok=True) if path.is_dir() else shutil.copy(path, place)
PY
"""
_DOWNLOAD = """\
mkdir -p "$IN_PATH"
if [ -n "$IN_NAME" ]; then
  cp -r "$STORE/artifacts/$IN_NAME/." "$IN_PATH"
else
  for each in "$STORE/artifacts"/$IN_PATTERN; do
    if [ -d "$each" ]; then cp -r "$each" "$IN_PATH/"; fi
  done
fi
"""
_RESTORE = """\
mkdir -p "$STORE/caches"
python3 - <<'PY'
import os, pathlib, subprocess
kept = sorted(pathlib.Path(os.environ["STORE"], "caches").iterdir(), key=lambda path: path.stat().st_mtime)
keys = [os.environ["IN_KEY"], *filter(None, os.environ["IN_RESTORE_KEYS"].split("\\n"))]
names = {path: (path / "key").read_text() for path in kept}
found = next((path for key in keys for path in reversed(kept) if names[path].startswith(key)), None)
if found is not None:
    subprocess.run(["tar", "-xf", found / "files.tar", "-P"], check=True)
with open(os.environ["GITHUB_OUTPUT"], "a") as stream:
    stream.write(f"cache-hit={'true' if found and names[found] == keys[0] else 'false'}\\n")
PY
"""
_SAVE = """\
mkdir -p "$STORE/caches"
python3 - <<'PY'
import hashlib, os, pathlib, subprocess
key = os.environ["IN_KEY"]
place = pathlib.Path(os.environ["STORE"], "caches", hashlib.sha256(key.encode()).hexdigest()[:16])
paths = [line.strip() for line in os.environ["IN_PATH"].split("\\n")]
paths = [path for path in paths if path and path[0] not in "~/" and pathlib.Path(path).exists()]
if not place.exists() and paths:
    place.mkdir()
    subprocess.run(["tar", "-cf", place / "files.tar", *paths], check=True)
    (place / "key").write_text(key)
PY
"""
_PUBLISH = """\
mkdir -p "$STORE/pypi"
cp "$IN_PACKAGES_DIR"/* "$STORE/pypi"
"""
_ATTEST = """\
ls $IN_SUBJECT_PATH > "$STORE/attested.txt"
"""
_CODECOV = """\
mkdir -p "$STORE/codecov"
cp "$IN_FILES" "$STORE/codecov/$IN_FLAGS.xml"
"""
_SCRIPTS = {
    pins.CHECKOUT: _CHECKOUT,
    pins.SETUP_UV: _SETUP,
    pins.UPLOAD: _UPLOAD,
    pins.DOWNLOAD: _DOWNLOAD,
    pins.RESTORE: _RESTORE,
    pins.SAVE: _SAVE,
    pins.PYPI: _PUBLISH,
    pins.ATTEST: _ATTEST,
    pins.CODECOV: _CODECOV,
}


def stand_ins(folder: Path) -> list[str]:
    """Write them; gives act's arguments that put them in the place of the real ones."""
    words: list[str] = []
    repositories: dict[tuple[str, str], Path] = {}
    for pin, script in _SCRIPTS.items():
        owner, name, *inner = pin.action.split("/")
        place = repositories.setdefault((f"{owner}/{name}", pin.commit), folder / f"{owner}-{name}")
        file = place.joinpath(*inner, "action.yml")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(document(_action(pin, script)))
    for (repository, commit), place in repositories.items():
        words += ["--local-repository", f"{repository}@{commit}={place}"]
    return words


def _action(pin: Pin, script: str) -> dict[str, Node]:
    variables: dict[str, Node] = {
        f"IN_{name.replace('-', '_').upper()}": f"${{{{ inputs.{name} }}}}" for name in pin.inputs
    }
    step: dict[str, Node] = {"id": "it", "shell": "bash", "env": variables, "run": Script(script)}
    return {
        "name": pin.action,
        "description": "a stand-in",
        "inputs": {name: {"description": name, "required": False} for name in pin.inputs},
        "outputs": {
            "cache-hit": {"description": "whether the key was there", "value": "${{ steps.it.outputs.cache-hit }}"}
        },
        "runs": {"using": "composite", "steps": [step]},
    }
