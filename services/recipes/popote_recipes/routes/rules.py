"""What may be said to many routes."""

from decimal import Decimal
from typing import Annotated

from litestar.params import QueryParameter

from popote_kit.problems import Invalid
from popote_recipes.model.recipes import MAX_SERVINGS

Words = Annotated[
    str | None,
    QueryParameter(
        min_length=1, max_length=100, description="Words to look for; accents and small typos do not matter."
    ),
]

Servings = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^[0-9]{1,4}(\.[0-9]{1,6})?$", description="For how many, above 0 and up to 1000: 6 or 2.5."
    ),
]


def servings_of(text: str | None) -> Decimal | None:
    """Return the number of servings that a query names.

    Raises:
        Invalid: it is zero, or more than 1000.
    """
    if text is None:
        return None
    servings = Decimal(text)
    if not 0 < servings <= MAX_SERVINGS:
        message = f"A number above 0, up to {MAX_SERVINGS}"
        raise Invalid(errors=[{"pointer": "/servings", "message": message}])
    return servings
