"""What may be said to many routes."""

from typing import Annotated

from litestar.params import QueryParameter

from popote_nutrition.model.foods import Language

Lang = Annotated[
    Language | None,
    QueryParameter(name="lang", description="The language of names; without it, the household's."),
]
