"""Outgoing webhooks: other programs are told what happens, signed, at least once, and again until they have heard it."""
