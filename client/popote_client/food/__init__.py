"""Foods, what they hold, and what a person eats of them: start at `api.FoodApi`; `replica` keeps copies."""
