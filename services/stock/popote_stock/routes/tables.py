"""Stock as a table: CSV out and in."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import QueryParameter
from litestar.response import Stream

from popote_kit import codec, errors
from popote_kit.database import Database, Kitchen
from popote_kit.idempotency import KeyMissing
from popote_kit.identity import Caller
from popote_kit.problems import TooLarge, documented
from popote_kit.rules import KEYED, READ, WRITE, adults_only
from popote_stock import actions
from popote_stock.errors import BadTable, NotCsv
from popote_stock.model.table import COLUMNS, MAX_ROWS, NEEDED, read
from popote_stock.peers import Nutrition
from popote_stock.wire.tables import Imported, RefusedRow

CSV: Final = "text/csv"
UTF_8: Final = frozenset({"", "charset=utf-8", 'charset="utf-8"'})

DryRun = Annotated[bool, QueryParameter(description="Only tell what would happen.")]


@dataclass
class TakesCsv(Operation):
    """An operation whose body is a table."""

    def __post_init__(self) -> None:
        needed = ", ".join(f"`{column.name}`" for column in NEEDED)
        others = ", ".join(f"`{column.name}`" for column in COLUMNS if column not in NEEDED)
        self.request_body = RequestBody(
            content={CSV: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))},
            description=f"UTF-8, at most {MAX_ROWS} rows under a header with {needed}, and as may be {others}.",
            required=True,
        )


@get("/api/stock/export.csv", operation_id="export_table", media_type=CSV, responses=documented(*READ))
async def export_table(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> Stream:
    """Give everything on hand as a table, a row a lot; `import` takes it again."""
    return Stream(
        actions.tables.export(database, caller),
        media_type=f"{CSV}; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="popote.csv"'},
    )


@post(
    "/api/stock/import", operation_id="import_table", status_code=200, guards=[adults_only], opt=KEYED,
    operation_class=TakesCsv, responses=documented(*WRITE, KeyMissing, NotCsv, BadTable, TooLarge),
)  # fmt: skip
async def import_table(
    request: Request[Any, Any, Any],
    kitchen: NamedDependency[Kitchen],
    caller: NamedDependency[Caller],
    nutrition: NamedDependency[Nutrition],
    dry_run: DryRun = False,  # noqa: FBT002 - a query parameter
) -> Imported:
    """Add what a table tells, as one purchase with one undo; rows that are wrong are told and left out.

    Cells are parted by commas, or by semicolons, and then decimals may have a comma. Column names and days may be
    English or French. Items, locations and categories that are not known yet are made, and stay when the purchase is
    undone; of an item that is known, the row's category, barcode and note do not count.
    """
    table = read(await _text(request), kitchen.today)
    if dry_run:
        outcome = await actions.tables.try_table(kitchen, table)
    else:
        told = await actions.foods.of_new_names(kitchen, nutrition, [row.item for row in table.rows])
        outcome = await actions.tables.bring_in_table(kitchen, caller, table, told)
    language = errors.language(request.headers.get("accept-language"))
    refused = [RefusedRow.of(refusal, language) for refusal in outcome.refused]
    return Imported(outcome.action_id, outcome.added, refused)


async def _text(request: Request[Any, Any, Any]) -> str:
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    if media_type.strip() != CSV or parameters.strip() not in UTF_8:
        raise NotCsv
    return codec.decode_text(await request.body())


ROUTES = [export_table, import_table]
