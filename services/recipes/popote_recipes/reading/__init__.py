"""Readers of what comes from outside: pure, and run in processes that live for one answer."""
