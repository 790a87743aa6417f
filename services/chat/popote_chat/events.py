"""The facts that chat announces, and those it listens to: none."""
