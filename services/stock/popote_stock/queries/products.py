"""Products: what Open Food Facts said, and whom it is still to be asked about. The same for every household."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from popote_kit.codec import encode
from popote_kit.database import Kitchen, Record
from popote_kit.quantity import Amount, Quantity
from popote_stock.model.product import KEPT, Known, Product

MAX_WAITING: Final = 1000
MAX_WAITING_OF_ONE: Final = 100  # a household's share of the queue
MOST_DOUBLINGS: Final = 6

# Whose turn it may be at $1: a product that was tried waits $2, and twice as long after each further try.
_DUE: Final = f"""
    state = 'waiting' AND forget_at > $1
    AND (tried_at IS NULL OR tried_at <= $1 - $2::interval * 2 ^ least(tries - 1, {MOST_DOUBLINGS}))
"""
_NUTRIENTS: Final = msgspec.json.Decoder(dict[str, Decimal])


async def read_product(kitchen: Kitchen, gtin: str) -> Known | None:
    """Read what is known of a barcode; None when nobody has asked, or too long ago."""
    row = await kitchen.fetchrow(
        """
        SELECT code, state, name, name_en, name_fr, brands, quantity, amount, unit, nutrients::text, categories,
               image_url,
               CASE state WHEN 'waiting' THEN (
                   SELECT count(*) FROM product w
                    WHERE w.state = 'waiting' AND (w.asked_at, w.code) <= (product.asked_at, product.code)
               ) ELSE 0 END AS place
          FROM product
         WHERE code = $1 AND forget_at > $2
        """,
        gtin,
        kitchen.now,
    )
    return None if row is None else Known(row["state"], _product(row), row["place"])


async def find_labelled(kitchen: Kitchen, gtins: Sequence[str]) -> Product | None:
    """Return the first of these products, in the order of barcodes, that is known to say what it holds."""
    row = await kitchen.fetchrow(
        """
        SELECT code, state, name, name_en, name_fr, brands, quantity, amount, unit, nutrients::text, categories,
               image_url
          FROM product
         WHERE code = ANY($1) AND state = 'found' AND nutrients <> '{}' AND forget_at > $2
         ORDER BY code
         LIMIT 1
        """,
        gtins,
        kitchen.now,
    )
    return None if row is None else _product(row)


async def queue_product(kitchen: Kitchen, gtin: str) -> None:
    """Put a barcode into the queue, unless something is known of it, or the queue or the household's share is full."""
    await kitchen.execute(
        """
        INSERT INTO product AS p (code, state, asked_by, asked_at, forget_at)
        SELECT $1, 'waiting', $2, $3, $4
          FROM product w
         WHERE w.state = 'waiting' AND w.forget_at > $3
        HAVING count(*) < $5 AND count(*) FILTER (WHERE w.asked_by = $2) < $6
            ON CONFLICT (code) DO UPDATE
               SET state = 'waiting', name = NULL, asked_by = $2, asked_at = $3, forget_at = $4,
                   tried_at = NULL, tries = 0
             WHERE p.forget_at <= $3
        """,
        gtin,
        kitchen.household,
        kitchen.now,
        kitchen.now + KEPT["waiting"],
        MAX_WAITING,
        MAX_WAITING_OF_ONE,
    )


async def is_product_due(kitchen: Kitchen, retry_after: timedelta) -> bool:
    """Tell whether `claim_product` would find one."""
    statement = f"SELECT EXISTS (SELECT FROM product WHERE {_DUE})"  # noqa: S608 - fixed text
    return bool(await kitchen.fetchval(statement, kitchen.now, retry_after))


async def claim_product(kitchen: Kitchen, retry_after: timedelta) -> str | None:
    """Return the barcode that has waited longest, and keep it from everybody else for `retry_after` at least."""
    gtin: str | None = await kitchen.fetchval(
        f"""
        UPDATE product SET tried_at = $1, tries = tries + 1
         WHERE code = (SELECT code FROM product WHERE {_DUE}
                        ORDER BY asked_at, code LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING code
        """,  # noqa: S608 - fixed text
        kitchen.now,
        retry_after,
    )
    return gtin


async def settle_product(kitchen: Kitchen, gtin: str, product: Product | None) -> None:
    """Keep what was said of a barcode that waited; None: that there is no such product."""
    state: Any = "found" if product else "absent"
    await kitchen.execute(
        """
        UPDATE product
           SET state = $2, fetched_at = $3, forget_at = $4, asked_by = NULL, name = $5, name_en = $6, name_fr = $7,
               brands = $8, quantity = $9, amount = $10, unit = $11, nutrients = $12::text::jsonb, categories = $13,
               image_url = $14
         WHERE code = $1
        """,
        gtin,
        state,
        kitchen.now,
        kitchen.now + KEPT[state],
        *(_columns(product) if product else (*[None] * 7, "{}", [], None)),
    )


async def forget_products(kitchen: Kitchen) -> int:
    """Delete what counts no longer; return how many."""
    return await kitchen.execute("DELETE FROM product WHERE forget_at <= $1", kitchen.now)


def _columns(product: Product) -> tuple[object, ...]:
    held = product.quantity
    return (
        product.name,
        product.name_en,
        product.name_fr,
        product.brands,
        product.quantity_text,
        held and Decimal(held.amount),
        held and held.unit,
        encode(product.nutrients).decode(),
        product.categories,
        product.image_url,
    )


def _product(row: Record) -> Product | None:
    if row["state"] != "found":
        return None
    return Product(
        gtin=row["code"],
        quantity_text=row["quantity"],
        quantity=None if row["unit"] is None else Quantity(Amount(row["amount"]), row["unit"]),
        nutrients=_NUTRIENTS.decode(row["nutrients"]),
        **{name: row[name] for name in ("name", "name_en", "name_fr", "brands", "categories", "image_url")},
    )
