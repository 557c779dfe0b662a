"""Pages of sending."""
