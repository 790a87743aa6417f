"""The nouns of config and the pure rules about them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID
from zlib import crc32

import msgspec
from msgspec import Meta

Reason = Annotated[str, Meta(max_length=200)]


class Standing(msgspec.Struct, frozen=True):
    """The address that clients of a household are given; of the household None, those that have none of their own."""

    household_id: UUID | None
    url: str
    revision: int

    @property
    def tag(self) -> str:
        """What the entity tag is made of: a revision that a restored backup gives out again must not match."""
        return f"{self.revision}-{crc32(self.url.encode()):08x}"


class Publication(msgspec.Struct, frozen=True):
    """One address, put up by someone at one time; `replaced` is what clients were given before."""

    revision: int
    ollama_base_url: str
    replaced: str | None
    reason: str | None
    restores: int | None
    published_by: str
    published_at: datetime


class Draft(msgspec.Struct, frozen=True):
    """What is about to be published, by whom, and why; `restores` is the revision that a rollback brings back."""

    url: str
    published_by: str
    reason: str | None = None
    restores: int | None = None


def newest(values: Iterable[Standing]) -> dict[UUID | None, Standing]:
    """Return the newest value of each household."""
    found: dict[UUID | None, Standing] = {}
    for value in values:
        known = found.get(value.household_id)
        if known is None or known.revision < value.revision:
            found[value.household_id] = value
    return found
