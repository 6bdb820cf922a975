"""CircleCI: what its runner tells, and its configuration."""
