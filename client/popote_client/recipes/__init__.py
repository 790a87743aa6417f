"""Recipes, what can be cooked of them, and the plan: start at `api.RecipesApi`; `replica` keeps copies."""
