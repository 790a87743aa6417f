"""Foods as official tables name them, a household's own, and recipes made of them: the same on every run."""

import csv
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.people import Person, Writer, mistyped

from popote_nutrition import starter
from popote_nutrition.importing.plain import KNOWN
from popote_nutrition.model.foods import Language
from popote_nutrition.model.nutrients import CODES
from popote_nutrition.starter import StarterFood

LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")
STARTER: Final = starter.read()
TOLD: Final = [food for food in STARTER if food.nutrients.energy_kj is not None]
COMMON: Final = {language: [name for food in STARTER for name in food.names(language)] for language in LANGUAGES}

FOODS: Final = 12_000  # of an imported table, beside the starter table
OWN_FOODS: Final = 2_000  # as many as a household may have
TAUGHT: Final = 1_000
RECIPES: Final = 200
TABLE: Final = "bench-table"
HEADER: Final = tuple(column for column in KNOWN if column in {"id", "name_en", "name_fr", "per", *CODES})

FORMS: Final = (
    ("raw", "cru"),
    ("boiled, drained", "bouilli, égoutté"),
    ("steamed", "cuit à la vapeur"),
    ("roasted", "rôti au four"),
    ("grilled", "grillé"),
    ("pan-fried in oil", "poêlé à l'huile"),
    ("frozen", "surgelé"),
    ("canned, drained", "appertisé, égoutté"),
    ("dried", "séché"),
    ("smoked", "fumé"),
    ("puréed", "en purée"),
    ("prepacked", "préemballé"),
)
KINDS: Final = (
    ("without added salt", "sans sel ajouté"),
    ("reduced fat", "allégé en matière grasse"),
    ("no sugar added", "sans sucres ajoutés"),
    ("enriched with vitamins", "enrichi en vitamines"),
    ("from organic farming", "issu de l'agriculture biologique"),
    ("average", "aliment moyen"),
    ("homemade", "fait maison"),
    ("restaurant style", "de restauration collective"),
)
MAKERS: Final = ("Mill Farm", "La Ferme du Lac", "Old Barn", "Coteau", "Green Valley", "Les Deux Moulins")
HOW_MUCH: Final = {
    "en": (
        "200 g {}",
        "2 tbsp {}",
        "1 cup {}",
        "3 {}",
        "1 1/2 tsp {}",
        "{}",
        "1 large {}, finely chopped",
        "75 ml of {}",
    ),
    "fr": (
        "200 g de {}",
        "2 c. à soupe de {}",
        "1 verre de {}",
        "3 {}",
        "1 pincée de {}",
        "{}",
        "1 gros {}, émincé",
        "10 cl de {}",
    ),
}  # fmt: skip
UNKNOWN: Final = {"en": "unicorn {}", "fr": "{} de perlimpinpin"}


@dataclass(frozen=True)
class Recipe:
    language: Language
    lines: list[str]


@dataclass(frozen=True)
class Larder:
    """A household, what it calls foods of its own, and the names of imported ones."""

    person: Person
    own: list[str]
    imported: dict[str, list[str]]  # by language

    def recipes(self, lines: int) -> list[Recipe]:
        """Return recipes, French and English in turn, of so many lines.

        Of twelve lines nine name a common food, one a food of the household's and one the first parts of an imported
        one; of the last, half are misspelt and half name nothing that is known.
        """
        chance = random.Random(7)
        return [self._recipe(LANGUAGES[number % 2], lines, chance) for number in range(RECIPES)]

    def _recipe(self, language: Language, lines: int, chance: random.Random) -> Recipe:
        named = [self._name(language, number % 12, chance) for number in range(lines)]
        return Recipe(language, [chance.choice(HOW_MUCH[language]).format(name) for name in named])

    def _name(self, language: Language, number: int, chance: random.Random) -> str:
        common = chance.choice(COMMON[language])
        match number:
            case 9:
                return chance.choice(self.own)
            case 10:
                return " ".join(chance.choice(self.imported[language]).split(", ")[:2])
            case 11:
                return misspelt(common) if chance.random() < 0.5 else UNKNOWN[language].format(common)  # noqa: PLR2004 - half
        return common


def misspelt(name: str) -> str:
    """Return a name with two letters of its longest word that have changed places, if that is long enough."""
    word = max(name.split(), key=len)
    return name.replace(word, mistyped(word)) if len(word) >= 4 else f"{name}x"  # noqa: PLR2004 - what `mistyped` needs


def write_table(path: Path) -> dict[str, list[str]]:
    """Write a table of `FOODS` foods, as `import csv` reads it; return their names by language."""
    rows = [_row(number, TOLD[number % len(TOLD)]) for number in range(FOODS)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    return {language: [row[f"name_{language}"] for row in rows] for language in LANGUAGES}


def _row(number: int, food: StarterFood) -> dict[str, str]:
    turn = number // len(TOLD)
    form, kind = FORMS[turn % len(FORMS)], KINDS[(number + turn) % len(KINDS)]
    values = {code: getattr(food.nutrients, code) for code in CODES}
    return {
        "id": str(number),
        "name_en": ", ".join((food.name_en.capitalize(), form[0], kind[0])),
        "name_fr": ", ".join((food.name_fr.capitalize(), form[1], kind[1])),
        "per": food.per,
        **{code: "" if value is None else f"{value:f}" for code, value in values.items()},
    }


def fill(writer: Writer, person: Person, imported: dict[str, list[str]]) -> Larder:
    """Give the household foods of its own, and teach it names."""
    own = [f"{food.name_en} {maker}" for maker in MAKERS for food in STARTER][:OWN_FOODS]
    ids = writer.write_foods(person, own)
    writer.teach(person, [(f"{writer.text(2)} {number}", ids[number]) for number in range(TAUGHT)])
    return Larder(person, own, imported)
