"""The world, read once: git, the tree, interpreters, what the project configures."""
