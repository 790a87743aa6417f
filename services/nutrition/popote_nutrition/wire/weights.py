"""Weights on the wire."""

import datetime as dt
from typing import Annotated, Self
from uuid import UUID

from msgspec import Meta, Struct

from popote_kit import quantity
from popote_kit.problems import at
from popote_kit.quantity import MASS, Amount, PositiveQuantity, Quantity
from popote_nutrition.model.weights import Weight, check_mass

Note = Annotated[str, Meta(max_length=500)]


class PutWeight(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody weighs."""

    weight: PositiveQuantity
    note: Note = ""

    def mass(self) -> int:
        """Return the weight in ng.

        Raises:
            UnknownUnit, UnknownConversion, TooMuch: it is no mass.
            Invalid: nobody weighs that.
        """
        with at("weight"):
            mass = quantity.convert(self.weight, MASS).units
            check_mass(mass)
        return mass


class WeightShown(Struct, kw_only=True):
    """What somebody weighed on a day, in the unit that it was typed in, and in kilograms."""

    id: UUID
    date: dt.date
    weight: Quantity
    weight_kg: Amount
    note: str
    version: int
    created_at: dt.datetime

    @classmethod
    def of(cls, weight: Weight) -> Self:
        return cls(
            id=weight.id,
            date=weight.day,
            weight=quantity.show(weight.mass, weight.unit),
            weight_kg=weight.kg,
            note=weight.note,
            version=weight.version,
            created_at=weight.created_at,
        )
