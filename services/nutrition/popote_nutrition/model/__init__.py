"""The nouns of nutrition (foods, conversions, diary entries, goals) and the pure rules about them; no I/O in here."""
