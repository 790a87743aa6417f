"""Every SQL statement of nutrition."""
