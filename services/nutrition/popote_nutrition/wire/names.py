"""Names and lines on the wire."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from msgspec import Meta, Struct

from popote_kit.quantity import Quantity
from popote_nutrition.actions.matching import Matched, Understood
from popote_nutrition.model.foods import Food, Language
from popote_nutrition.model.lines import MAX_LINE, Line
from popote_nutrition.model.matching import How, Match, Status
from popote_nutrition.queries.names import Learned
from popote_nutrition.wire.foods import MAX_IDS, FoodFacts, Name

MAX_BATCH = 200

LineText = Annotated[str, Meta(max_length=MAX_LINE)]
Lines = Annotated[list[LineText], Meta(max_length=MAX_BATCH)]
ManyNames = Annotated[list[Annotated[str, Meta(max_length=MAX_LINE)]], Meta(max_length=MAX_BATCH)]


class NamesAsked(Struct, forbid_unknown_fields=True):
    """Names of foods; without a language they are in the household's."""

    names: ManyNames
    language: Language | None = None


class FoodBrief(Struct):
    """Which food, and where it comes from."""

    id: UUID
    name: str
    source: str

    @classmethod
    def of(cls, food: Food, language: str) -> Self:
        return cls(food.id, food.named(language), food.source)


class MatchShown(Struct, kw_only=True):
    """What a name means. `ask` a person when there are only `candidates`: the likeliest comes first."""

    name: str
    status: Status
    how: How | None
    confidence: float
    food: FoodBrief | None
    candidates: list[FoodBrief]

    @classmethod
    def of(cls, name: str, match: Match, matched: Matched, language: str) -> Self:
        food = matched.food(match)
        return cls(
            name=name,
            status=match.status,
            how=match.how,
            confidence=match.confidence,
            food=FoodBrief.of(food, language) if food else None,
            candidates=[
                FoodBrief.of(matched.foods[each], language) for each in match.candidates if each in matched.foods
            ],
        )


class MatchesShown(Struct):
    """One match for each name, in the order asked."""

    items: list[MatchShown]

    @classmethod
    def of(cls, names: list[str], matched: Matched, language: str) -> Self:
        pairs = zip(names, matched.matches, strict=True)
        return cls([MatchShown.of(name, match, matched, language) for name, match in pairs])


class ToUnderstand(Struct, forbid_unknown_fields=True):
    """Lines of recipes, to be parsed and matched; bare names, to be matched; and foods that are known already."""

    lines: Lines = []
    names: ManyNames = []
    food_ids: Annotated[list[UUID], Meta(max_length=MAX_IDS)] = []
    language: Language | None = None


class LineShown(Struct, kw_only=True):
    """A line, parsed. `at_most` is the upper end of a range, `equivalent` the same in another measure."""

    line: str
    quantity: Quantity | None
    at_most: Quantity | None
    equivalent: Quantity | None
    name: str
    note: str | None
    is_section: bool
    is_to_taste: bool
    alternatives: list[str]
    confidence: float
    match: MatchShown

    @classmethod
    def of(cls, line: Line, match: MatchShown) -> Self:
        same = ("quantity", "at_most", "equivalent", "name", "note", "is_section", "is_to_taste", "confidence")
        return cls(
            line=line.raw,
            alternatives=list(line.alternatives),
            match=match,
            **{name: getattr(line, name) for name in same},
        )


class UnderstoodShown(Struct):
    """Lines and names in the order asked, and how amounts count of the foods that they mean, or that were asked for.

    A food that nobody knows is left out.
    """

    lines: list[LineShown]
    names: list[MatchShown]
    foods: list[FoodFacts]

    @classmethod
    def of(
        cls, understood: Understood, names: list[str], matched: Matched, known: Iterable[Food], language: str
    ) -> Self:
        lines = [
            LineShown.of(line, MatchShown.of(line.name, match, understood.matched, language))
            for line, match in zip(understood.lines, understood.matched.matches, strict=True)
        ]
        both = ((understood.matched, understood.matched.matches), (matched, matched.matches))
        foods = {food.id: food for group, matches in both for match in matches if (food := group.food(match))}
        foods |= {food.id: food for food in known}
        return cls(
            lines,
            MatchesShown.of(names, matched, language).items,
            [FoodFacts.of(food, language) for food in foods.values()],
        )


class Teach(Struct, forbid_unknown_fields=True):
    """From now on the household means this food by that name."""

    name: Name
    food_id: UUID


class LearnedShown(Struct):
    """A name that was taught, and the food that it means."""

    id: UUID
    name: str
    food_id: UUID
    created_at: datetime
    version: int

    @classmethod
    def of(cls, learned: Learned) -> Self:
        return cls(learned.id, learned.name, learned.food_id, learned.created_at, learned.version)
