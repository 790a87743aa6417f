"""Days of the diary, as they are shown."""

import datetime as dt

from popote_kit.database import Kitchen
from popote_nutrition import queries
from popote_nutrition.model.diary import MAX_A_DAY, Day
from popote_nutrition.model.goals import goals_on
from popote_nutrition.model.nutrients import UNKNOWN


async def read_day(kitchen: Kitchen, date: dt.date) -> Day:
    """Read what the person has eaten in a day, and wants to eat."""
    entries = await queries.diary.list_entries(kitchen, date, date, MAX_A_DAY)
    standing = await queries.goals.find_goals(kitchen, date)
    wanted = goals_on(standing.goals, date) if standing else UNKNOWN
    return Day(date, entries, None if wanted == UNKNOWN else wanted)
