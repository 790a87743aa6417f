"""`python -m popote_config serve | migrate | openapi`."""

import os

from popote_config.app import MIGRATIONS, NAME, create_app
from popote_config.settings import Settings
from popote_kit.command import run

if __name__ == "__main__":
    if seed := os.environ.get("OLLAMA_BASE_URL"):  # the name that people know from Ollama's other clients
        os.environ.setdefault("CONFIG_OLLAMA_BASE_URL", seed)
    run(NAME, Settings, create_app, MIGRATIONS, migrates_first=False)
