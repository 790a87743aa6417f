"""Shopping trips: the way through the shop, and what things cost last time."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from popote_stock.model.lots import part_of


def learn(order: Sequence[UUID], visited: Iterable[UUID]) -> list[UUID]:
    """Return the order of aisles after a trip that led through `visited`.

    Those visited take, in that order, the places that they hold together; new ones come after the one visited before,
    or first of all.
    """
    trip = list(dict.fromkeys(visited))
    known = [aisle for aisle in trip if aisle in order]
    turn = iter(known)
    learned = [next(turn) if aisle in known else aisle for aisle in order]
    for before, aisle in zip([None, *trip], trip, strict=False):
        if aisle not in learned:
            learned.insert(learned.index(before) + 1 if before else 0, aisle)
    return learned


class Bought(Struct, frozen=True):
    """How much of an item was bought last, and the last price, which was paid for `price_for`; in base units."""

    item_id: UUID
    amount: int | None
    price: Decimal | None
    price_for: int | None

    def cost(self, amount: int) -> Decimal | None:
        """Return what `amount` costs at the last price, to four decimals."""
        return part_of(self.price, self.price_for, amount) if self.price is not None and self.price_for else None
