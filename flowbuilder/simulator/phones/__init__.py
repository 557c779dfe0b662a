"""Virtual phones: the people on the other side, and what they do."""
