"""GitHub: what its runner tells, and its interface."""
