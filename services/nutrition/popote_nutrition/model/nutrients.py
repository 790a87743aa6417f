"""What a food holds, nutrient by nutrient. Unknown is `None` and never zero."""

from collections.abc import Iterable, Iterator
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from operator import attrgetter
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from popote_kit.problems import Invalid
from popote_kit.quantity import Amount
from popote_kit.units import ML, G

Per = Literal["g", "ml"]
HUNDRED: Final[dict[Per, int]] = {"g": 100 * G, "ml": 100 * ML}  # base units of what a food's values are for

# Wide enough that amounts times masses, and their sums, are exact; a third of something has this many digits.
_WIDE: Final = Context(prec=60)


class Nutrients(Struct, frozen=True, kw_only=True):
    """Amounts of nutrients: of a food per 100 g or 100 ml, else of a portion.

    Carbohydrate is without fibre and with polyols; salt is 2.5 times all sodium (Regulation (EU) 1169/2011, Annex I).
    """

    energy_kj: Amount | None = None
    energy_kcal: Amount | None = None
    fat_g: Amount | None = None
    saturates_g: Amount | None = None
    carbohydrate_g: Amount | None = None
    sugars_g: Amount | None = None
    fibre_g: Amount | None = None
    protein_g: Amount | None = None
    salt_g: Amount | None = None
    alcohol_g: Amount | None = None
    polyols_g: Amount | None = None

    def items(self) -> Iterator[tuple[str, Amount | None]]:
        """Give each code with its amount, in the order of `CODES`."""
        return zip(CODES, _amounts(self), strict=True)


CODES: Final = Nutrients.__struct_fields__
UNKNOWN: Final = Nutrients()
_amounts = attrgetter(*CODES)

# Regulation (EU) No 1169/2011, Annex XIII, part B: of an average adult, a day. There is none for fibre.
REFERENCE_INTAKES: Final = Nutrients(
    energy_kj=Amount(8400),
    energy_kcal=Amount(2000),
    fat_g=Amount(70),
    saturates_g=Amount(20),
    carbohydrate_g=Amount(260),
    sugars_g=Amount(90),
    protein_g=Amount(50),
    salt_g=Amount(6),
)


def scaled(nutrients: Nutrients, factor: Fraction | int) -> Nutrients:
    """Return `factor` times the nutrients: exactly where that has an end in decimals, else to 60 digits."""
    return Nutrients(**{code: _times(amount, factor) for code, amount in nutrients.items() if amount is not None})


def of_amount(nutrients: Nutrients, units: int, per: Per) -> Nutrients:
    """Return what so much of a food holds: `units` in ng where its values are per 100 g, in nl where per 100 ml."""
    return scaled(nutrients, Fraction(units, HUNDRED[per]))


def summed(many: Iterable[Nutrients]) -> Nutrients:
    """Return the sums over what is known, exactly; a nutrient that none of them knows stays unknown."""
    sums: dict[str, Decimal] = {}
    for nutrients in many:
        for code, amount in nutrients.items():
            if amount is not None:
                sums[code] = _WIDE.add(sums.get(code, Decimal()), amount)
    return Nutrients(**{code: Amount(total) for code, total in sums.items()})


def rounded(nutrients: Nutrients, places: int = 4) -> Nutrients:
    """Return the nutrients as they are shown and stored: to a tenth of a milligram, half-even."""
    return Nutrients(**{code: Amount(round(amount, places)) for code, amount in _known(nutrients)})


def salt_of_sodium(sodium_g: Decimal) -> Amount:
    """Return the salt, in grams, that label law equates with so much sodium: 2.5 times as much (Annex I)."""
    return Amount(_WIDE.multiply(sodium_g, Decimal("2.5")))


def _times(amount: Decimal, factor: Fraction | int) -> Amount:
    product = _WIDE.multiply(amount, Decimal(factor.numerator))
    return Amount(_WIDE.divide(product, Decimal(factor.denominator)))


class Factor(Struct, frozen=True):
    """Kilojoules and kilocalories in one gram."""

    kj: Decimal
    kcal: Decimal


# Regulation (EU) No 1169/2011, Annex XIV. Its factor for carbohydrate is for all but the polyols.
FACTORS: Final = {
    "fat_g": Factor(Decimal(37), Decimal(9)),
    "carbohydrate_g": Factor(Decimal(17), Decimal(4)),
    "protein_g": Factor(Decimal(17), Decimal(4)),
    "fibre_g": Factor(Decimal(8), Decimal(2)),
    "alcohol_g": Factor(Decimal(29), Decimal(7)),
    "polyols_g": Factor(Decimal(10), Decimal("2.4")),
}
KJ_IN_KCAL: Final = Decimal("4.184")  # by definition, of the thermochemical calorie
_NEEDED: Final = ("fat_g", "carbohydrate_g", "protein_g")


