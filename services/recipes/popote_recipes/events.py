"""The facts that recipes announces, and those it listens to: none yet."""
