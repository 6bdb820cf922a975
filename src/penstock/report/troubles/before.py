"""E1xx: what keeps a job from running: Pythons, versions, packages, builds."""

from __future__ import annotations

from penstock.report.troubles.trouble import trouble
from penstock.util.uv import REMEDIES

BEFORE = (
    trouble(
        "E101",
        "a Python is missing",
        "A leg names a Python that this machine does not have. Declared Pythons are required; nothing is downloaded.",
        "`uv python install 3.13`, or run what is here: `penstock run --available` (the scope is then partial).",
        "no Python 3.13 on this machine (looked in: PATH, uv, pyenv)",
        " on this machine (looked in: ",
    ),
    trouble(
        "E102",
        "dependencies conflict",
        "Two requirements of one environment leave no version that fits both.",
        "Loosen one of the two where it is declared; `penstock explain 3.12/test` shows what is asked for.",
        "the environment 3.12/test cannot be made: because you require a>=2 and b depends on a<2 …",
        REMEDIES["conflict"],
    ),
    trouble(
        "E103",
        "no network, or no package index",
        "The packages are not in uv's cache, and the index that should have them did not answer.",
        "Look at the network, the proxy (`HTTPS_PROXY`) and the index (`UV_INDEX_URL`, `UV_DEFAULT_INDEX`); then run "
        "again. Without a network, see [work offline](../how-to/offline.md).",
        "Failed to fetch: `https://…/simple/pytest/` · dns error",
        REMEDIES["network"],
    ),
    trouble(
        "E104",
        "not in the cache, and offline",
        "`--offline` was given, and uv's cache does not hold what is needed.",
        "Run once with the network, or point `UV_FIND_LINKS` at a wheelhouse.",
        "pytest was not found in the cache · network connectivity is disabled",
        REMEDIES["offline"],
    ),
    trouble(
        "E105",
        "no such package or version",
        "The index knows no package of that name, or no version that fits.",
        "Correct the name or version where it is declared, or name the index that has it.",
        "there is no version of pytest==99.0",
        REMEDIES["version"],
    ),
    trouble(
        "E106",
        "a dependency wants another Python",
        "A requirement has no version for one of the Pythons of the pipeline.",
        "Raise `python` in `[tool.penstock]`, or declare another version for older Pythons by a marker.",
        "numpy>=2.3 requires Python >=3.11",
        REMEDIES["python"],
    ),
    trouble(
        "E107",
        "the project, or a dependency, cannot be built",
        "The build backend failed: a compiler, a header file or a generator is missing, or its configuration is wrong.",
        "The build's output stands in the log that is named. `pip wheel .` by hand fails in the same way.",
        "the project's wheel could not be built: Failed to build `demo @ file:///…`",
        REMEDIES["build"],
        "the project's wheel could not be built",
    ),
    trouble(
        "E108",
        "a requirement cannot be read",
        "A line that should be a requirement does not follow PEP 508.",
        "Correct the line where it is declared.",
        "Couldn't parse requirement in `requirements.txt`",
        REMEDIES["syntax"],
    ),
    trouble(
        "E109",
        "an environment cannot be made",
        "A step of making the environment failed; the reason behind the colon is that step's own.",
        "Read the reason; the log of the preparation has the rest.",
        "the environment 3.12/test cannot be made: …",
        "cannot be made: ",
    ),
    trouble(
        "E110",
        "a service is not on this machine",
        "The job names a server that is not installed here, and no container engine answers that could run its image.",
        "Install what the message names, or start Docker or Podman: see [services](../how-to/services.md).",
        "the service redis needs redis-server or valkey-server, which is not on this machine, and no container engine "
        "answers",
        ", and no container engine answers",
    ),
    trouble(
        "E111",
        "no container engine",
        "The job builds or runs an image, and neither Docker nor Podman answers here. An installed client that reaches "
        "no engine is none.",
        "Start Docker or Podman, or leave the job to a machine that has one: see [images](../how-to/images.md).",
        "no container engine answers here (permission denied)",
        "no container engine answers here",
    ),
    trouble(
        "E112",
        "a secret or variable is missing",
        "The job lists it in `secrets` or `require`, and it is not set where penstock runs, or is empty. Pull requests "
        "from forks get no secrets from their host.",
        "Set it: `export NAME=…` here, in the repository's settings and the step's `env` on GitHub, in the project's "
        "settings on CircleCI ([secrets](../how-to/secrets.md)). One that may be missing says `required = false`.",
        "the secret API_KEY is not set",
        "the secret ",
        " is not set",
    ),
    trouble(
        "E113",
        "the machine is too small",
        "The job declares more `memory` or `gpus` than this machine has. It is not verified before it starts.",
        "Run it on a larger machine, or one with a GPU; or declare less ([resources](../how-to/resources.md)).",
        "it asks for 16 GiB of memory, and this machine gives 8 GiB",
        ", and this machine gives ",
        ", and this machine has ",
    ),
)
