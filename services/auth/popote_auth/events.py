"""The facts that auth announces, and those it listens to: none."""
