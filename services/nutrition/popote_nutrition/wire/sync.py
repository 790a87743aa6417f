"""The rows that phones keep, as they are sent: each in the shape in which it is read."""

from datetime import datetime
from typing import Any, Final

import msgspec

from popote_kit.quantity import Amount
from popote_kit.sync import Kind
from popote_nutrition.model.nutrients import CODES
from popote_nutrition.model.weights import Weight
from popote_nutrition.queries import changes, diary
from popote_nutrition.queries.foods import food_of
from popote_nutrition.queries.goals import StoredGoals
from popote_nutrition.queries.names import Learned
from popote_nutrition.wire.diary import EntryShown
from popote_nutrition.wire.foods import FoodShown
from popote_nutrition.wire.goals import GoalsShown
from popote_nutrition.wire.names import LearnedShown
from popote_nutrition.wire.weights import WeightShown


def _food(data: dict[str, Any]) -> FoodShown:
    exact = {code: None if data[code] is None else Amount(data[code]) for code in CODES}
    made_at = msgspec.convert(data["created_at"], datetime)
    return FoodShown.of(food_of(data | exact | {"created_at": made_at}), "en")


def _goals(data: dict[str, Any]) -> GoalsShown:
    return GoalsShown.of(msgspec.convert(data, StoredGoals).read())


def _weight(data: dict[str, Any]) -> WeightShown:
    return WeightShown.of(msgspec.convert(data, Weight))


def _learned(data: dict[str, Any]) -> LearnedShown:
    return LearnedShown.of(msgspec.convert(data, Learned))


def _entry(data: dict[str, Any]) -> EntryShown:
    exact = {name: None if data[name] is None else Amount(data[name]) for name in diary.EXACT}
    return EntryShown.of(diary.entry_of(data | exact))


KINDS: Final = (
    Kind("food", changes.FOODS, _food),
    Kind("learned_name", changes.LEARNED_NAMES, _learned),
)
PERSONS_KINDS: Final = (
    Kind("entry", changes.ENTRIES, _entry),
    Kind("goal", changes.GOALS, _goals),
    Kind("weight", changes.WEIGHTS, _weight),
)
