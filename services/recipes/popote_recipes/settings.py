"""Settings of the recipes service: `RECIPES_…`."""

from typing import Annotated

from msgspec import Meta

from popote_kit.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """What recipes needs to be told."""

    nutrition_url: Annotated[str, Meta(description="Where the nutrition service answers, for what lines mean.")] = (
        "http://nutrition:8000"
    )
    stock_url: Annotated[str, Meta(description="Where the stock service answers, for what there is.")] = (
        "http://stock:8000"
    )
