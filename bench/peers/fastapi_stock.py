"""The same reads of stock, on the same rows and with the same JSON, as they are usually written: FastAPI, SQLAlchemy.

The household stands in the path: this program knows no tokens, no row-level security. Its cursors are plain ids.

`python fastapi_stock.py PORT`, with PEER_DATABASE_URL naming the database, as its superuser. The server and its
options, and the size of the pool, are those of Popote's services.
"""

import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query
from pydantic import BaseModel, PlainSerializer
from sqlalchemy import ForeignKeyConstraint, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    contains_eager,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)

engine = create_async_engine(os.environ["PEER_DATABASE_URL"], pool_size=5, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()
BASE = {"g": 10**9, "kg": 10**12, "ml": 10**6, "piece": 10**6}


class Base(DeclarativeBase):
    type_annotation_map = {dict[str, Any]: JSONB, list[Any]: JSONB}  # noqa: RUF012 - SQLAlchemy's own form


class Category(Base):
    __tablename__ = "category"
    __table_args__ = {"schema": "stock"}  # noqa: RUF012 - SQLAlchemy's own form

    household_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


class Item(Base):
    __tablename__ = "item"
    __table_args__ = (
        ForeignKeyConstraint(["household_id", "category_id"], ["stock.category.household_id", "stock.category.id"]),
        {"schema": "stock"},
    )

    household_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str]
    unit: Mapped[str]
    measure: Mapped[str]
    category_id: Mapped[UUID | None]
    food_id: Mapped[UUID | None]
    location_id: Mapped[UUID | None]
    minimum_amount: Mapped[Decimal | None]
    minimum_unit: Mapped[str | None]
    is_staple: Mapped[bool]
    date_kind: Mapped[str]
    purchased_days: Mapped[int | None]
    opened_days: Mapped[int | None]
    frozen_days: Mapped[int | None]
    thawed_days: Mapped[int | None]
    conversions: Mapped[list[Any]]
    note: Mapped[str]
    version: Mapped[int]
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    category: Mapped[Category | None] = relationship(viewonly=True)
    barcodes: Mapped[list["Barcode"]] = relationship(viewonly=True, order_by="Barcode.gtin")
    lots: Mapped[list["Lot"]] = relationship(viewonly=True, back_populates="item")


class Barcode(Base):
    __tablename__ = "item_barcode"
    __table_args__ = (
        ForeignKeyConstraint(["household_id", "item_id"], ["stock.item.household_id", "stock.item.id"]),
        {"schema": "stock"},
    )

    household_id: Mapped[UUID] = mapped_column(primary_key=True)
    gtin: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[UUID]
    amount: Mapped[Decimal | None]
    unit: Mapped[str | None]


class Lot(Base):
    __tablename__ = "lot"
    __table_args__ = (
        ForeignKeyConstraint(["household_id", "item_id"], ["stock.item.household_id", "stock.item.id"]),
        {"schema": "stock"},
    )

    household_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    item_id: Mapped[UUID]
    amount: Mapped[int]
    location_id: Mapped[UUID | None]
    best_before: Mapped[date | None]
    use_by: Mapped[date | None]
    added_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None]
    thawed_at: Mapped[datetime | None]
    price: Mapped[Decimal | None]
    currency: Mapped[str | None]
    price_for: Mapped[int]
    expires_on: Mapped[date | None]
    expires_why: Mapped[str | None]
    is_use_by: Mapped[bool]
    item: Mapped[Item] = relationship(viewonly=True, back_populates="lots")


def number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


Number = Annotated[Decimal, PlainSerializer(number, return_type=float | int)]


class QuantityOut(BaseModel):
    amount: Number
    unit: str


class PriceOut(BaseModel):
    amount: Number
    currency: str


class ConversionOut(BaseModel):
    unit: str
    equals: QuantityOut


class BarcodeOut(BaseModel):
    code: str
    quantity: QuantityOut | None


class ShelfLifeOut(BaseModel):
    purchased: int | None
    opened: int | None
    frozen: int | None
    thawed: int | None


class ItemOut(BaseModel):
    id: UUID
    name: str
    unit: str
    measure: str
    category: str | None
    category_id: UUID | None
    food_id: UUID | None
    location_id: UUID | None
    minimum: QuantityOut | None
    is_staple: bool
    date_kind: str
    shelf_life: ShelfLifeOut
    conversions: list[ConversionOut]
    barcodes: list[BarcodeOut]
    note: str
    created_at: datetime
    version: int


class LotOut(BaseModel):
    id: UUID
    item_id: UUID
    quantity: QuantityOut
    best_before: date | None
    use_by: date | None
    location_id: UUID | None
    added_at: datetime
    opened_at: datetime | None
    frozen_at: datetime | None
    thawed_at: datetime | None
    expires_on: date | None
    expires_why: str | None
    is_use_by: bool
    price: PriceOut | None


class ExpiringOut(LotOut):
    name: str
    days: int


class OnHandOut(BaseModel):
    item_id: UUID
    name: str
    total: QuantityOut
    opened: QuantityOut
    soonest: date | None
    lots: list[LotOut]


class OnHandPage(BaseModel):
    items: list[OnHandOut]
    next_cursor: str | None


class ExpiringPage(BaseModel):
    items: list[ExpiringOut]
    next_cursor: str | None


