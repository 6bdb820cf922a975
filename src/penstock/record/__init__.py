"""Events to records."""
