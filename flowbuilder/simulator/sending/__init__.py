"""Messages from the business: what is refused, what is accepted, and how it will look on a phone."""
