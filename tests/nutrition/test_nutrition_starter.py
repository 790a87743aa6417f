"""The starter table: every row is readable, sourced and plausible, and says what the reference data says."""

import csv
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from popote_kit.quantity import MASS, VOLUME, Amount, Fact, Quantity, convert, in_base, unit
from popote_nutrition.model.foods import Language, StoredFact
from popote_nutrition.model.names import key
from popote_nutrition.model.nutrients import impossible
from popote_nutrition.starter import FIGURES, HEADER, StarterFood, food_id, read, read_from

LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")
ROUNDING: Final = Decimal("0.005")

# Annex XIV of Regulation (EU) No 1169/2011, kJ per gram.
FACTORS: Final = {"fat_g": 37, "carbohydrate_g": 17, "protein_g": 17, "fibre_g": 8, "alcohol_g": 29}
# Why the energy of some foods is not what their parts make by these factors.
OTHER_ENERGY: Final = {
    "ciqual:13009": "lemon: organic acids",
    "ciqual:13067": "lime: organic acids",
    "ciqual:13019": "redcurrant: organic acids",
    "ciqual:13001": "dried apricot: polyols among its carbohydrate",
    "ciqual:11018": "vinegar: acetic acid",
    "ciqual:11091": "balsamic vinegar: acetic acid",
    "ciqual:11220": "red wine vinegar: acetic acid",
    "usda_ndb:02050": "vanilla extract: its alcohol is unknown in SR 28",
    "usda_ndb:09152": "lemon juice: USDA's own factors",
    "usda_ndb:19165": "cocoa: USDA's own factors",
}

REFERENCE: Final = Path(os.environ.get("POPOTE_REFERENCE_DATA") or Path(__file__).parents[3] / "shared" / "data")
REFERENCE_COLUMNS: Final = dict(
    zip(
        FIGURES,
        ("kj", "kcal", "fat_g", "saturates_g", "carbs_g", "sugars_g", "fibre_g", "protein_g", "salt_g", "alcohol_g"),
        strict=True,
    )
)
# Where Ciqual measured less than a limit, the reference has half of the limit and the constituent's code as a flag.
# We keep that half, as is usual with such figures (EFSA's middle bound), or leave the figure unknown.
FLAGGED: Final = {
    "10004<": "salt_g", "10110<": "salt_g", "25000<": "protein_g", "25003<": "protein_g", "32000<": "sugars_g",
    "34100<": "fibre_g", "40000<": "fat_g",
}  # fmt: skip


@pytest.fixture(scope="module")
def foods() -> list[StarterFood]:
    return read()


def known(food: StarterFood) -> dict[str, Decimal]:
    return {code: amount for code, amount in food.nutrients.items() if amount is not None}


def test_it_knows_the_common_foods_of_a_kitchen(foods: list[StarterFood]) -> None:
    assert len(foods) >= 300
    english, french = ({key(name) for food in foods for name in food.names(language)} for language in LANGUAGES)
    assert {key(name) for name in ("onions", "eggplant", "zucchini", "cilantro", "scallions", "olive oil")} <= english
    assert {key(name) for name in ("oignons", "ail", "huile d'olive", "pommes de terre", "persil plat")} <= french


def test_a_name_may_mean_another_food_in_the_other_language(foods: list[StarterFood]) -> None:
    english, french = ({key(name): food.slug for food in foods for name in food.names(each)} for each in LANGUAGES)
    assert (english["raisin"], french["raisin"]) == ("raisin", "grape")
    assert (english["prune"], french["prune"]) == ("prune", "plum")


def test_a_food_has_the_same_id_for_ever(foods: list[StarterFood]) -> None:
    assert str(food_id("onion")) == "8a52124a-ae6c-5e97-88fc-d8960ddea94f"
    assert len({food.id for food in foods}) == len(foods)


def test_no_food_holds_what_none_can(foods: list[StarterFood]) -> None:
    assert {food.slug: found for food in foods if (found := impossible(food.nutrients, food.per))} == {}


def test_a_food_has_figures_when_it_has_a_source_for_them(foods: list[StarterFood]) -> None:
    assert [food.slug for food in foods if (food.source == "popote") == bool(known(food))] == []


