"""One file a program: how to call it, how to read it."""
