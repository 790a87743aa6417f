"""What may be said to many routes."""

from typing import Annotated

from litestar.params import QueryParameter

Words = Annotated[
    str | None,
    QueryParameter(
        min_length=1, max_length=100, description="Words to look for; accents and small typos do not matter."
    ),
]
