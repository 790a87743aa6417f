"""The facts that stock announces, and those it listens to: none yet."""
