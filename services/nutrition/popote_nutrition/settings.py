"""Settings of the nutrition service: `NUTRITION_…`."""

from popote_kit.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Nutrition needs nothing but what every service needs."""
