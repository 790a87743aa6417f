"""What a food can't hold: it is said of values that people type, and of those in tables that are imported."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from msgspec import Struct

from popote_kit.quantity import Amount
from popote_nutrition.model.nutrients import KJ_IN_KCAL, Nutrients, Per

MAX_GRAMS: Final[dict[Per, Decimal]] = {"g": Decimal(100), "ml": Decimal(150)}  # syrups and brines reach 1.4 g/ml
MAX_MACROS: Final = Decimal("1.05")  # of that: the parts of a food are measured apart, each with its error
MAX_ENERGY: Final = {"energy_kj": Decimal(3800), "energy_kcal": Decimal(925)}  # pure fat has 3700 and 900
ROUNDING: Final = Decimal("0.5")  # grams that a part may seem to exceed its whole, both being rounded
MACROS: Final = ("fat_g", "carbohydrate_g", "fibre_g", "protein_g", "alcohol_g")
PARTS: Final = {"saturates_g": "fat_g", "sugars_g": "carbohydrate_g", "polyols_g": "carbohydrate_g"}

# By the factors of Annex XIV one kilocalorie is between 4 and 4.25 kJ; the rest is for rounding.
ENERGY_SLACK: Final = Decimal("0.08")
ENERGY_ROUNDING_KJ: Final = 10


class Impossible(Struct, frozen=True):
    """A value that can't be, and why."""

    code: str
    message: str


def impossible(nutrients: Nutrients, per: Per = "g") -> list[Impossible]:
    """Return what no food holds in 100 g or 100 ml, a sentence for each; what is unknown is never wrong."""
    known = {code: amount for code, amount in nutrients.items() if amount is not None}
    outside = list(_outside(known, per))
    return outside or [*_larger_than_their_whole(known), *_too_much_together(known, per), *_contradicting(known)]


def _outside(known: dict[str, Amount], per: Per) -> Iterator[Impossible]:
    for code, amount in known.items():
        limit = MAX_ENERGY.get(code, MAX_GRAMS[per])
        if not 0 <= amount <= limit:
            yield Impossible(code, f"Expected a number from 0 to {limit}")


def _larger_than_their_whole(known: dict[str, Amount]) -> Iterator[Impossible]:
    for part, whole in PARTS.items():
        if part in known and whole in known and known[part] > known[whole] + ROUNDING:
            yield Impossible(part, f"Expected at most {whole}, which it is a part of")


def _too_much_together(known: dict[str, Amount], per: Per) -> Iterator[Impossible]:
    grams = {code: known[code] for code in MACROS if code in known}
    limit = MAX_GRAMS[per] * MAX_MACROS
    if sum(grams.values()) > limit:
        yield Impossible(max(grams, key=lambda code: grams[code]), f"Expected {', '.join(grams)} to be {limit:f} at most")


def _contradicting(known: dict[str, Amount]) -> Iterator[Impossible]:
    kj, kcal = known.get("energy_kj"), known.get("energy_kcal")
    if kj is not None and kcal is not None:
        same = kcal * KJ_IN_KCAL
        if abs(kj - same) > max(kj, same) * ENERGY_SLACK + ENERGY_ROUNDING_KJ:
            yield Impossible("energy_kj", "Expected about 4.2 times energy_kcal")
