"""`python -m popote_nutrition serve | migrate | openapi | import`."""

import sys
from pathlib import Path

from popote_kit.command import run
from popote_nutrition.app import create_app
from popote_nutrition.queries.starter import seed
from popote_nutrition.settings import Settings

if __name__ == "__main__":
    if sys.argv[1:2] == ["import"]:
        from popote_nutrition.importing.command import main  # it brings a progress bar, which no service needs

        sys.exit(main(sys.argv[2:]))
    run("nutrition", Settings, create_app, Path(__file__).parent / "migrations", seed=seed)
