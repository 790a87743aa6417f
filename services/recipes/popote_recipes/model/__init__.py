"""The nouns of recipes and the pure rules about them, a file a noun; no I/O in here."""
