"""What a person wants to eat in a day, how a day stands against that, and an estimate of what an adult needs."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct

from popote_kit.problems import Invalid, at
from popote_nutrition.errors import AdultsOnly
from popote_nutrition.model.nutrients import KJ_IN_KCAL, UNKNOWN, Impossible, Nutrients
from popote_nutrition.model.totals import Portion

Weekday = Annotated[int, Meta(ge=1, le=7)]  # as ISO 8601 counts: Monday is 1
Goals = Mapping[int, Nutrients]  # for each weekday that has some; a nutrient that is None has no goal

MAX_GOAL: Final = {"energy_kj": Decimal(42_000), "energy_kcal": Decimal(10_000)}
MAX_GOAL_GRAMS: Final = Decimal(2000)
MAX_GOAL_SETS: Final = 1000
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class GoalSet(Struct, frozen=True, kw_only=True):
    """What a person wants from a day on, until that person's next ones: goals may be none at all."""

    id: UUID
    from_day: date
    goals: Goals
    version: int
    created_at: datetime


def goals_of(every_day: Nutrients, weekdays: Mapping[str, Nutrients]) -> Goals:
    """Return the goals of each day of the week, by its name: its own where it has some, else those of every day.

    Raises:
        Invalid: no day can have such a goal.
    """
    with at("every_day"):
        _require_possible(every_day)
    for name, own in weekdays.items():
        with at("weekdays", name):
            _require_possible(own)
    merged = {
        number: _first_known(weekdays.get(name, UNKNOWN), every_day) for number, name in enumerate(WEEKDAYS, start=1)
    }
    return {number: goals for number, goals in merged.items() if goals != UNKNOWN}


def _first_known(first: Nutrients, other: Nutrients) -> Nutrients:
    rest = dict(other.items())
    return Nutrients(**{code: rest[code] if amount is None else amount for code, amount in first.items()})


def _require_possible(goals: Nutrients) -> None:
    if found := senseless(goals):
        raise Invalid(errors=[{"pointer": f"/{each.code}", "message": each.message} for each in found])


def goals_on(goals: Goals, day: date) -> Nutrients:
    """Return what is wanted on a day: nothing where its weekday has no goals."""
    return goals.get(day.isoweekday(), UNKNOWN)


def senseless(goals: Nutrients) -> list[Impossible]:
    """Return the goals that no day can have, a sentence for each."""
    limits = ((code, amount, MAX_GOAL.get(code, MAX_GOAL_GRAMS)) for code, amount in goals.items())
    return [
        Impossible(code, f"Expected a number from 0 to {limit}")
        for code, amount, limit in limits
        if amount is not None and not 0 <= amount <= limit
    ]


class Standing(Struct, frozen=True, kw_only=True):
    """How a day stands against one goal.

    `eaten` is what is known to be eaten, None where nothing is; then so are `left` and `over`. Where it `is_partial`,
    there may be more eaten, so that `left` is what is left at most and `over` what is over at least.
    """

    code: str
    goal: Decimal
    eaten: Decimal | None
    left: Decimal | None
    over: Decimal | None
    is_partial: bool


def standings(goals: Nutrients, eaten: Portion) -> list[Standing]:
    """Return how each goal stands, in the order of the nutrients.

    A day on which nothing was entered is a `total` of no portions, of which nothing is known.
    """
    return list(_standings(goals, eaten))


def _standings(goals: Nutrients, day: Portion) -> Iterator[Standing]:
    amounts = dict(day.nutrients.items())
    for code, goal in goals.items():
        if goal is not None:
            eaten = amounts[code]
            yield Standing(
                code=code,
                goal=goal,
                eaten=eaten,
                left=None if eaten is None else max(goal - eaten, Decimal()),
                over=None if eaten is None else max(eaten - goal, Decimal()),
                is_partial=day.coverage[code] < 1,
            )


Sex = Literal["female", "male"]
Activity = Literal["sedentary", "light", "moderate", "active", "very_active"]

ADULT_YEARS: Final = 18
LIMITS: Final = {"age": (0, 120), "height_cm": (100, 250), "weight_kg": (30, 300)}
ROUNDED_TO: Final = 10
SEX_TERM: Final[dict[Sex, int]] = {"female": -161, "male": 5}


class Level(Struct, frozen=True):
    """How active a person is: what basal need is multiplied by, and what that is called."""

    factor: Decimal
    en: str
    fr: str


LEVELS: Final[dict[Activity, Level]] = {
    "sedentary": Level(Decimal("1.2"), "Sedentary: little or no exercise", "Sédentaire : peu ou pas d'exercice"),
    "light": Level(Decimal("1.375"), "Light: exercise 1 to 3 days a week", "Léger : exercice 1 à 3 jours par semaine"),
    "moderate": Level(
        Decimal("1.55"), "Moderate: exercise 3 to 5 days a week", "Modéré : exercice 3 à 5 jours par semaine"
    ),
    "active": Level(
        Decimal("1.725"), "Active: exercise 6 or 7 days a week", "Actif : exercice 6 ou 7 jours par semaine"
    ),
    "very_active": Level(
        Decimal("1.9"), "Very active: hard exercise or work every day", "Très actif : effort intense tous les jours"
    ),
}
LIMITATION: Final = {
    "en": "An estimate for healthy adults, within about 10 %. It does not hold in pregnancy, while breastfeeding, or in"
    " illness; ask a doctor or a dietitian.",
    "fr": "Une estimation pour adultes en bonne santé, à 10 % près environ. Elle ne vaut ni pendant la grossesse ou"
    " l'allaitement, ni en cas de maladie ; demandez conseil à un médecin ou à un diététicien.",
}


class Estimate(Struct, frozen=True):
    """The energy that an adult needs in a day, rounded to ten."""

    kcal: int
    kj: int


def estimate(*, sex: Sex, age: int, height_cm: Decimal, weight_kg: Decimal, activity: Activity) -> Estimate:
    """Return the daily need of energy of a healthy adult of that age in years, to within about 10 %.

    It does not hold in pregnancy, while breastfeeding, or in illness. No macronutrients follow from it.

    Source: Mifflin MD, St Jeor ST et al., Am J Clin Nutr 1990;51:241-7, times the customary factor of activity. It is
    within 10 % of the need measured at rest for more adults than equations like it (Frankenfield et al., J Am Diet
    Assoc 2005;105:775-89).

    Raises:
        AdultsOnly: the person is under 18.
        Invalid: an age, a height or a weight is out of bounds.
    """
    _require_sense({"age": Decimal(age), "height_cm": height_cm, "weight_kg": weight_kg})
    if age < ADULT_YEARS:
        raise AdultsOnly
    basal = 10 * weight_kg + Decimal("6.25") * height_cm - 5 * age + SEX_TERM[sex]
    kcal = basal * LEVELS[activity].factor
    return Estimate(_to_ten(kcal), _to_ten(kcal * KJ_IN_KCAL))


def _require_sense(values: Mapping[str, Decimal]) -> None:
    errors = [
        {"pointer": f"/{name}", "message": f"Expected a number from {low} to {high}"}
        for name, (low, high) in LIMITS.items()
        if not low <= values[name] <= high
    ]
    if errors:
        raise Invalid(errors=errors)


def _to_ten(energy: Decimal) -> int:
    return round(energy / ROUNDED_TO) * ROUNDED_TO
