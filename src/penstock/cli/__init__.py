"""The front door: the straight sequence of rooms, a file a subcommand; the only reader of the environment and printer."""
