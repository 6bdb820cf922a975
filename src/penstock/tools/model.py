"""A model that is loaded and asked, in the project's own environment."""

from __future__ import annotations

from penstock.model.plan import PYTHON
from penstock.tools.special import SpecialTool

MODEL = SpecialTool("model", "penstock_model.py", python=PYTHON)
