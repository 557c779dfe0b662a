"""Speaks Meta's JSON and HTTP; nothing outside this folder knows their shapes, nothing inside knows our tables."""
