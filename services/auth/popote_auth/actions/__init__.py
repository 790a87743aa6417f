"""The use cases of auth, a file per noun."""
