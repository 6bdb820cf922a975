"""Pipeline and Snapshot to Plan: pure, the same arguments give the same plan on every runner.

Read the modules in the order of the flow: request, pythons, wanted, defaults, expand, environments, select, draft,
order, assemble, keys, misses, explain.
"""
