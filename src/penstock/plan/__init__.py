"""Pipeline x Snapshot x Timings to Plan: pure; the same arguments give the same plan on every runner."""
