"""In one process the services and auth agree on credentials that nobody else knows."""

from popote_kit.service_tokens import CALLERS
from popote_launcher.services import environment


def made(environ: dict[str, str]) -> dict[str, str]:
    return environment(environ, database_url="postgresql://here/popote", redis_url="", secret="for tests only")


def test_auth_and_each_service_are_given_the_same_credential() -> None:
    variables = made({})
    credentials = {name: variables[f"{name.upper()}_CREDENTIAL"] for name in CALLERS}
    assert credentials == {name: variables[f"AUTH_{name.upper()}_CREDENTIAL"] for name in CALLERS}
    assert len(set(credentials.values())) == len(CALLERS)
    assert min(map(len, credentials.values())) >= 32


def test_credentials_are_new_at_each_start() -> None:
    assert made({})["STOCK_CREDENTIAL"] != made({})["STOCK_CREDENTIAL"]


def test_a_credential_in_the_environment_wins() -> None:
    ours = {"STOCK_CREDENTIAL": "s" * 32, "AUTH_STOCK_CREDENTIAL_FILE": "somewhere"}
    variables = made(ours)
    assert variables["STOCK_CREDENTIAL"] == "s" * 32
    assert "AUTH_STOCK_CREDENTIAL" not in variables
