"""`python -m popote_recipes serve | migrate | openapi`."""

from pathlib import Path

from popote_kit.command import run
from popote_recipes.app import create_app
from popote_recipes.settings import Settings

if __name__ == "__main__":
    run("recipes", Settings, create_app, Path(__file__).parent / "migrations")
