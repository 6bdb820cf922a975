"""Verdict and records to text: returns strings."""
