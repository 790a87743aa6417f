"""What a cursor may hold: no more than the column that it is compared with."""

from typing import Annotated

from msgspec import Meta

NameKey = Annotated[str, Meta(pattern="^[^\x00]*$")]
LineNumber = Annotated[int, Meta(ge=1, le=2**15 - 1)]
