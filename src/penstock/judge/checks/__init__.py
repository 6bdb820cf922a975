"""The questions a verdict is made of, one file a question."""
