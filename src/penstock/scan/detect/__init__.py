"""Detection: what a project that has never heard of penstock says, in its own files, about how it is tested."""

from __future__ import annotations

from penstock.scan.detect.detection import project

__all__ = ["project"]
