"""Settings of the chat service: `CHAT_…`."""

from popote_kit.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Chat needs nothing but what every service needs."""
