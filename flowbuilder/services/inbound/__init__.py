"""Inbound: what Meta tells us is stored as it came, answered at once, and applied by the worker."""
