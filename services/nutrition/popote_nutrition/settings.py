"""Settings of the nutrition service: `NUTRITION_…`."""

from typing import Annotated

from msgspec import Meta

from popote_kit.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """What nutrition needs to be told."""

    stock_url: Annotated[str, Meta(description="Where the stock service answers, for its events and products.")] = (
        "http://stock:8000"
    )
