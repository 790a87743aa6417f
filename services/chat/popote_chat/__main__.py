"""`python -m popote_chat serve | migrate | openapi`."""

from pathlib import Path

from popote_chat.app import create_app
from popote_chat.settings import Settings
from popote_kit.command import run

if __name__ == "__main__":
    run("chat", Settings, create_app, Path(__file__).parent / "migrations")
