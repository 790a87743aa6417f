"""Accounts, households, sessions and keys."""
