"""penstock's own pins of the programs it calls: what runs where a project pins nothing. The one place to raise them."""

from __future__ import annotations

BANDIT = "bandit==1.9.4"
BLACK = "black==26.10.1"
COVERAGE = "coverage==7.17.3"
FLAKE8 = "flake8==7.5.0"
DEPTRY = "deptry==0.25.1"
DETECT_SECRETS = "detect-secrets==1.5.0"
ISORT = "isort==9.0.2"
MYPY = "mypy==2.4.1"
PIP_AUDIT = "pip-audit==2.10.1"
PYLINT = "pylint==4.1.4"
PYRIGHT = "pyright==1.1.414"
RADON = "radon==6.0.1"
RUFF = "ruff==0.17.6"
TY = "ty==0.0.105"

# Several lines: the last release for each Python.
GRIFFE = """griffelib==2.4.1 ; python_version >= '3.11'
griffelib==2.3.0 ; python_version == '3.10'
griffe==1.14.0 ; python_version < '3.10'"""

# What runs notebooks, in the project's own environment: the client, and the kernel that it starts.
NOTEBOOKS = """nbclient==0.11.0 ; python_version >= '3.10'
nbclient==0.10.2 ; python_version < '3.10'
ipykernel==7.4.0 ; python_version >= '3.11'
ipykernel==7.3.0 ; python_version == '3.10'
ipykernel==6.31.0 ; python_version < '3.10'"""

# What makes the load of `http` jobs.
LOCUST = """locust==2.47.0 ; python_version >= '3.11'
locust==2.46.0 ; python_version == '3.10'
locust==2.34.0 ; python_version < '3.10'"""

# What looks at built distributions: twine, and beside it in one environment.
TWINE = """twine==7.0.0
check-wheel-contents==0.6.3
trove-classifiers==2026.9.21.13
validate-pyproject==0.27"""

# What measures inside the test jobs, on every Python that a guest can run in: the last release for each.
COVERAGE_LAYER = (
    f"{COVERAGE} ; python_version >= '3.11'",
    "coverage==7.16.2 ; python_version == '3.10'",
    "coverage==7.10.7 ; python_version == '3.9'",
    "coverage==7.6.1 ; python_version == '3.8'",
)
