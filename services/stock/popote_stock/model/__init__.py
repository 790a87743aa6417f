"""The nouns of stock (items, lots, places, lists) and the pure rules about them; no I/O in here."""
