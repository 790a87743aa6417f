"""Settings of the recipes service: `RECIPES_…`."""

from popote_kit.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Recipes needs nothing but what every service needs."""
