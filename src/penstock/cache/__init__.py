"""Job results by input-addressed key, verified on every read."""
