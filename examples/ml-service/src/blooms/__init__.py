"""Names a flower by four measurements."""
