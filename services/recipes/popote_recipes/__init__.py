"""Recipes, what can be cooked, the meal plan."""
