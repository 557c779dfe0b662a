"""Programs that call us: their tokens, how often they may call, and that a repeated wish is fulfilled once."""