async def get_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]
Limit = Annotated[int, Query(ge=1, le=200)]
PREFIX = "/households/{household}"


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.get(PREFIX + "/items/{id}")
async def read_item(household: UUID, id: UUID, session: Session) -> ItemOut:
    statement = (
        select(Item)
        .where(Item.household_id == household, Item.id == id, Item.deleted_at.is_(None))
        .options(joinedload(Item.category), selectinload(Item.barcodes))
    )
    found = await session.scalar(statement)
    if found is None:
        raise HTTPException(404)
    return item_out(found)


@app.get(PREFIX + "/on-hand")
async def read_on_hand(household: UUID, session: Session, limit: Limit = 100, after: UUID | None = None) -> OnHandPage:
    statement = (
        select(Item)
        .where(Item.household_id == household, Item.deleted_at.is_(None), Item.lots.any(Lot.amount > 0))
        .order_by(Item.name_key, Item.id)
        .limit(limit + 1)
        .options(selectinload(Item.lots.and_(Lot.amount > 0)))
    )
    if after is not None:
        last = await session.get_one(Item, (household, after))
        statement = statement.where(tuple_(Item.name_key, Item.id) > (last.name_key, last.id))
    found = (await session.scalars(statement)).all()
    return OnHandPage(
        items=[on_hand_out(item) for item in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@app.get(PREFIX + "/expiring")
async def read_expiring(
    household: UUID, session: Session, days: int = 7, limit: Limit = 100, after: UUID | None = None
) -> ExpiringPage:
    today = datetime.now(UTC).date()
    statement = (
        select(Lot)
        .join(Lot.item)
        .where(Lot.household_id == household, Lot.amount > 0, Lot.expires_on <= today + timedelta(days))
        .order_by(Lot.expires_on, Lot.id)
        .limit(limit + 1)
        .options(contains_eager(Lot.item))
    )
    if after is not None:
        last = await session.get_one(Lot, (household, after))
        statement = statement.where(tuple_(Lot.expires_on, Lot.id) > (last.expires_on, last.id))
    found = (await session.scalars(statement)).all()
    return ExpiringPage(
        items=[
            ExpiringOut(
                **lot_members(lot, lot.item.unit),
                name=lot.item.name,
                days=(lot.expires_on - today).days if lot.expires_on else 0,
            )
            for lot in found[:limit]
        ],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


def item_out(item: Item) -> ItemOut:
    return ItemOut(
        id=item.id,
        name=item.name,
        unit=item.unit,
        measure=item.measure,
        category=item.category.name if item.category else None,
        category_id=item.category_id,
        food_id=item.food_id,
        location_id=item.location_id,
        minimum=quantity_out(item.minimum_amount, item.minimum_unit),
        is_staple=item.is_staple,
        date_kind=item.date_kind,
        shelf_life=ShelfLifeOut(
            purchased=item.purchased_days, opened=item.opened_days, frozen=item.frozen_days, thawed=item.thawed_days
        ),
        conversions=[
            ConversionOut(unit=each["unit"], equals=QuantityOut(amount=Decimal(each["amount"]), unit=each["equals"]))
            for each in item.conversions
        ],
        barcodes=[
            BarcodeOut(code=each.gtin.removeprefix("0"), quantity=quantity_out(each.amount, each.unit))
            for each in item.barcodes
        ],
        note=item.note,
        created_at=item.created_at,
        version=item.version,
    )


def on_hand_out(item: Item) -> OnHandOut:
    lots = sorted(item.lots, key=lambda lot: (lot.opened_at is None, lot.expires_on or date.max, lot.added_at, lot.id))
    return OnHandOut(
        item_id=item.id,
        name=item.name,
        total=shown(sum(lot.amount for lot in lots), item.unit),
        opened=shown(sum(lot.amount for lot in lots if lot.opened_at), item.unit),
        soonest=min((lot.expires_on for lot in lots if lot.expires_on), default=None),
        lots=[LotOut(**lot_members(lot, item.unit)) for lot in lots],
    )


def lot_members(lot: Lot, unit: str) -> dict[str, Any]:
    return {
        "id": lot.id,
        "item_id": lot.item_id,
        "quantity": shown(lot.amount, unit),
        "best_before": lot.best_before,
        "use_by": lot.use_by,
        "location_id": lot.location_id,
        "added_at": lot.added_at,
        "opened_at": lot.opened_at,
        "frozen_at": lot.frozen_at,
        "thawed_at": lot.thawed_at,
        "expires_on": lot.expires_on,
        "expires_why": lot.expires_why,
        "is_use_by": lot.is_use_by,
        "price": price_out(lot),
    }


def shown(units: int, unit: str) -> QuantityOut:
    return QuantityOut(amount=Decimal(units) / BASE[unit], unit=unit)


def quantity_out(amount: Decimal | None, unit: str | None) -> QuantityOut | None:
    return QuantityOut(amount=amount, unit=unit) if amount is not None and unit is not None else None


def price_out(lot: Lot) -> PriceOut | None:
    if lot.price is None or lot.currency is None:
        return None
    return PriceOut(amount=round(lot.price * lot.amount / lot.price_for, 4), currency=lot.currency)


if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning", server_header=False
    )
