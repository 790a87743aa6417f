"""Which items, locations and categories the rows of a table name, and what is to be made for them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, Generic, TypeVar
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec import Struct

from popote_kit import quantity
from popote_kit.database import Kitchen
from popote_kit.problems import Invalid, Problem, TooMany
from popote_kit.quantity import UnknownConversion
from popote_stock import events, queries
from popote_stock.errors import BarcodeTaken, TooLittle
from popote_stock.model import barcode
from popote_stock.model.foods import Told
from popote_stock.model.items import MAX_ITEMS, Barcode, Item
from popote_stock.model.places import MAX_CATEGORIES, MAX_LOCATIONS
from popote_stock.model.table import Refusal, RefusedCell, Row
from popote_stock.queries.places import Category, Location

T = TypeVar("T")

NO_ITEM: Final = UUID(int=0)  # to whom every barcode is another's


class Placed(Struct):
    """A row, with the item and the location that it names."""

    row: Row
    item: Item
    location_id: UUID | None


class Named(Generic[T]):
    """What the household has of one kind, by the keys of the names, and what is to be made; `limit` in all."""

    def __init__(self, known: Mapping[str, T], *, count: int, limit: int) -> None:
        self._known = known
        self._count = count
        self._limit = limit
        self.new: dict[str, T] = {}

    @property
    def count(self) -> int:
        return self._count + len(self.new)

    def find(self, key: str) -> T | None:
        return self._known.get(key) or self.new.get(key)

    def find_or_make(self, key: str, make: Callable[[], T]) -> T:
        """Return what has this key, or else a new one, which is not there before it is kept.

        Raises:
            TooMany: there may not be one more.
        """
        found = self.find(key)
        if found is None and self.count >= self._limit:
            raise TooMany(limit=self._limit)
        return make() if found is None else found

    def keep(self, key: str, thing: T) -> None:
        if self.find(key) is None:
            self.new[key] = thing


class Intake:
    """The rows that can be brought in and those that can't, one row after the other; a refused row makes nothing."""

    def __init__(  # noqa: PLR0913 - what the household has, by name
        self,
        kitchen: Kitchen,
        version: int,
        *,
        keys: Mapping[str, str],
        items: Named[Item],
        locations: Named[Location],
        categories: Named[Category],
        barcodes: Mapping[str, UUID],
    ) -> None:
        self._now = kitchen.now
        self._version = version
        self._keys = keys
        self._items = items
        self._locations = locations
        self._categories = categories
        self._barcodes = dict(barcodes)
        self.placed: list[Placed] = []
        self.refused: list[Refusal] = []

    def add(self, row: Row) -> None:
        try:
            self.placed.append(self._place(row))
        except RefusedCell as refused:
            self.refused.append(Refusal(row.number, refused.column, refused.problem))

    async def make(self, kitchen: Kitchen, told: Told) -> None:
        """Make what the rows name and the household does not have yet; `told` may say of what food the items are."""
        await queries.places.put_locations(kitchen, list(self._locations.new.values()))
        await queries.places.put_categories(kitchen, list(self._categories.new.values()))
        if self._locations.new or self._categories.new:
            await events.places_changed(kitchen, self._version)
        if items := [told.link(item) for item in self._items.new.values()]:
            await queries.items.put_items(kitchen, items, self._version)
            await queries.items.put_barcodes(kitchen, items)
            await events.items_changed(kitchen, self._version, (item.id for item in items))

    def _place(self, row: Row) -> Placed:
        category: Category | None = None
        item = self._items.find(self._keys[row.item])
        if item is None:
            category = self._category(row)
            item = self._new_item(row, category)
        _refuse_uncountable(item, row)
        location = self._location(row)
        self._keep(row, item, location, category)
        return Placed(row, item, location.id if location else None)

    def _keep(self, row: Row, item: Item, location: Location | None, category: Category | None) -> None:
        self._items.keep(self._keys[row.item], item)
        self._barcodes |= {each.gtin: item.id for each in item.barcodes}
        if row.location and location:
            self._locations.keep(self._keys[row.location], location)
        if row.category and category:
            self._categories.keep(self._keys[row.category], category)

    def _new_item(self, row: Row, category: Category | None) -> Item:
        if row.barcode in self._barcodes:
            taken = BarcodeTaken(code=barcode.shown(row.barcode), item_id=self._barcodes[row.barcode])
            raise RefusedCell("barcode", taken)
        unit = quantity.unit(row.quantity.unit)

        def make() -> Item:
            return Item(
                id=uuid_utils.uuid7(),
                name=row.item,
                unit=unit.code,
                measure=unit.measure,
                category_id=category.id if category else None,
                barcodes=[Barcode(row.barcode)] if row.barcode else [],
                note=row.note,
                created_at=self._now,
            )

        with _at("item"):
            return self._items.find_or_make(self._keys[row.item], make)

    def _location(self, row: Row) -> Location | None:
        name = row.location
        if name is None:
            return None

        def make() -> Location:
            return Location(uuid_utils.uuid7(), name, is_freezer=False, version=self._version, created_at=self._now)

        with _at("location"):
            return self._locations.find_or_make(self._keys[name], make)

    def _category(self, row: Row) -> Category | None:
        name = row.category
        if name is None:
            return None

        def make() -> Category:
            return Category(uuid_utils.uuid7(), name, self._categories.count + 1, self._version, self._now)

        with _at("category"):
            return self._categories.find_or_make(self._keys[name], make)


async def take_in(kitchen: Kitchen, rows: Sequence[Row], version: int) -> Intake:
    """Look up what the rows name; what is made for them gets `version`. Nothing is changed yet."""
    locations = await queries.places.list_locations(kitchen)
    categories = await queries.places.list_categories(kitchen)
    names = {name for row in rows for name in (row.item, row.location, row.category) if name}
    names |= {location.name for location in locations} | {category.name for category in categories}
    keys = await queries.items.read_keys(kitchen, list(names))
    items = await queries.items.find_by_keys(kitchen, list({keys[row.item] for row in rows}))
    codes = [row.barcode for row in rows if row.barcode]
    intake = Intake(
        kitchen,
        version,
        keys=keys,
        items=Named(
            {item.name_key: item for item in items},
            count=await queries.places.count(kitchen, "item"),
            limit=MAX_ITEMS,
        ),
        locations=_by_name(locations, keys, MAX_LOCATIONS),
        categories=_by_name(categories, keys, MAX_CATEGORIES),
        barcodes=dict(await queries.items.find_barcodes_of_others(kitchen, NO_ITEM, codes)),
    )
    for row in rows:
        intake.add(row)
    return intake


P = TypeVar("P", Location, Category)


def _by_name(places: Sequence[P], keys: Mapping[str, str], limit: int) -> Named[P]:
    return Named({keys[place.name]: place for place in places}, count=len(places), limit=limit)


@contextmanager
def _at(column: str) -> Iterator[None]:
    """Let what goes wrong here be what is wrong with this column."""
    try:
        yield
    except Problem as problem:
        raise RefusedCell(column, problem) from problem


def _refuse_uncountable(item: Item, row: Row) -> None:
    try:
        item.in_base(row.quantity)
    except UnknownConversion as problem:
        raise RefusedCell("unit", problem) from problem
    except Invalid as problem:
        raise RefusedCell("quantity", TooLittle()) from problem
    except Problem as problem:
        raise RefusedCell("quantity", problem) from problem
