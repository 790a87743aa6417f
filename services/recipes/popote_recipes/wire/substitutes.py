"""Substitutes on the wire."""

from uuid import UUID

from msgspec import Struct


class NewSubstitute(Struct, forbid_unknown_fields=True, kw_only=True):
    """Where `food_id` is asked for, `instead_id` will do, as much of it; `id` is its id, where the client made it."""

    id: UUID | None = None
    food_id: UUID
    instead_id: UUID
