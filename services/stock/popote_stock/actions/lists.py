"""Shopping lists, made and changed."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace

from popote_kit import sync
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, etag
from popote_kit.problems import Invalid, NotFound
from popote_stock import events, queries
from popote_stock.actions.refusals import refuse_buried, refuse_more, refuse_named
from popote_stock.model.lists import MAX_LISTS, ShoppingList
from popote_stock.queries.lists import Counted
from popote_stock.wire.lists import EditList


async def create_list(kitchen: Kitchen, id: UUID, name: str) -> Counted:
    """Make a list; an id that is used already gives that one, unchanged.

    Raises:
        IdTaken: a list had the id that was deleted since.
        NameTaken: another list has the name.
        TooMany: the household has 50.
    """
    version = await sync.next_version(kitchen)
    if known := await queries.lists.list_lists(kitchen, id):
        return known[0]
    await refuse_buried(kitchen, "list", id)
    return await make_list(kitchen, id, name, version)


async def make_list(kitchen: Kitchen, id: UUID, name: str, version: int) -> Counted:
    """Make a list in this transaction, whose version is given.

    Raises:
        NameTaken: another list has the name.
        TooMany: the household has 50.
    """
    await refuse_more(kitchen, "list", MAX_LISTS)
    new = Counted(id, name, [], version, kitchen.now, open=0, ticked=0)
    await _store(kitchen, new)
    return new


async def edit_list(kitchen: Kitchen, id: UUID, edit: EditList, if_match: IfMatch) -> Counted:
    """Change a list.

    Raises:
        NotFound: there is no such list, or no such category.
        Stale, PreconditionRequired: it is not in that version.
        NameTaken: another list has the name.
        Invalid: an aisle stands there twice.
    """
    version = await sync.next_version(kitchen)
    known = await queries.lists.read_list(kitchen, id)
    if_match.check(etag(known.version))
    changed = replace(known, version=version)
    if edit.name is not UNSET:
        changed = replace(changed, name=edit.name.strip())
    if edit.aisles is not UNSET:
        await _check_aisles(kitchen, edit.aisles)
        changed = replace(changed, aisles=edit.aisles)
    await _store(kitchen, changed)
    return changed


async def _check_aisles(kitchen: Kitchen, aisles: Sequence[UUID]) -> None:
    if len(set(aisles)) < len(aisles):
        raise Invalid(errors=[{"pointer": "/aisles", "message": "each category stands in the order once"}])
    if not {each.id for each in await queries.places.list_categories(kitchen)}.issuperset(aisles):
        raise NotFound


async def _store(kitchen: Kitchen, shopping_list: ShoppingList) -> None:
    await refuse_named(kitchen, "list", shopping_list.name, shopping_list.id)
    await queries.lists.put_list(kitchen, shopping_list)
    await events.list_changed(kitchen, shopping_list.version, shopping_list.id)


async def delete_list(kitchen: Kitchen, id: UUID, if_match: IfMatch) -> None:
    """Forget a list, and what stands on it.

    Raises:
        NotFound, Stale, PreconditionRequired: there is none, or not in that version.
    """
    version = await sync.next_version(kitchen)
    if_match.check(etag((await queries.lists.read_list(kitchen, id)).version))
    lines = await queries.lists.delete_list(kitchen, id)
    await sync.bury(kitchen, "list_line", lines, version)
    await sync.bury(kitchen, "list", [id], version)
    await events.list_changed(kitchen, version, id)
