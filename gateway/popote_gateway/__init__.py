"""The thin front door."""
