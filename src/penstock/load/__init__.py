"""TOML to Pipeline: all problems at once, each with its place."""
