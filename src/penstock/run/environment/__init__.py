"""Environments by uv: the project's wheel, virtual environments, workspace copies. Nothing outside `.penstock/`."""
