"""Which mood a diary entry is in: a small neural network, and a web API around it."""
