"""penstock's own pins of the programs it calls: what runs where a project pins nothing. The one place to raise them."""

from __future__ import annotations

BLACK = "black==26.10.1"
COVERAGE = "coverage==7.17.3"
FLAKE8 = "flake8==7.5.0"
ISORT = "isort==9.0.2"
MYPY = "mypy==2.4.1"
PYLINT = "pylint==4.1.4"
PYRIGHT = "pyright==1.1.414"
RUFF = "ruff==0.17.6"
TWINE = "twine==7.0.0"
TY = "ty==0.0.105"
