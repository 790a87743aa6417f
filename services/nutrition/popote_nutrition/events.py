"""The facts that nutrition announces, and those it listens to: none yet."""
