"""Days of the diary, as they are shown."""

import datetime as dt

from popote_kit.database import Kitchen
from popote_nutrition import queries
from popote_nutrition.model.diary import MAX_A_DAY, Day


async def read_day(kitchen: Kitchen, date: dt.date) -> Day:
    """Read what the person has eaten in a day."""
    return Day(date, await queries.diary.list_entries(kitchen, date, date, MAX_A_DAY))
