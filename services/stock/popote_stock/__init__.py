"""What a household has, where, until when, and what it must buy."""
