"""The nouns: frozen values without I/O.

Read them in the order of the flow: pipeline, snapshot, plan, events, records, verdict.
"""
