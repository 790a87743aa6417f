"""USDA FoodData Central: the CSV downloads of SR Legacy and Foundation Foods. Values are per 100 g.

Carbohydrate is told "by difference", with the fibre in it: what we take is the rest, unknown where the fibre is.
"""

from collections.abc import Collection, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

from popote_nutrition.importing import files
from popote_nutrition.importing.amounts import SODIUM, Taken, number, told
from popote_nutrition.importing.files import Download, Watch
from popote_nutrition.importing.portions import Portion, facts
from popote_nutrition.importing.records import BadFile, Entry, ReadFood, Refusal, Refused, names, source_id

SOURCE: Final = "usda"
PREFIX: Final = "fdc"
KINDS: Final = frozenset(("sr_legacy_food", "foundation_food"))  # the others are samples, brands and dishes of surveys

CARBOHYDRATE: Final = "1005"
FIBRE: Final = ("1079", "2033")  # 2033: by the newer method, AOAC 2011.25
TAKEN: Final[Taken] = {
    "energy_kj": ("1062",),
    "energy_kcal": ("1008", "2048", "2047"),  # Foundation Foods have those by Atwater's specific or general factors
    "fat_g": ("1004", "1085"),
    "saturates_g": ("1258",),
    "carbohydrate_g": (CARBOHYDRATE,),
    "sugars_g": ("2000", "1063"),
    "fibre_g": FIBRE,
    "protein_g": ("1003",),
    "alcohol_g": ("1018",),
    SODIUM: ("1093",),
}
UNITS: Final = {"1062": "KJ", "1008": "KCAL", "2048": "KCAL", "2047": "KCAL", "1093": "MG"}  # of the others, G
WANTED: Final = frozenset(place for places in TAKEN.values() for place in places)
DIFFERENCE_ERROR: Final = Decimal(1)  # grams below zero that a difference of measurements may come to

FOOD: Final = ("food.csv", ("fdc_id", "data_type", "description"))
FOOD_NUTRIENT: Final = ("food_nutrient.csv", ("fdc_id", "nutrient_id", "amount"))
NUTRIENT: Final = ("nutrient.csv", ("id", "unit_name"))
FOOD_PORTION: Final = (
    "food_portion.csv",
    ("fdc_id", "amount", "measure_unit_id", "portion_description", "modifier", "gram_weight"),
)
MEASURE_UNIT: Final = ("measure_unit.csv", ("id", "name"))
UNDETERMINED: Final = "9999"  # the unit then stands in the words beside it

Table = tuple[str, tuple[str, ...]]
Row = dict[str, str]


def read(path: Path, watch: Watch) -> Iterator[Entry]:
    """Give the foods of a FoodData Central download, a folder or a zip.

    Raises:
        BadFile: it is none, or damaged.
    """
    with files.unpacked(path, watch) as download:
        _check_nutrients(download)
        foods = {row["fdc_id"]: row for _, row in _rows(download, FOOD) if row["data_type"] in KINDS}
        if not foods:
            raise BadFile(f"{path} holds no food of SR Legacy or Foundation Foods")
        values = _values(download, foods.keys())
        portions = _portions(download, foods.keys())
        for food, row in foods.items():
            yield _entry(row, values.get(food, {}), portions.get(food, []))


def _rows(download: Download, table: Table) -> Iterator[tuple[int, Row]]:
    name, columns = table
    found = download.find(name.replace(".", r"\."))
    if found is None:
        raise BadFile(f"{download.path} is not a CSV download of FoodData Central: it holds no {name}")
    with download.open(found) as file:
        yield from files.rows(file, found, columns)


def _check_nutrients(download: Download) -> None:
    """Make sure that the numbers still mean what they did."""
    units = {row["id"]: row["unit_name"] for _, row in _rows(download, NUTRIENT) if row["id"] in WANTED}
    if not units:
        raise BadFile(f"{download.path} holds none of the nutrients that we take")
    for nutrient, unit in units.items():
        if unit.upper() != UNITS.get(nutrient, "G"):
            raise BadFile(f"{download.path}: nutrient {nutrient} is in {unit[:20]}, not in {UNITS.get(nutrient, 'G')}")


def _values(download: Download, foods: Collection[str]) -> dict[str, dict[str, str]]:
    values: dict[str, dict[str, str]] = {}
    for _, row in _rows(download, FOOD_NUTRIENT):
        if row["nutrient_id"] in WANTED and row["fdc_id"] in foods:
            values.setdefault(row["fdc_id"], {})[row["nutrient_id"]] = row["amount"]
    return values


def _portions(download: Download, foods: Collection[str]) -> dict[str, list[Portion]]:
    units = {row["id"]: row["name"] for _, row in _rows(download, MEASURE_UNIT) if row["id"] != UNDETERMINED}
    portions: dict[str, list[Portion]] = {}
    for _, row in _rows(download, FOOD_PORTION):
        if row["fdc_id"] in foods:
            words = (units.get(row["measure_unit_id"], ""), row["portion_description"], row["modifier"])
            portion = Portion(row["amount"], " ".join(filter(None, words)), row["gram_weight"])
            portions.setdefault(row["fdc_id"], []).append(portion)
    return portions


def _entry(row: Row, values: dict[str, str], portions: list[Portion]) -> Entry:
    food = row["fdc_id"]
    try:
        if not (food.isascii() and food.isdigit()):
            raise Refusal("its id is not a number")
        whole_id = source_id(PREFIX, food)
        amounts = told(_without_fibre(values), TAKEN)
        return ReadFood(
            source_id=whole_id,
            names=names(row["description"], ""),
            nutrients=amounts.nutrients,
            facts=facts(portions, whole_id),
            halved=amounts.halved,
            traces=amounts.traces,
        )
    except Refusal as refusal:
        return Refused(f"food {food[:20]} ({row['description'][:60]})", str(refusal))


def _without_fibre(values: dict[str, str]) -> dict[str, str]:
    """Return the values with a carbohydrate that has no fibre in it, or none where that is unknown."""
    total = values.get(CARBOHYDRATE)
    if not total:
        return values
    fibre = next((values[place] for place in FIBRE if values.get(place)), None)
    rest = _difference(number(total), None if fibre is None else number(fibre))
    return values | {CARBOHYDRATE: "" if rest is None else f"{rest:f}"}


def _difference(total: Decimal, fibre: Decimal | None) -> Decimal | None:
    if fibre is None and total > 0:
        return None
    rest = total - (fibre or 0)
    if rest < -DIFFERENCE_ERROR:
        raise Refusal(f"carbohydrate_g: {total} g hold {fibre or 0} g of fibre")
    return max(rest, Decimal())
