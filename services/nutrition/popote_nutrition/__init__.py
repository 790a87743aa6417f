"""Foods, conversions, nutrients, the diary."""
