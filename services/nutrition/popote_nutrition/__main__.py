"""`python -m popote_nutrition serve | migrate | openapi`."""

from pathlib import Path

from popote_kit.command import run
from popote_nutrition.app import create_app
from popote_nutrition.settings import Settings

if __name__ == "__main__":
    run("nutrition", Settings, create_app, Path(__file__).parent / "migrations")
