"""Locations and categories on the wire."""

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from popote_stock.model.places import MAX_CATEGORIES
from popote_stock.wire.common import ShortName


class NewLocation(Struct, forbid_unknown_fields=True):
    name: ShortName
    id: UUID | None = None
    is_freezer: bool = False


class EditLocation(Struct, forbid_unknown_fields=True):
    """Whatever is left out stays."""

    name: ShortName | UnsetType = UNSET
    is_freezer: bool | UnsetType = UNSET


class NewCategory(Struct, forbid_unknown_fields=True):
    name: ShortName
    id: UUID | None = None


class EditCategory(Struct, forbid_unknown_fields=True):
    name: ShortName


class Order(Struct, forbid_unknown_fields=True):
    """All the categories, in the order of the aisles."""

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=MAX_CATEGORIES)]
