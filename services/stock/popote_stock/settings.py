"""Settings of the stock service: `STOCK_…`."""

from typing import Annotated, Final

from msgspec import Meta

from popote_kit.settings import ServiceSettings

OPEN_FOOD_FACTS: Final = "https://world.openfoodfacts.org"


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """What stock needs to be told."""

    nutrition_url: Annotated[str, Meta(description="Where the nutrition service answers, for what a food weighs.")] = (
        "http://nutrition:8000"
    )
    open_food_facts_contact: Annotated[
        str,
        Meta(
            description="An address of e-mail or web under which Open Food Facts may reach whoever runs this Popote; "
            "empty: it is never asked.",
            max_length=200,
            pattern="^[!-'*-~]*$",
        ),
    ] = ""
    open_food_facts_url: Annotated[str, Meta(description="Where Open Food Facts answers.")] = OPEN_FOOD_FACTS
