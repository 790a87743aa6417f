"""What Open Food Facts says of a product, as far as it can be believed: its values come from people."""

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final, Literal

from msgspec import Struct

from popote_kit.quantity import Amount, Quantity

State = Literal["waiting", "found", "absent"]
Language = Literal["en", "fr"]

# How long a row counts: an answer before it is asked for anew, a place in the queue before it is given up.
KEPT: Final[Mapping[State, timedelta]] = {
    "found": timedelta(days=30),
    "absent": timedelta(days=1),
    "waiting": timedelta(days=1),
}

MAX_NAME: Final = 120
MAX_BRANDS: Final = 200
MAX_QUANTITY: Final = 100
MAX_CATEGORIES: Final = 20
MAX_CATEGORY: Final = 100
HEAVIEST: Final = 100_000  # grams or millilitres of one pack
MAGNITUDES: Final = range(-9, 10)  # of a number worth reading

# Our name of a nutrient, theirs in the order of preference, and the most that 100 g can hold (pure fat has 3700 kJ).
NUTRIENTS: Final[Mapping[str, tuple[tuple[str, ...], int]]] = {
    "energy_kj": (("energy-kj_100g", "energy_100g"), 3700),
    "energy_kcal": (("energy-kcal_100g",), 900),
    "fat_g": (("fat_100g",), 100),
    "saturates_g": (("saturated-fat_100g",), 100),
    "carbohydrate_g": (("carbohydrates_100g",), 100),
    "sugars_g": (("sugars_100g",), 100),
    "fibre_g": (("fiber_100g",), 100),
    "protein_g": (("proteins_100g",), 100),
    "salt_g": (("salt_100g",), 100),
}
THOUSANDTH: Final = Decimal("0.001")

# The units of a label, in grams or millilitres.
UNITS: Final[Mapping[str, Decimal]] = {
    "mg": Decimal("0.001"), "g": Decimal(1), "kg": Decimal(1000),
    "ml": Decimal(1), "cl": Decimal(10), "dl": Decimal(100), "l": Decimal(1000),
}  # fmt: skip
_NUMBER: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,12})?")
# "1,000 g" is one gram to some and a kilogram to others; so three decimals are only read behind a zero.
_LABEL: Final = re.compile(
    r"(?:(?P<packs>[0-9]{1,3}) ?[x\u00d7*] ?)?"
    r"(?P<amount>0[.,][0-9]{1,3}|[0-9]{1,6}(?:[.,][0-9]{1,2})?) ?(?P<unit>[a-z]{1,2})\b",
    re.IGNORECASE,
)
_IMAGE: Final = re.compile(r"https://(?:images|static)\.openfoodfacts\.org/[A-Za-z0-9/._%-]{1,400}")


class Product(Struct, frozen=True, kw_only=True):
    """A product that somebody entered; `nutrients` are per 100 g or ml, and those that are not there are unknown."""

    gtin: str
    name: str
    name_en: str | None = None
    name_fr: str | None = None
    brands: str | None = None
    quantity_text: str | None = None
    quantity: Quantity | None = None
    nutrients: Mapping[str, Decimal] = {}
    categories: list[str] = []
    image_url: str | None = None

    def named(self, language: Language) -> str:
        return (self.name_fr if language == "fr" else self.name_en) or self.name


class Known(Struct, frozen=True):
    """What the cache holds of a barcode; `place` is the one in the queue, from 1, while it waits."""

    state: State
    product: Product | None = None
    place: int = 0


def read_product(gtin: str, facts: Mapping[str, object]) -> Product | None:
    """Return the product of Open Food Facts' `facts`; None where it has no name, and so says nothing to people.

    Whatever is out of range, of another type or of an odd form is left out.
    """
    english, french = (_text(facts.get(f"product_name_{language}"), MAX_NAME) for language in ("en", "fr"))
    name = _text(facts.get("product_name"), MAX_NAME) or french or english
    if name is None:
        return None
    return Product(
        gtin=gtin,
        name=name,
        name_en=english,
        name_fr=french,
        brands=_text(facts.get("brands"), MAX_BRANDS),
        quantity_text=_text(facts.get("quantity"), MAX_QUANTITY),
        quantity=_quantity(facts),
        nutrients=_nutrients(facts.get("nutriments")),
        categories=_categories(facts.get("categories_tags")),
        image_url=_image(facts.get("image_front_small_url")),
    )


def _text(value: object, length: int) -> str | None:
    if not isinstance(value, str):
        return None
    words = " ".join(value[: 4 * length].split())
    return "".join(filter(str.isprintable, words))[:length].strip() or None


def _number(value: object) -> Decimal | None:
    """Return a number of JSON, or one that is written as text; None where it is none, or absurd."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value) if abs(value) < 10 ** MAGNITUDES[-1] else None
    if isinstance(value, Decimal) and value.is_finite() and (not value or value.adjusted() in MAGNITUDES):
        return value
    return None


def _nutrients(values: object) -> dict[str, Decimal]:
    if not isinstance(values, dict):
        return {}
    found: dict[str, Decimal] = {}
    for name, (theirs, most) in NUTRIENTS.items():
        value = next((number for key in theirs if (number := _number(values.get(key))) is not None), None)
        if value is not None and 0 <= value <= most:
            found[name] = value.quantize(THOUSANDTH)
    return found


def _quantity(facts: Mapping[str, object]) -> Quantity | None:
    """Return what one pack holds: as Open Food Facts has worked it out, or else as the label says."""
    unit, amount = facts.get("product_quantity_unit"), _number(facts.get("product_quantity"))
    if amount is not None and isinstance(unit, str):
        return _pack(amount, unit)
    label = _LABEL.match(_text(facts.get("quantity"), MAX_QUANTITY) or "")
    if label is None:
        return None
    return _pack(Decimal(label["amount"].replace(",", ".")) * int(label["packs"] or 1), label["unit"])


def _pack(amount: Decimal, unit: str) -> Quantity | None:
    size = UNITS.get(unit.lower())
    if size is None or not 0 < amount * size <= HEAVIEST:
        return None
    exact = f"{round(amount, 9).normalize():f}"
    return Quantity(Amount(exact), unit.lower()) if exact != "0" else None


def _categories(tags: object) -> list[str]:
    if not isinstance(tags, list):
        return []
    return [tag for value in tags[:MAX_CATEGORIES] if (tag := _text(value, MAX_CATEGORY))]


def _image(url: object) -> str | None:
    return url if isinstance(url, str) and _IMAGE.fullmatch(url) else None
