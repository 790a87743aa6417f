"""The units of a kitchen: their codes, names in English and French, and how many base units each holds.

Base units are nanograms, nanolitres and millionths of what is counted: every unit here is a whole number of them.
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Final

import msgspec

from popote_kit.problems import Problem

MAX_UNIT: Final = 40  # characters
MASS: Final = "mass"
VOLUME: Final = "volume"
G: Final = 10**9  # ng
ML: Final = 10**6  # nl
ONE: Final = 10**6  # millionths
FRENCH_PLURAL: Final = 2  # 1,5 cuillère, 2 cuillères

_IGNORED: Final = re.compile(r"[\s.()]+")


class UnknownUnit(Problem):
    """No unit goes by this name."""

    type = "/problems/unknown-unit"
    title = "Unknown unit"
    kind = "invalid"
    en = "“{unit}” is not a unit that we know."
    fr = "« {unit} » n'est pas une unité connue."


class Unit(msgspec.Struct, frozen=True):
    """A unit that people cook with.

    `measure` is mass, volume, or the code of what is counted; units of one measure compare. `base` is how many base
    units one of it holds. `en` and `fr` are singular and plural, `also` is what else it is called.
    """

    code: str
    measure: str
    base: int
    en: tuple[str, str]
    fr: tuple[str, str]
    also: tuple[str, ...] = ()

    def name(self, language: str, amount: Decimal | int) -> str:
        """Return its name beside `amount`; French has the plural from 2 on, English for all but 1."""
        size = abs(Decimal(amount))
        return self.fr[size >= FRENCH_PLURAL] if language == "fr" else self.en[size != 1]

    def spellings(self) -> Iterator[str]:
        """Give everything that it is called."""
        yield from (self.code, *self.en, *self.fr, *self.also)


def _counted(code: str, plural: str, fr: tuple[str, str], *also: str) -> Unit:
    return Unit(code, code, ONE, (code, plural), fr, also)


# Pound and ounce are the international ones, exact by definition; cup, fluid ounce and pint those of the United States.
# French "livre" and "pinte" alone are missing on purpose: by place, they are 500 g or 454, 0.5 l or twice that.
UNITS: Final = (
    Unit("g", MASS, G, ("gram", "grams"), ("gramme", "grammes"), ("gr", "grs")),
    Unit("kg", MASS, 1000 * G, ("kilogram", "kilograms"), ("kilogramme", "kilogrammes"), ("kgs", "kilo", "kilos")),
    Unit("mg", MASS, G // 1000, ("milligram", "milligrams"), ("milligramme", "milligrammes")),
    Unit("lb", MASS, 453_592_370_000, ("pound", "pounds"), ("livre anglaise", "livres anglaises"), ("lbs",)),
    Unit("oz", MASS, 28_349_523_125, ("ounce", "ounces"), ("once", "onces")),
    Unit("ml", VOLUME, ML, ("millilitre", "millilitres"), ("millilitre", "millilitres"), ("milliliter", "milliliters")),
    Unit("cl", VOLUME, 10 * ML, ("centilitre", "centilitres"), ("centilitre", "centilitres"),
         ("centiliter", "centiliters")),
    Unit("dl", VOLUME, 100 * ML, ("decilitre", "decilitres"), ("décilitre", "décilitres"), ("deciliter", "deciliters")),
    Unit("l", VOLUME, 1000 * ML, ("litre", "litres"), ("litre", "litres"), ("liter", "liters", "ltr")),
    Unit("tsp", VOLUME, 5 * ML, ("teaspoon", "teaspoons"), ("cuillère à café", "cuillères à café"),
         ("tsps", "teaspoonful", "teaspoonfuls", "c. à c.", "c. c.", "c. à café", "c. café", "cuil. à café",
          "cuill. à café", "cuillerée à café", "cuillerées à café", "c. à thé", "cuillère à thé", "cuillères à thé",
          "cuiller à café", "cuillers à café", "cuillères à cafés", "cuil. à c.", "cuill. à c.")),
    Unit("tbsp", VOLUME, 15 * ML, ("tablespoon", "tablespoons"), ("cuillère à soupe", "cuillères à soupe"),
         ("tbs", "tbsps", "tablespoonful", "tablespoonfuls", "c. à s.", "c. s.", "c. à soupe", "c. soupe",
          "cuil. à soupe", "cuill. à soupe", "cuillerée à soupe", "cuillerées à soupe", "c. à table",
          "cuillère à table", "cuillères à table", "cuiller à soupe", "cuillers à soupe", "cuillères à soupes",
          "cuil. à s.", "cuill. à s.", "tblsp", "tbl")),
    Unit("dessertspoon", VOLUME, 10 * ML, ("dessertspoon", "dessertspoons"),
         ("cuillère à dessert", "cuillères à dessert"), ("dsp", "dstspn", "c. à dessert", "c. à d.")),
    Unit("cup", VOLUME, 236_588_000, ("cup", "cups"), ("tasse américaine", "tasses américaines")),
    Unit("metric cup", VOLUME, 250 * ML, ("metric cup", "metric cups"), ("tasse", "tasses"),
         ("tasse métrique", "tasses métriques")),
    Unit("fl oz", VOLUME, 29_573_500, ("fluid ounce", "fluid ounces"), ("once liquide", "onces liquides")),
    Unit("pint", VOLUME, 473_176_000, ("pint", "pints"), ("pinte américaine", "pintes américaines"), ("pt", "pts")),
    Unit("qt", VOLUME, 946_352_000, ("US quart", "US quarts"), ("quart américain", "quarts américains"), ("qts",)),
    _counted("piece", "pieces", ("pièce", "pièces"), "pc", "pcs", "pce", "pces", "unit", "units", "unité", "unités",
             "morceau", "morceaux"),
    Unit("dozen", "piece", 12 * ONE, ("dozen", "dozen"), ("douzaine", "douzaines"), ("dozens", "doz", "dz")),
    _counted("clove", "cloves", ("gousse", "gousses")),
    _counted("slice", "slices", ("tranche", "tranches"), "rasher", "rashers", "rondelle", "rondelles"),
    _counted("bunch", "bunches", ("botte", "bottes")),
    _counted("bouquet", "bouquets", ("bouquet", "bouquets")),
    _counted("sachet", "sachets", ("sachet", "sachets"), "envelope", "envelopes", "pouch", "pouches"),
    _counted("pack", "packs", ("paquet", "paquets"), "packet", "packets", "package", "packages", "pkg", "pkt"),
    _counted("can", "cans", ("boîte", "boîtes"), "tin", "tins", "boîte de conserve", "boîtes de conserve"),
    _counted("jar", "jars", ("pot", "pots"), "tub", "tubs", "bocal", "bocaux"),
    _counted("bottle", "bottles", ("bouteille", "bouteilles"), "flacon", "flacons"),
    _counted("sprig", "sprigs", ("brin", "brins")),
    _counted("branch", "branches", ("branche", "branches")),
    _counted("leaf", "leaves", ("feuille", "feuilles"), "sheet", "sheets"),
    _counted("stalk", "stalks", ("tige", "tiges")),
    _counted("stick", "sticks", ("bâton", "bâtons"), "bâtonnet", "bâtonnets"),
    _counted("pinch", "pinches", ("pincée", "pincées")),
    _counted("head", "heads", ("tête", "têtes"), "bulb", "bulbs", "bulbe", "bulbes"),
    _counted("box", "boxes", ("carton", "cartons"), "container", "containers", "brique", "briques"),
    _counted("tray", "trays", ("barquette", "barquettes"), "punnet", "punnets"),
    _counted("tube", "tubes", ("tube", "tubes")),
    _counted("handful", "handfuls", ("poignée", "poignées")),
    _counted("knob", "knobs", ("noix", "noix")),
    _counted("drop", "drops", ("goutte", "gouttes")),
    _counted("glass", "glasses", ("verre", "verres")),
    _counted("roll", "rolls", ("rouleau", "rouleaux")),
    _counted("bag", "bags", ("sac", "sacs")),
    _counted("portion", "portions", ("portion", "portions"), "serving", "servings", "dose", "doses"),
    _counted("bar", "bars", ("tablette", "tablettes"), "plaquette", "plaquettes"),
    _counted("loaf", "loaves", ("pain", "pains"), "miche", "miches"),
    _counted("cube", "cubes", ("cube", "cubes")),
    _counted("square", "squares", ("carré", "carrés")),
    _counted("block", "blocks", ("bloc", "blocs")),
    _counted("ball", "balls", ("boule", "boules"), "scoop", "scoops"),
    _counted("wedge", "wedges", ("quartier", "quartiers")),
    _counted("ear", "ears", ("épi", "épis")),
    _counted("dash", "dashes", ("trait", "traits")),
    _counted("ladle", "ladles", ("louche", "louches")),
    _counted("bowl", "bowls", ("bol", "bols")),
)  # fmt: skip


@lru_cache(maxsize=8192)  # words of recipes recur
def plain(text: str) -> str:
    """Return `text` as units are looked up: without case, accents, dots, spaces and brackets."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return _IGNORED.sub("", "".join(letter for letter in letters if not unicodedata.combining(letter)))


_BY_NAME: Final = {plain(name): unit for unit in UNITS for name in unit.spellings()}
SHOWN: Final = {MASS: "g", VOLUME: "ml"}  # the unit that says every amount of a measure exactly


@lru_cache(maxsize=1024)
def unit(text: str) -> Unit:
    """Return the unit that `text` names: a code, a name or an abbreviation, English or French.

    Raises:
        UnknownUnit: there is none.
    """
    found = _BY_NAME.get(plain(text)) if len(text) <= MAX_UNIT else None
    if found is None:
        raise UnknownUnit(unit=text[:MAX_UNIT])
    return found


def exact_unit(measure: str) -> Unit:
    """Return the unit in which at most nine decimals say any amount of `measure`: g, ml, or what is counted."""
    return unit(SHOWN.get(measure, measure))
