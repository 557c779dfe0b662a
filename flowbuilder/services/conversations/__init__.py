"""Conversations: running a version with a person, and reading what happened."""
