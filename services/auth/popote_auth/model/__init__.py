"""The nouns of accounts and households, and their pure rules: no I/O, and time is an argument."""
