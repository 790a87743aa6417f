"""Every setting says what it is, and has a default or stands in docker-compose.yml."""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

import msgspec
import pytest
import yaml
from msgspec import Meta
from msgspec.structs import fields

from popote_kit.bootstrap import SERVICES

ROOT: Final = Path(__file__).parents[2]
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
PROGRAMS: Final = (*SERVICES, "gateway")


def missing(settings: type[msgspec.Struct], prefix: str, environment: dict[str, str]) -> list[str]:
    """Return the variables that have no default and are not given."""
    given = {name.removesuffix("_FILE") for name in environment}
    needed = {prefix + field.name.upper() for field in fields(settings) if field.required}
    return sorted(needed - given)


def unexplained(settings: type[msgspec.Struct]) -> list[str]:
    """Return the settings without a sentence that says what they are; one `…_url` may speak for all."""
    hints = get_type_hints(settings, include_extras=True)
    described = {name for name, hint in hints.items() for meta in getattr(hint, "__metadata__", ()) if meta.description}
    if any(name.endswith("_url") for name in described):
        described |= {name for name in settings.__struct_fields__ if name.endswith("_url")}
    return sorted(set(settings.__struct_fields__) - described)


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_setting_has_a_default_or_is_given(program: str) -> None:
    settings = import_module(f"popote_{program}.settings").Settings
    assert missing(settings, f"{program.upper()}_", COMPOSE[program]["environment"]) == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_setting_says_what_it_is(program: str) -> None:
    assert unexplained(import_module(f"popote_{program}.settings").Settings) == []


class Bad(msgspec.Struct):
    url: str
    secret: Annotated[str, Meta(description="A secret.")]
    limit: Annotated[int, Meta(ge=1)] = 1


def test_a_setting_that_is_not_given_or_explained_is_found() -> None:
    assert missing(Bad, "BAD_", {"BAD_SECRET_FILE": "/run/secrets/bad"}) == ["BAD_URL"]
    assert unexplained(Bad) == ["limit", "url"]
