"""What recipes announces of a cook: any recipe fits into an event."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import msgspec

from popote_kit import codec
from popote_kit.testing import new_id
from popote_kit.units import UNITS
from popote_recipes.model.cooking import Cook, Eater, Order, ToldPart, meal_cooked
from popote_recipes.model.needs import MAX_SLOTS
from popote_recipes.model.recipes import MAX_SERVINGS, MAX_TITLE, StoredQuantity
from popote_recipes.wire.cooking import MAX_EATERS

FITS: Final = 65_536  # bytes of a payload, as PostgreSQL writes it
LONGEST: Final = StoredQuantity(Decimal("1234567.123456789"), max((unit.code for unit in UNITS), key=len))


def test_the_longest_recipe_fits_into_an_event() -> None:
    now = datetime.now(UTC)
    cook = Cook(
        id=new_id(),
        recipe_id=new_id(),
        title="🍲" * MAX_TITLE,
        servings=Decimal(MAX_SERVINGS),
        day=now.date(),
        meal="breakfast",
        request_hash=b"",
        stock_order=Order([]),
        meal_parts=[ToldPart(food_id=new_id(), quantity=LONGEST, equivalent=LONGEST)] * MAX_SLOTS,
        cooked_mass_g=LONGEST.amount,
        eaters=[Eater(new_id(), LONGEST.amount)] * MAX_EATERS,
        lacking=[],
        person_id=new_id(),
        held_until=now,
        created_at=now,
    )
    payload = msgspec.json.decode(codec.encode(meal_cooked(cook)))
    assert len(json.dumps(payload, ensure_ascii=False).encode()) < FITS  # with the spaces that PostgreSQL puts
