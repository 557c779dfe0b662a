"""Reaches addresses that people have given us: HTTP that can't be turned against the network we stand in."""
