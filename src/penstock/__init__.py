"""penstock: the CI/CD pipeline for Python projects, defined once and green only when verified."""

__version__ = "0.1.0"
