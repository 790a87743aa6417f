"""The nouns of recipes (recipes, plans, cooked meals) and the pure rules about them; no I/O in here."""
