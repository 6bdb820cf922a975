"""Evidence to verdict: pure."""
