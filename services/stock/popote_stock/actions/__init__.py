"""Use cases of more than a few lines."""
