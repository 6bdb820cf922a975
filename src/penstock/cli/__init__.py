"""The front door: a file a subcommand, each the straight sequence of rooms.

The only reader of the environment, the only printer.
"""
