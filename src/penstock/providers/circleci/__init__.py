"""CircleCI: what its runner tells."""
