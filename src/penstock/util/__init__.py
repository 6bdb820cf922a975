"""Small parts that know nothing of pipelines."""
