"""`python -m popote_auth serve | migrate | openapi`."""

from pathlib import Path

from popote_auth.app import create_app
from popote_auth.settings import Settings
from popote_kit.command import run

if __name__ == "__main__":
    run("auth", Settings, create_app, Path(__file__).parent / "migrations")
