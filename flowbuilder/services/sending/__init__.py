"""Sending: one service, two doors."""
