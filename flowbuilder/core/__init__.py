"""Thinks: pure values and rules. No row, no request, no clock, no network."""
