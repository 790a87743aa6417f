"""What can go wrong in nutrition."""
