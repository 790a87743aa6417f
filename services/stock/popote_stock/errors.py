"""What can go wrong in stock."""
