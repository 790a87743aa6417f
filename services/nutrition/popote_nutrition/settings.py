"""Settings of the nutrition service: `NUTRITION_…`."""

from typing import Annotated

from msgspec import Meta

from popote_kit.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """What nutrition needs to be told."""

    recipes_url: Annotated[
        str, Meta(description="Where the recipes service answers, for what is in a recipe and what was cooked.")
    ] = "http://recipes:8000"
    stock_url: Annotated[str, Meta(description="Where the stock service answers, for its events and products.")] = (
        "http://stock:8000"
    )
