"""Files that run inside the project's own interpreter: stdlib only, Python >= 3.9, nothing of penstock imported."""
