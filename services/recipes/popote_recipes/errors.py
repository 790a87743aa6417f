"""What can go wrong in recipes."""
