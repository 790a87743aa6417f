"""Foods imported into the database of a Popote that runs on this machine, or that DATABASE_URL names."""

import os
import sys
from collections.abc import Mapping, Sequence

from popote_kit.settings import SettingsError
from popote_kit.settings import read as read_variable
from popote_launcher import services, settings
from popote_launcher.embedded import Postgres
from popote_launcher.errors import CannotStart, WrongSetting
from popote_launcher.home import Home
from popote_launcher.run import DATABASE
from popote_launcher.settings import Settings
from popote_nutrition.importing.command import main


def import_foods(words: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Do as `python -m popote_nutrition import` with these words; return the exit status."""
    try:
        given = settings.read(environ)
        database_url, secret = _given(given, environ) if given.database_url else _own(given)
    except (CannotStart, SettingsError) as error:
        sys.stderr.write(f"{error}; nothing was changed\n")
        return error.code if isinstance(error, CannotStart) else os.EX_CONFIG
    variables = services.environment(environ, database_url=database_url, redis_url="", secret=secret)
    return main(words, variables)


def _given(given: Settings, environ: Mapping[str, str]) -> tuple[str, str]:
    secret = read_variable("AUTH_SECRET", environ)
    if not secret:
        raise WrongSetting("AUTH_SECRET is not set (or AUTH_SECRET_FILE, a file that holds it)")
    return given.database_url, secret


def _own(given: Settings) -> tuple[str, str]:
    """Return what the Popote on the data folder uses; its lock is that Popote's, and not taken."""
    home = Home(given.home)
    if not (home.postgres / "PG_VERSION").exists():
        raise WrongSetting(f"there is no Popote on {home.folder}; start it with `make run`, and leave it running")
    with home.run() as run:
        postgres = Postgres(home.postgres, run, password=home.secret("postgres_password"))
        return postgres.dsn(DATABASE), home.secret("auth_secret")


if __name__ == "__main__":
    sys.exit(import_foods(sys.argv[1:]))
