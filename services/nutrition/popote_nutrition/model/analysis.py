"""Analyses: what something holds, part by part, and what is not known of it."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Self

from msgspec import Struct

from popote_nutrition.model import totals
from popote_nutrition.model.foods import Food
from popote_nutrition.model.portions import Part
from popote_nutrition.model.totals import Portion


class Told(Struct, frozen=True):
    """One part of an analysis: the text that it stands for, and the food that it was taken for.

    A recipe is a part too: `within` are its own parts.
    """

    text: str
    part: Part
    food: Food | None = None
    within: Sequence["Told"] = ()

    def lacking(self) -> Iterator["Told"]:
        """Give what lacks something: itself, and of a recipe the lines in it, however deep."""
        if self.part.reason is not None:
            yield self
        for each in self.within:
            yield from each.lacking()


class Whole(Struct, frozen=True, kw_only=True):
    """All that was asked about. `serving` is what one person has, `cooked_mass` what it weighs in the end, in ng."""

    parts: Sequence[Told]
    serving: Portion | None = None
    cooked_mass: int | None = None

    @classmethod
    def of(cls, parts: Sequence[Told], servings: Fraction | None, cooked_mass: int | None) -> Self:
        """Return parts as a whole of so many equal servings."""
        whole = cls(parts=parts, cooked_mass=cooked_mass)
        return cls(
            parts=parts,
            serving=totals.per_serving(whole.total, servings) if servings else None,
            cooked_mass=cooked_mass,
        )

    @property
    def total(self) -> Portion:
        """What the parts come to."""
        return totals.total([each.part.portion for each in self.parts])

    @property
    def hundred(self) -> Portion | None:
        """What 100 g hold; None where the mass is unknown."""
        return totals.per_100_g(self.total, self.cooked_mass)

    @property
    def lacking(self) -> list[Told]:
        """The lines that lack something."""
        return [line for each in self.parts for line in each.lacking()]
