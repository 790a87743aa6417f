"""Every SQL statement of recipes."""
