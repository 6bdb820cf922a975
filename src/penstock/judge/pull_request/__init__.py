"""A pull request held against what a reviewer wants to find: pure."""
