"""CI hosts: one folder each."""
