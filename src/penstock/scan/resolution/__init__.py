"""Versions chosen: from what is declared (`wanted`), a lock (`locked`) and uv's resolver (`compiled`)."""
