"""Settings from the environment; what is wrong is said by the variable's name."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
from msgspec import Meta

from popote_kit.command import urls_of_peers
from popote_kit.settings import ServiceSettings, SettingsError, load

URL = {"TINY_DATABASE_URL": "postgresql://here"}


class Settings(ServiceSettings, frozen=True, kw_only=True):
    secret: Annotated[str, Meta(min_length=32)] = "-" * 32
    registration: Literal["open", "closed"] = "open"
    per_hour: Annotated[int, Meta(ge=1, le=100)] = 60
    share: float = 0.5
    is_loud: bool = False


def read(environ: dict[str, str]) -> Settings:
    return load(Settings, "TINY_", environ)


def test_what_is_not_set_has_its_default() -> None:
    settings = read(URL)
    assert (settings.database_url, settings.per_hour, settings.registration) == ("postgresql://here", 60, "open")


def test_each_field_has_its_variable() -> None:
    settings = read({**URL, "TINY_PER_HOUR": "7", "TINY_SHARE": "0.25", "TINY_IS_LOUD": "true", "OTHER_PER_HOUR": "9"})
    assert (settings.per_hour, settings.share, settings.is_loud) == (7, 0.25, True)


def test_each_setting_of_a_services_address_leads_to_that_service() -> None:
    class Curious(Settings, frozen=True, kw_only=True):
        stock_url: str = "http://stock:8000"
        open_food_facts_url: str = "https://elsewhere.example"

    settings = load(Curious, "TINY_", {**URL, "TINY_AUTH_URL": "http://[::1]:1", "TINY_REDIS_URL": "redis://here"})
    assert urls_of_peers(settings) == {"auth": "http://[::1]:1", "stock": "http://stock:8000"}


def test_a_file_may_hold_the_value(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("é" * 40 + "\n")
    assert read({**URL, "TINY_SECRET_FILE": str(tmp_path / "secret")}).secret == "é" * 40
    (tmp_path / "url").write_text("postgresql://there")
    assert read({"TINY_DATABASE_URL_FILE": str(tmp_path / "url")}).database_url == "postgresql://there"


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    (tmp_path / "hour").write_text("7")
    assert read({**URL, "TINY_PER_HOUR": "", "TINY_SECRET": "", "TINY_SECRET_FILE": ""}).per_hour == 60
    assert read({**URL, "TINY_PER_HOUR": "", "TINY_PER_HOUR_FILE": str(tmp_path / "hour")}).per_hour == 7


def test_the_port_of_a_hosting_platform_counts_after_ones_own() -> None:
    assert read(URL).port == 8000
    assert read({**URL, "PORT": "9000"}).port == 9000
    assert read({**URL, "PORT": "9000", "TINY_PORT": "9001"}).port == 9001


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, "TINY_DATABASE_URL is not set"),
        ({"TINY_DATABASE_URL": ""}, "TINY_DATABASE_URL is not set"),
        ({**URL, "TINY_PER_HOUR": "many"}, "TINY_PER_HOUR: "),
        ({**URL, "TINY_PER_HOUR": "0"}, "TINY_PER_HOUR: "),
        ({**URL, "TINY_PER_HOUR": "1e3000000"}, "TINY_PER_HOUR: "),
        ({**URL, "TINY_REGISTRATION": "maybe"}, "TINY_REGISTRATION: "),
        ({**URL, "TINY_IS_LOUD": "loud"}, "TINY_IS_LOUD: "),
        ({**URL, "TINY_PORT": "70000"}, "TINY_PORT: "),
        ({**URL, "TINY_LOG_FORMAT": "xml"}, "TINY_LOG_FORMAT: "),
        ({**URL, "TINY_SECRET": "x" * 40, "TINY_SECRET_FILE": "/run/secret"}, "TINY_SECRET and TINY_SECRET_FILE"),
        ({**URL, "TINY_SECRET_FILE": "/nowhere/secret"}, "TINY_SECRET_FILE can't be read"),
        ({**URL, "TINY_SECRET_FILE": "/"}, "TINY_SECRET_FILE can't be read"),
    ],
)
def test_what_is_wrong_is_named(environ: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        read(environ)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff" * 40)
    with pytest.raises(SettingsError, match="TINY_SECRET_FILE"):
        read({**URL, "TINY_SECRET_FILE": str(tmp_path / "secret")})


def test_a_refusal_never_repeats_a_secret() -> None:
    with pytest.raises(SettingsError) as refused:
        read({**URL, "TINY_SECRET": "hunter2"})
    assert "hunter2" not in str(refused.value)
