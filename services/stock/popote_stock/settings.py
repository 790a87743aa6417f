"""Settings of the stock service: `STOCK_…`."""

from popote_kit.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Stock needs nothing but what every service needs."""
