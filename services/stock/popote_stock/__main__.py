"""`python -m popote_stock serve | migrate | openapi`."""

from pathlib import Path

from popote_kit.command import run
from popote_stock.app import create_app
from popote_stock.settings import Settings

if __name__ == "__main__":
    run("stock", Settings, create_app, Path(__file__).parent / "migrations")
