"""Where a project declares what its tests need: one file a place, and the choice among them."""
