"""A number from a file that another job leaves."""

from __future__ import annotations

from penstock.tools.special import SpecialTool

METRIC = SpecialTool("metric", "penstock_metric.py")
