"""Names and lines: which foods are meant, and what a household teaches."""

from uuid import UUID

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from popote_kit import pages
from popote_kit.database import Database, Kitchen
from popote_kit.etags import tagged
from popote_kit.identity import Caller
from popote_kit.pages import CursorText, Limit, Page
from popote_kit.problems import TooMany, documented
from popote_kit.rules import ASKS, READ, WRITE, no_guests
from popote_nutrition import actions, queries
from popote_nutrition.errors import NoName
from popote_nutrition.queries.names import Place
from popote_nutrition.wire.names import (
    LearnedShown,
    MatchesShown,
    NamesAsked,
    Teach,
    ToUnderstand,
    UnderstoodShown,
)


@post(
    "/api/nutrition/match", operation_id="match_names", status_code=200, opt=ASKS, responses=documented(*READ)
)  # fmt: skip
async def match_names(
    data: JSONBody[NamesAsked], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> MatchesShown:
    """Match names to foods. What is only like a food is never taken for it: `ask`."""
    language = data.language or caller.language
    async with database.kitchen(caller.household) as kitchen:
        matched = await actions.matching.match_names(kitchen, data.names, language)
    return MatchesShown.of(data.names, matched, language)


@post(
    "/internal/understand", operation_id="understand", status_code=200, opt=ASKS, responses=documented(*READ)
)  # fmt: skip
async def understand(
    data: JSONBody[ToUnderstand], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> UnderstoodShown:
    """Parse lines and match them, and bare names, for another service; with the facts to convert what they say.

    With `food_ids` the facts of these come too.
    """
    language = data.language or caller.language
    async with database.kitchen(caller.household) as kitchen:
        understood = await actions.matching.understand(kitchen, data.lines, language)
        matched = await actions.matching.match_names(kitchen, data.names, language)
        known = await queries.foods.read_foods(kitchen, data.food_ids) if data.food_ids else {}
    return UnderstoodShown.of(understood, data.names, matched, known.values(), language)


@get("/api/nutrition/names", operation_id="list_learned_names", responses=documented(*READ))
async def list_learned_names(
    kitchen: NamedDependency[Kitchen], limit: Limit = 50, cursor: CursorText = None
) -> Page[LearnedShown]:
    """List the names that the household taught."""
    found = await queries.names.list_learned(kitchen, limit + 1, pages.place(cursor, Place))
    page = pages.page(found, limit, lambda last: Place(last.key))
    return Page([LearnedShown.of(each) for each in page.items], page.next_cursor)


@put(
    "/api/nutrition/names", operation_id="teach_name", guards=[no_guests], responses=documented(*WRITE, NoName, TooMany)
)  # fmt: skip
async def teach_name(data: JSONBody[Teach], kitchen: NamedDependency[Kitchen]) -> Response[LearnedShown]:
    """Say which food a name means; it holds from now on, for everybody in the household."""
    learned = await actions.matching.learn(kitchen, data.name, data.food_id)
    return tagged(LearnedShown.of(learned), learned.version)


@delete(
    "/api/nutrition/names/{id:uuid}", operation_id="forget_name", guards=[no_guests], responses=documented(*WRITE)
)  # fmt: skip
async def forget_name(id: FromPath[UUID], kitchen: NamedDependency[Kitchen]) -> None:
    """Forget what was taught of a name."""
    await actions.matching.forget(kitchen, id)


ROUTES = [match_names, understand, list_learned_names, teach_name, forget_name]