def has_other_energy(food: StarterFood) -> bool:
    """Tell whether a food's energy is more than 12 % and 25 kJ from what its parts make."""
    figures = known(food)
    if not {"energy_kj", "fat_g", "carbohydrate_g", "protein_g"} <= figures.keys():
        return False
    made = sum(figures.get(code, 0) * factor for code, factor in FACTORS.items())
    return abs(made - figures["energy_kj"]) > max(Decimal(25), figures["energy_kj"] * Decimal("0.12"))


def test_energy_is_what_the_parts_make(foods: list[StarterFood]) -> None:
    assert [food.slug for food in foods if has_other_energy(food) and food.source not in OTHER_ENERGY] == []


def test_densities_are_those_of_foods(foods: list[StarterFood]) -> None:
    facts = [(food.slug, fact) for food in foods for fact in food.facts if unit(fact.unit).measure == VOLUME]
    assert [(slug, fact) for slug, fact in facts if not 100 <= fact.ratio <= 1600] == []  # ng per nl: 0.1 to 1.6 g/ml


def test_a_measure_of_a_food_is_told_once(foods: list[StarterFood]) -> None:
    told = [(food.slug, unit(fact.unit).measure) for food in foods for fact in food.facts]
    assert sorted({each for each in told if told.count(each) > 1}) == []


@pytest.mark.parametrize(
    ("slug", "amount", "of", "grams"),
    [
        ("onion", "2", "piece", "220"),
        ("garlic", "3", "clove", "9"),
        ("olive-oil", "2", "tbsp", "27.39"),
        ("parsley", "1", "bunch", "50"),
        ("ground-cinnamon", "1", "tsp", "2.6375"),
    ],
)
def test_a_food_is_weighed_however_it_is_measured(
    foods: list[StarterFood], slug: str, amount: str, of: str, grams: str
) -> None:
    food = next(food for food in foods if food.slug == slug)
    weighed = convert(Quantity(Amount(amount), of), MASS, food.facts)
    assert weighed.units == in_base(Quantity(Amount(grams), "g"))


def test_how_long_a_food_keeps_is_said_with_where(foods: list[StarterFood]) -> None:
    assert [food.slug for food in foods if food.keeps_days and not food.storage] == []


# Against the reference data, where it is there


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in reference("foods.csv")}


