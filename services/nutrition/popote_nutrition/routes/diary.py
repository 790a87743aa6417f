"""The diary: what one person has eaten. Nobody else sees it, nor those of the same household."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream

from popote_kit import pages
from popote_kit.clock import Clock
from popote_kit.database import Database, Kitchen
from popote_kit.etags import IfMatch, tagged
from popote_kit.idempotency import KeyMissing
from popote_kit.identity import Caller
from popote_kit.pages import CursorText, Limit, Page
from popote_kit.problems import IdTaken, NotFound, PreconditionRequired, Stale, TooMany, documented
from popote_kit.rules import COUNTED, KEYED, READ
from popote_kit.work import asking_first
from popote_nutrition import actions, queries
from popote_nutrition.model import export
from popote_nutrition.model.days import FIRST_DAY, LAST_DAY, MAX_DAYS, Period, check_days, period
from popote_nutrition.model.diary import Meal
from popote_nutrition.peers import Asked, Recipes, Stock
from popote_nutrition.queries.diary import Place
from popote_nutrition.wire.diary import (
    CopyEntries,
    DayShown,
    EditEntry,
    EntriesShown,
    EntryShown,
    NewEntry,
    UsedList,
    UsedShown,
)

CSV: Final = "text/csv"
FREQUENT_DAYS: Final = 90
EDITED: Final = (*READ, NotFound, Stale, PreconditionRequired)

From = Annotated[dt.date | None, QueryParameter(name="from", description="The first day.")]
To = Annotated[dt.date | None, QueryParameter(name="to", description="The last day.")]
ForMeal = Annotated[Meal | None, QueryParameter(name="meal", description="Only what was eaten at this meal.")]


async def ask_peers(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    stock: NamedDependency[Stock],
    recipes: NamedDependency[Recipes],
) -> Asked:
    """Ask stock what the item is, or recipes what the recipe is made of, if the entry names one."""
    new: NewEntry = await request.json()
    new.check()
    return await Asked.about(
        item=stock.item(request.headers["authorization"], new.item_id) if new.item_id else None,
        recipe=recipes.recipe(caller.household, new.recipe_id) if new.recipe_id else None,
    )


@post(
    "/api/nutrition/diary", operation_id="create_entry",
    responses=documented(*READ, *COUNTED, NotFound, IdTaken, TooMany),
    dependencies=asking_first(ask_peers),
)  # fmt: skip
async def create_entry(
    data: JSONBody[NewEntry],
    caller: NamedDependency[Caller],
    asked: NamedDependency[Asked],
    kitchen: NamedDependency[Kitchen],
) -> Response[EntryShown]:
    """Write down what was eaten, with its values as they are now; with an id that was used before, give that one again.

    What free text is taken for, or why it is not, stands in the answer: an entry may have no values.
    """
    made = await actions.diary.create_entry(kitchen, data, asked, caller.language)
    return tagged(EntryShown.of(made), made.version)


@get("/api/nutrition/diary", operation_id="list_entries", responses=documented(*READ))
async def list_entries(
    kitchen: NamedDependency[Kitchen],
    first: From = None,
    last: To = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[EntryShown]:
    """List entries, in the order of days and meals."""
    check_days({"from": first, "to": last})
    days = (first or FIRST_DAY, last or LAST_DAY)
    found = await queries.diary.list_entries(kitchen, *days, limit + 1, pages.place(cursor, Place))
    page = pages.page(found, limit, Place.of)
    return Page([EntryShown.of(entry) for entry in page.items], page.next_cursor)


@get("/api/nutrition/diary/{id:uuid}", operation_id="get_entry", responses=documented(*READ, NotFound))
async def get_entry(id: FromPath[UUID], kitchen: NamedDependency[Kitchen]) -> Response[EntryShown]:
    """Read an entry."""
    found = await queries.diary.read_entry(kitchen, id)
    return tagged(EntryShown.of(found), found.version)


@patch(
    "/api/nutrition/diary/{id:uuid}", operation_id="edit_entry", responses=documented(*EDITED, *COUNTED, TooMany)
)  # fmt: skip
async def edit_entry(
    id: FromPath[UUID],
    data: JSONBody[EditEntry],
    kitchen: NamedDependency[Kitchen],
    if_match: NamedDependency[IfMatch],
) -> Response[EntryShown]:
    """Change an entry. Another quantity changes its values with it; foods are not read again."""
    data.check()
    changed = await actions.diary.edit_entry(kitchen, id, data, if_match)
    return tagged(EntryShown.of(changed), changed.version)


@delete("/api/nutrition/diary/{id:uuid}", operation_id="delete_entry", responses=documented(*EDITED))
async def delete_entry(
    id: FromPath[UUID], kitchen: NamedDependency[Kitchen], if_match: NamedDependency[IfMatch]
) -> None:
    """Forget an entry."""
    await actions.diary.delete_entry(kitchen, id, if_match)


@post(
    "/api/nutrition/diary/copy", operation_id="copy_entries", opt=KEYED,
    responses=documented(*READ, KeyMissing, TooMany),
)  # fmt: skip
async def copy_entries(data: JSONBody[CopyEntries], kitchen: NamedDependency[Kitchen]) -> EntriesShown:
    """Write down for one day what was eaten on another; the copies have the values of those entries."""
    data.check()
    made = await actions.diary.copy_entries(kitchen, data)
    return EntriesShown([EntryShown.of(entry) for entry in made])


@get("/api/nutrition/diary/recent", operation_id="list_recent", responses=documented(*READ))
async def list_recent(kitchen: NamedDependency[Kitchen], limit: Limit = 20) -> UsedList:
    """List what was entered last, each thing once, with what to post to enter it again."""
    return UsedList([UsedShown.of(each) for each in await queries.diary.read_recent(kitchen, limit)])


@get("/api/nutrition/diary/frequent", operation_id="list_frequent", responses=documented(*READ))
async def list_frequent(kitchen: NamedDependency[Kitchen], meal: ForMeal = None, limit: Limit = 20) -> UsedList:
    """List what was eaten most often in the last 90 days, with what to post to enter it again."""
    since = kitchen.today - dt.timedelta(days=FREQUENT_DAYS)
    return UsedList([UsedShown.of(each) for each in await queries.diary.read_frequent(kitchen, meal, since, limit)])


@get("/api/nutrition/diary/export", operation_id="export_diary", media_type=CSV, responses=documented(*READ))
async def export_diary(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    first: From = None,
    last: To = None,
) -> Stream:
    """Give the entries of at most 366 days as a table, a row an entry; without days, of the last 366."""
    today = clock().astimezone(ZoneInfo(caller.zone)).date()
    asked = period(first, last, None if first else MAX_DAYS, today)
    return Stream(
        _table(database, caller, asked),
        media_type=f"{CSV}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="popote-diary-{asked.first}-{asked.last}.csv"'},
    )


async def _table(database: Database, caller: Caller, asked: Period) -> AsyncIterator[str]:
    yield export.header()
    async for page in actions.diary.read_range(database, caller, asked):
        yield export.rows(page)


@get("/api/nutrition/days/{date:date}", operation_id="get_day", responses=documented(*READ, NotFound))
async def get_day(date: FromPath[dt.date], kitchen: NamedDependency[Kitchen]) -> DayShown:
    """Read a day: what was eaten, what that comes to in all and for each meal, what is not known, and what is left."""
    check_days({"date": date})
    return DayShown.of(await actions.days.read_day(kitchen, date))


ROUTES = [
    create_entry, list_entries, get_entry, edit_entry, delete_entry, copy_entries, list_recent, list_frequent,
    export_diary, get_day,
]  # fmt: skip
