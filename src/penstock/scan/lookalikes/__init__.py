"""What looks like a test, read from the files alone: held against what was collected."""
