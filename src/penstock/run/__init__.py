"""Plan to events: the one loop, the schedule, the supervised processes, the environments."""