def reference(name: str) -> Iterator[dict[str, str]]:
    if not (REFERENCE / name).exists():
        pytest.skip(f"no reference data: POPOTE_REFERENCE_DATA names a folder with {name}")
    with (REFERENCE / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def agrees(food: StarterFood, code: str, row: dict[str, str]) -> bool:
    """Tell whether a figure is the reference's, but for rounding; below a limit of detection, or unknown there too."""
    ours, theirs = known(food).get(code), row[REFERENCE_COLUMNS[code]]
    if ours is None:
        return not theirs or code in {FLAGGED.get(flag) for flag in row["flags"].split(";")}
    return bool(theirs) and abs(ours - Decimal(theirs)) <= Decimal(theirs) * ROUNDING


def test_every_figure_is_that_of_its_source(foods: list[StarterFood], figures: dict[str, dict[str, str]]) -> None:
    sourced = [food for food in foods if food.source != "popote"]
    assert [food.slug for food in sourced if food.source not in figures] == []
    differing = [
        (food.slug, code) for food in sourced for code in FIGURES if not agrees(food, code, figures[food.source])
    ]
    assert differing == []


def test_every_measure_is_that_of_its_source(foods: list[StarterFood]) -> None:
    portions = list(reference("portions.csv"))

    def is_told(stored: StoredFact) -> bool:
        rows = [row for row in portions if row["source_id"] == stored.source_id]
        weights = [Decimal(row["grams_per_unit"]) for row in rows if not row["ml_per_unit"]]
        densities = [Decimal(row["grams_per_unit"]) / Decimal(row["ml_per_unit"]) for row in rows if row["ml_per_unit"]]
        told = densities if unit(stored.unit).measure == VOLUME else weights
        return any(abs(stored.amount - each) <= each * ROUNDING for each in told)

    sourced = [(food.slug, stored) for food in foods for stored in food.stored_facts if stored.source_id[:3] == "fdc"]
    assert [(slug, stored.unit) for slug, stored in sourced if not is_told(stored)] == []


# The reader

GOOD: Final = {
    "slug": "leek",
    "name_en": "leek",
    "name_fr": "poireau",
    "aliases_fr": "blanc de poireau|vert de poireau",
    "per": "g",
    "source": "ciqual:20039",
    "energy_kj": "127",
    "facts": "piece~89 g [fdc:169246];ml~0.376 g [fdc:169246]",
    "storage": "fridge",
    "keeps_days": "10",
}


def written(folder: Path, *rows: dict[str, str], header: tuple[str, ...] = HEADER) -> Path:
    with (folder / "vegetables.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, header, lineterminator="\n", extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)
    return folder


def test_a_row_becomes_a_food(tmp_path: Path) -> None:
    (food,) = read_from(written(tmp_path, GOOD))
    assert (food.slug, food.group, food.id) == ("leek", "vegetables", food_id("leek"))
    assert food.names("fr") == ("poireau", "blanc de poireau", "vert de poireau")
    assert food.names("en") == ("leek",)
    assert known(food) == {"energy_kj": 127}
    assert food.facts[0] == Fact("piece", Quantity(Amount(89), "g"), "starter", is_approximate=True)
    assert food.stored_facts[1].source_id == "fdc:169246"
    assert (food.keeping.storage, food.keeping.keeps_days, food.keeping.frozen_days) == ("fridge", 10, None)


@pytest.mark.parametrize(
    ("column", "text", "told"),
    [
        ("slug", "Leek", "slug"),
        ("slug", "", "slug"),
        ("name_en", "", "name_en"),
        ("name_fr", "x" * 121, "name_fr"),
        ("aliases_fr", "vert||blanc", "aliases_fr"),
        ("aliases_fr", " vert", "aliases_fr"),
        ("per", "kg", "per"),
        ("source", "memory", "source"),
        ("source", "", "source"),
        ("energy_kj", "1e3", "number"),
        ("energy_kj", "-1", "number"),
        ("energy_kj", "NaN", "number"),
        ("energy_kj", "1,5", "number"),
        ("facts", "piece=89 g", "expected a fact"),
        ("facts", "piece~89 kg [fdc:169246]", "expected a fact"),
        ("facts", "piece~89 g [memory]", "expected a fact"),
        ("facts", "pièce~89 g [convention]", "expected a fact"),
        ("facts", "pieces~89 g [convention]", "expected a fact"),
        ("facts", "piece~0 g [convention]", "above zero"),
        ("facts", "kg~1000 g [convention]", "different measures"),
        ("facts", "armful~89 g [convention]", "Unknown unit"),
        ("storage", "cellar", "storage"),
        ("keeps_days", "0", "keeps_days"),
        ("keeps_days", "soon", "keeps_days"),
    ],
)
def test_a_wrong_cell_is_told_with_its_file_and_line(tmp_path: Path, column: str, text: str, told: str) -> None:
    other = GOOD | {"slug": "salt", "name_en": "salt", "name_fr": "sel", "aliases_fr": ""}
    with pytest.raises(ValueError, match=rf"^vegetables\.csv:3: .*{told}"):
        read_from(written(tmp_path, other, GOOD | {column: text}))


def test_another_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^vegetables\.csv:1: .*header"):
        read_from(written(tmp_path, GOOD, header=HEADER[1:]))


def test_a_row_of_another_length_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD) / "vegetables.csv"
    file.write_text(file.read_text(encoding="utf-8").rstrip() + ",1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^vegetables\.csv:2: "):
        read_from(tmp_path)


@pytest.mark.parametrize(
    "other",
    [
        {"slug": "leek", "name_en": "another", "name_fr": "autre"},
        {"slug": "another", "name_en": "Leeks", "name_fr": "autre"},
        {"slug": "another", "name_en": "another", "name_fr": "autre", "aliases_fr": "Blancs de poireaux"},
    ],
)
def test_what_stands_for_two_foods_is_refused(tmp_path: Path, other: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"^vegetables\.csv:3: .* at vegetables\.csv:2$"):
        read_from(written(tmp_path, GOOD, {"per": "g", "source": "popote"} | other))


def test_one_name_in_two_languages_may_be_two_foods(tmp_path: Path) -> None:
    other = {"slug": "another", "name_en": "poireau", "name_fr": "leek", "per": "g", "source": "popote"}
    assert len(read_from(written(tmp_path, GOOD, other))) == 2
