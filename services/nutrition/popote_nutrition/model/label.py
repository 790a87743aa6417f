"""The nutrition label of the European Union: its order, its rounding, and how much of a day's intake that is.

Order and names: Regulation (EU) No 1169/2011, Annex XV. Rounding: the Commission's guidance on tolerances for nutrient
values declared on a label, December 2012, section 6. Fibre and polyols may be declared, alcohol is not on a label.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from msgspec import Struct

from popote_nutrition.model.foods import Language
from popote_nutrition.model.nutrients import REFERENCE_INTAKES
from popote_nutrition.model.totals import Portion

# Article 32(5): stands beside the percentages.
REFERENCE_STATEMENT: Final[dict[Language, str]] = {
    "en": "Reference intake of an average adult (8400 kJ/2000 kcal)",
    "fr": "Apport de référence pour un adulte-type (8400 kJ/2000 kcal)",
}
UNKNOWN: Final[dict[Language, str]] = {"en": "unknown", "fr": "inconnu"}
AT_LEAST: Final[dict[Language, str]] = {"en": "at least", "fr": "au moins"}


class Rounding(Struct, frozen=True):
    """How a value is declared: with `fine` decimals, from `large` on with `coarse` ones.

    Up to `negligible` it is said to be below `below`.
    """

    large: int
    coarse: int
    fine: int
    negligible: Decimal
    below: Decimal

    def places(self, amount: Decimal) -> int:
        """Return how many decimals it has; what is rounded up to `large` is large."""
        return self.coarse if _half_up(amount, self.fine) >= self.large else self.fine


ENERGY: Final = Rounding(large=0, coarse=0, fine=0, negligible=Decimal(), below=Decimal())
GRAMS: Final = Rounding(large=10, coarse=0, fine=1, negligible=Decimal("0.5"), below=Decimal("0.5"))
SATURATES: Final = Rounding(large=10, coarse=0, fine=1, negligible=Decimal("0.1"), below=Decimal("0.1"))
SALT: Final = Rounding(large=1, coarse=1, fine=2, negligible=Decimal("0.0125"), below=Decimal("0.01"))


class Entry(Struct, frozen=True):
    """A nutrient as it stands on the label."""

    code: str
    unit: str
    en: str
    fr: str
    rounding: Rounding


ENTRIES: Final = (
    Entry("energy_kj", "kJ", "Energy", "Énergie", ENERGY),
    Entry("energy_kcal", "kcal", "Energy", "Énergie", ENERGY),
    Entry("fat_g", "g", "Fat", "Matières grasses", GRAMS),
    Entry("saturates_g", "g", "of which saturates", "dont acides gras saturés", SATURATES),
    Entry("carbohydrate_g", "g", "Carbohydrate", "Glucides", GRAMS),
    Entry("sugars_g", "g", "of which sugars", "dont sucres", GRAMS),
    Entry("polyols_g", "g", "of which polyols", "dont polyols", GRAMS),
    Entry("fibre_g", "g", "Fibre", "Fibres alimentaires", GRAMS),
    Entry("protein_g", "g", "Protein", "Protéines", GRAMS),
    Entry("salt_g", "g", "Salt", "Sel", SALT),
)


class Line(Struct, frozen=True):
    """A line of the label.

    `text` says `amount`, rounded, with its unit. Where `is_below`, there is less than that; where `is_at_least`, that
    is what is known and there may be more. `percent` is of the reference intake. An unknown amount is None, and the
    text says so.
    """

    code: str
    name: str
    amount: Decimal | None
    is_below: bool
    is_at_least: bool
    text: str
    percent: int | None


def label(portion: Portion, language: Language = "en") -> list[Line]:
    """Return the label of a portion, as a rule of 100 g, line by line; polyols only where there are some."""
    return list(_lines(portion, language))


def _lines(portion: Portion, language: Language) -> Iterator[Line]:
    amounts = dict(portion.nutrients.items())
    for entry in ENTRIES:
        amount = amounts[entry.code]
        if amount or entry.code != "polyols_g":
            yield _line(entry, amount, language, is_at_least=portion.coverage[entry.code] < 1)


def _line(entry: Entry, amount: Decimal | None, language: Language, *, is_at_least: bool) -> Line:
    rule = entry.rounding
    name = entry.fr if language == "fr" else entry.en
    if amount is None or (is_at_least and amount <= rule.negligible):  # "less than" would be said of the unknown too
        return Line(entry.code, name, None, is_below=False, is_at_least=False, text=UNKNOWN[language], percent=None)
    is_below = 0 < amount <= rule.negligible
    shown = rule.below if is_below else _half_up(amount, rule.places(amount)) if amount else Decimal()
    prefix = "<" if is_below else f"{AT_LEAST[language]} " if is_at_least else ""
    text = f"{prefix}{_number(shown, language)} {entry.unit}"
    return Line(entry.code, name, shown, is_below, is_at_least, text, _percent(entry.code, amount))


def _percent(code: str, amount: Decimal) -> int | None:
    """Return the whole percents of the reference intake; None where there is no such intake."""
    reference = _REFERENCES[code]
    return None if reference is None else int(_half_up(amount * 100 / reference, 0))


def _number(number: Decimal, language: Language) -> str:
    return f"{number:f}".replace(".", ",") if language == "fr" else f"{number:f}"


def _half_up(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


_REFERENCES: Final = dict(REFERENCE_INTAKES.items())