class Energy(Struct, frozen=True):
    """An energy worked out from what a food holds.

    It `is_approximate` where fibre, alcohol or polyols are unknown: it is then that of the rest, with all carbohydrate
    taken for starch and sugars.
    """

    kj: Amount
    kcal: Amount
    is_approximate: bool


def energy(nutrients: Nutrients) -> Energy | None:
    """Return the energy by the factors of Annex XIV, each unit by its own.

    It is None where fat, carbohydrate or protein is unknown.
    """
    known: dict[str, Decimal] = {code: amount for code, amount in _known(nutrients) if code in FACTORS}
    if not all(code in known for code in _NEEDED):
        return None
    with localcontext(_WIDE):
        others = known["carbohydrate_g"] - known.get("polyols_g", 0)
        grams = known | {"carbohydrate_g": max(others, Decimal())}  # rounding makes a part larger than its whole
        kj = sum((FACTORS[code].kj * amount for code, amount in grams.items()), Decimal())
        kcal = sum((FACTORS[code].kcal * amount for code, amount in grams.items()), Decimal())
    return Energy(Amount(kj), Amount(kcal), is_approximate=len(known) < len(FACTORS))


def with_energy(nutrients: Nutrients) -> Nutrients:
    """Return the nutrients, with an energy that is unknown filled in where that takes no guess.

    It is worked out by the factors where all of them apply, else from the energy in the other unit. An approximate
    energy is not filled in: unknown fibre is not zero. What is filled in is rounded as it is stored.
    """
    found = rounded(_found_energy(nutrients))
    kj = found.energy_kj if nutrients.energy_kj is None else nutrients.energy_kj
    kcal = found.energy_kcal if nutrients.energy_kcal is None else nutrients.energy_kcal
    return replace(nutrients, energy_kj=kj, energy_kcal=kcal)


def completed(label: Nutrients, food: Nutrients) -> Nutrients:
    """Return what a label says, and where it says nothing, what its food is known to hold.

    What of the food can't be so beside the label stays unknown: a part that is more than its whole, or a whole that is
    less than its part. The energy is the label's, in both units, or worked out by the factors where it takes no guess;
    it is the food's only where the label says neither energy nor what gives it.
    """
    told, known = dict(_known(with_energy(label))), dict(_known(food))
    both = known | told
    strange = [pair for pair in PARTS.items() if all(code in both for code in pair) and both[pair[0]] > both[pair[1]]]
    left_out = {code for pair in strange for code in pair}
    if not told.keys().isdisjoint((*FACTORS, *MAX_ENERGY)):
        left_out |= MAX_ENERGY.keys()
    return with_energy(Nutrients(**{code: both[code] for code in both if code in told or code not in left_out}))


def _known(nutrients: Nutrients) -> Iterator[tuple[str, Amount]]:
    return ((code, amount) for code, amount in nutrients.items() if amount is not None)


def _found_energy(nutrients: Nutrients) -> Nutrients:
    by_factors = energy(nutrients)
    if by_factors is not None and not by_factors.is_approximate:
        return Nutrients(energy_kj=by_factors.kj, energy_kcal=by_factors.kcal)
    if nutrients.energy_kcal is not None:
        return Nutrients(energy_kj=Amount(nutrients.energy_kcal * KJ_IN_KCAL))
    if nutrients.energy_kj is not None:
        return Nutrients(energy_kcal=Amount(nutrients.energy_kj / KJ_IN_KCAL))
    return UNKNOWN


# What no food holds: it is said of values that people type, and of those in tables that are imported.
MAX_GRAMS: Final[dict[Per, Decimal]] = {"g": Decimal(100), "ml": Decimal(150)}  # syrups and brines reach 1.4 g/ml
MAX_MACROS: Final[dict[Per, Decimal]] = {"g": Decimal(105), "ml": Decimal(155)}  # each is measured with an error
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


def check(nutrients: Nutrients, per: Per = "g") -> None:
    """Refuse what no food holds in 100 g or 100 ml.

    Raises:
        Invalid: `errors` names each nutrient that can't be so.
    """
    if found := impossible(nutrients, per):
        raise Invalid(errors=[{"pointer": f"/{each.code}", "message": each.message} for each in found])


def impossible(nutrients: Nutrients, per: Per = "g") -> list[Impossible]:
    """Return what no food holds in 100 g or 100 ml, a sentence for each; what is unknown is never wrong."""
    known = dict(_known(nutrients))
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
    if sum(grams.values()) > MAX_MACROS[per]:
        largest = max(grams, key=lambda code: grams[code])
        yield Impossible(largest, f"Expected {', '.join(grams)} to be {MAX_MACROS[per]} at most")


def _contradicting(known: dict[str, Amount]) -> Iterator[Impossible]:
    kj, kcal = known.get("energy_kj"), known.get("energy_kcal")
    if kj is not None and kcal is not None:
        same = kcal * KJ_IN_KCAL
        if abs(kj - same) > max(kj, same) * ENERGY_SLACK + ENERGY_ROUNDING_KJ:
            yield Impossible("energy_kj", "Expected about 4.2 times energy_kcal")
