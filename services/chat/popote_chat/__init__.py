"""Conversation history, private to its person."""
