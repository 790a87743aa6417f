"""Recipes as households keep them, made of the starter foods: the same on every run."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import accumulate
from typing import Final
from uuid import UUID

from bench.larder import STARTER, UNKNOWN, misspelt
from bench.people import Person

from popote_kit.quantity import MASS, VOLUME, rates
from popote_nutrition.starter import StarterFood
from popote_recipes.model.recipes import Content, Ingredient, Language, Recipe, Step
from popote_recipes.peers import MAX_ASKED, Nutrition

LINES: Final = 12  # of a recipe
STEPS: Final = 6
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)

LANGUAGES: Final[Sequence[Language]] = ("en", "fr")
TITLES: Final[Mapping[Language, Sequence[str]]] = {
    "en": (
        "Roast {0} with {1}", "{0} and {1} soup", "Slow-cooked {0}, {1} and {2}", "Crispy {0} tart", "{0} pie",
        "Grandma's {0} with {1} sauce", "Quick {0} curry", "Warm {0} salad with {1}", "Baked {0} and {1} gratin",
        "One-pot {0} with {1}", "{0} risotto", "Spicy {0} and {1} noodles", "Sunday {0} stew", "No-knead {0} bread",
    ),
    "fr": (
        "Tarte {0} et {1}", "Gratin {0} et {1}", "Velouté {0}", "Poêlée {0}, {1} et {2}", "Gâteau moelleux {0}",
        "Soupe {0} et {1} de mamie", "Crêpes {0}", "Mijoté {0}, {1} et {2}", "Salade tiède {0}, {1}",
        "Curry express {0}", "Risotto crémeux {0} et {1}", "Clafoutis {0}", "Pâtes fraîches {0}, sauce {1}",
        "Brochettes grillées {0} et {1}",
    ),
}  # fmt: skip
# By what they measure: a line asks in what its food is counted in, or says no amount.
AMOUNTS: Final[Mapping[Language, Mapping[str, Sequence[str]]]] = {
    "en": {
        "mass": ("200 g {}", "30 g of {}"),
        "volume": ("2 tbsp {}", "1 cup {}", "1 1/2 tsp {}", "75 ml of {}"),
        "piece": ("3 {}", "1 large {}, chopped"),
        "": ("{}",),
    },
    "fr": {
        "mass": ("200 g de {}", "30 g de {}"),
        "volume": ("2 c. à soupe de {}", "1 verre de {}", "10 cl de {}"),
        "piece": ("3 {}", "1 gros {}, émincé"),
        "": ("{}",),
    },
}
OFFERS: Final[Mapping[Language, str]] = {"en": "100 g {} or {}", "fr": "100 g de {} ou {}"}
TO_TASTE: Final[Mapping[Language, str]] = {"en": "{}, to taste", "fr": "{}, à volonté"}
STEP: Final[Mapping[Language, str]] = {
    "en": "Put the {} into a heavy pan with a little water, cover, and let it cook gently until it is soft; stir now "
    "and then, and taste before you go on.",
    "fr": "Mettre {} dans une casserole à fond épais avec un peu d'eau, couvrir et laisser cuire à feu doux jusqu'à ce "
    "que ce soit tendre ; remuer de temps en temps et goûter avant de continuer.",
}
TAGS: Final = ("dessert", "soupe", "rapide", "végétarien", "dimanche", "four", "enfants", "hiver")


class Cuisine:
    """What recipes are made of: few foods are in many, and three of four are in stock."""

    def __init__(self) -> None:
        self._chance = random.Random(9)
        self.foods = self._chance.sample(STARTER, len(STARTER))
        self._weights = list(accumulate(1 / (rank + 20) for rank in range(len(self.foods))))
        self._plain: dict[Language, list[list[Ingredient]]] = {}
        self._others: dict[Language, list[list[Ingredient]]] = {}

    def kept(self, number: int) -> list[StarterFood]:
        """Return so many of the foods that are in stock."""
        return [food for rank, food in enumerate(self.foods) if rank % 4][:number]

    async def learn(self, nutrition: Nutrition, household: UUID) -> None:
        """Ask nutrition what the lines mean of which recipes are made."""
        for language in LANGUAGES:
            plain, others = self._plain_lines(language), self._other_lines(language)
            asked = [line for lines in plain + others for line in lines]
            told: list[Ingredient] = []
            for start in range(0, len(asked), MAX_ASKED):
                answer = await nutrition.understand(household, asked[start : start + MAX_ASKED], language)
                if answer is None:
                    raise RuntimeError("nutrition does not tell what lines mean")
                told += [each.ingredient for each in answer.lines]
            found = iter(told)
            read = [[next(found) for _ in lines] for lines in plain + others]
            self._plain[language], self._others[language] = read[: len(plain)], read[len(plain) :]

    def recipes(self, number: int, person: Person) -> Iterator[Recipe]:
        """Give recipes of twelve lines, French and English in turn.

        Most name a food. One is to taste or without an amount, one is misspelt or names nothing, and in every second
        recipe one offers two foods.
        """
        for count in range(number):
            language = LANGUAGES[count % 2]
            others = self._others[language][count // 2 % 2 :]
            ranks = self._ranks(LINES - len(others))
            lines = [self._chance.choice(self._plain[language][rank]) for rank in ranks]
            lines += [self._chance.choice(each) for each in others]
            names = [self.foods[rank].names(language)[0] for rank in ranks]
            yield Recipe(
                id=UUID(int=self._chance.getrandbits(128), version=4),
                title=self._chance.choice(TITLES[language]).format(*names).capitalize()[:200],
                language=language,
                servings=Decimal(self._chance.choice((2, 4, 4, 6))),
                minutes=self._chance.choice((None, 10, 20, 30, 45, 60, 90, 150)),
                tags=self._chance.sample(TAGS, 2),
                content=Content(
                    ingredients=lines, steps=[Step(text=STEP[language].format(name)) for name in names[:STEPS]]
                ),
                created_by=UUID(person.id),
                created_at=NOW,
                updated_at=NOW,
            )

    def _ranks(self, number: int) -> list[int]:
        """Return the ranks of so many foods; no recipe names one twice, but for what its lines offer."""
        ranks: dict[int, None] = {}
        while len(ranks) < number:
            ranks[self._chance.choices(range(len(self.foods)), cum_weights=self._weights)[0]] = None
        return list(ranks)

    def _plain_lines(self, language: Language) -> list[list[str]]:
        return [
            [amount.format(food.names(language)[0]) for amount in self._chance.sample(_amounts(food, language), 3)]
            for food in self.foods
        ]

    def _other_lines(self, language: Language) -> list[list[str]]:
        names = [food.names(language)[0] for food in self.foods[:200]]
        return [
            [OFFERS[language].format(*pair) for pair in zip(names[::2], names[1::2], strict=True)],
            [TO_TASTE[language].format(name) for name in names[:50]] + names[50:100],
            [AMOUNTS[language]["mass"][0].format(misspelt(name)) for name in names[:50]]
            + [UNKNOWN[language].format(name) for name in names[50:100]],
        ]


def _amounts(food: StarterFood, language: Language) -> list[str]:
    counted = {"", *rates(MASS, food.facts), *(rates(VOLUME, food.facts) if food.per == "ml" else ())}
    return [amount for measure, amounts in AMOUNTS[language].items() if measure in counted for amount in amounts]
