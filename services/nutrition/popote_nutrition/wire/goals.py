"""Goals on the wire."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from msgspec import Meta, Struct, field

from popote_kit.problems import Invalid
from popote_kit.quantity import Amount
from popote_nutrition.model.days import check_days
from popote_nutrition.model.foods import Language
from popote_nutrition.model.goals import LEVELS, LIMITATION, WEEKDAYS, Activity, Estimate, Goals, GoalSet, Sex, goals_of
from popote_nutrition.model.nutrients import Nutrients

BirthYear = Annotated[int, Meta(ge=1900, le=2200, description="It counts as the age before this year's birthday.")]
Age = Annotated[int, Meta(ge=0, le=120, description="In years.")]


class NutrientGoals(Nutrients, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is wanted of each nutrient in a day; what is left out or null has no goal."""


class WeekGoals(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Goals of days of the week: they go before those of every day, nutrient by nutrient."""

    monday: NutrientGoals = field(default_factory=NutrientGoals)
    tuesday: NutrientGoals = field(default_factory=NutrientGoals)
    wednesday: NutrientGoals = field(default_factory=NutrientGoals)
    thursday: NutrientGoals = field(default_factory=NutrientGoals)
    friday: NutrientGoals = field(default_factory=NutrientGoals)
    saturday: NutrientGoals = field(default_factory=NutrientGoals)
    sunday: NutrientGoals = field(default_factory=NutrientGoals)


class SetGoals(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is wanted from a day on, today where it is left out, until the next goals; nothing ends all goals there."""

    from_day: date | None = field(name="from", default=None)
    every_day: NutrientGoals = field(default_factory=NutrientGoals)
    weekdays: WeekGoals = field(default_factory=WeekGoals)

    def goals(self) -> Goals:
        """Return the goals of each day of the week.

        Raises:
            Invalid: no day can have such a goal, or `from` is of another century.
        """
        check_days({"from": self.from_day})
        return goals_of(self.every_day, {name: getattr(self.weekdays, name) for name in WEEKDAYS})


class GoalsShown(Struct, kw_only=True):
    """What is wanted from a day on: `weekdays` has the days of the week with goals; a nutrient without one is null."""

    id: UUID
    from_day: date = field(name="from")
    weekdays: dict[str, Nutrients]
    version: int
    created_at: datetime

    @classmethod
    def of(cls, goals: GoalSet) -> Self:
        return cls(
            id=goals.id,
            from_day=goals.from_day,
            weekdays={WEEKDAYS[number - 1]: each for number, each in sorted(goals.goals.items())},
            version=goals.version,
            created_at=goals.created_at,
        )


class EstimateAsked(Struct, forbid_unknown_fields=True, kw_only=True):
    """What the estimate needs to know: either an age or a year of birth. Without a weight it takes the last one."""

    sex: Sex
    age: Age | None = None
    birth_year: BirthYear | None = None
    height_cm: Amount
    weight_kg: Amount | None = None
    activity: Activity

    def years(self, today: date) -> int:
        """Return the age in years, never one too many.

        Raises:
            Invalid: it is said twice, or not at all.
        """
        if self.age is not None and self.birth_year is None:
            return self.age
        if self.birth_year is not None and self.age is None:
            return max(today.year - self.birth_year - 1, 0)
        raise Invalid(errors=[{"pointer": "", "message": "it has either age or birth_year"}])


class EstimateShown(Struct, kw_only=True):
    """The energy that an adult needs in a day, for whom that is no more than an estimate, and what it follows from."""

    energy_kcal: int
    energy_kj: int
    activity: str
    limitation: str

    @classmethod
    def of(cls, estimate: Estimate, activity: Activity, language: Language) -> Self:
        return cls(
            energy_kcal=estimate.kcal,
            energy_kj=estimate.kj,
            activity=getattr(LEVELS[activity], language),
            limitation=LIMITATION[language],
        )
