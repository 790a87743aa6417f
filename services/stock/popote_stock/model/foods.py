"""Foods: what nutrition tells of what an item is."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from popote_stock.model.items import Item, StoredFact

MAX_NAMES: Final = 500  # characters, of all names of a food


class Food(Struct, frozen=True):
    """A food: what it is called, and how amounts of it count, the facts that win first."""

    id: UUID
    names: Sequence[str] = ()
    facts: Sequence[StoredFact] = ()


class Told(Struct, frozen=True):
    """What nutrition told: of each name, and of each id, that it was asked about, which food that is; None: none.

    A name that may mean several foods means none, until a person has chosen.
    """

    names: Mapping[str, Food | None] = {}
    ids: Mapping[UUID, Food | None] = {}

    def answers(self, item: Item) -> bool:
        """Tell whether this says what the item is."""
        if item.is_food_chosen:
            return item.food_id is None or item.food_id in self.ids
        return item.name in self.names

    def link(self, item: Item) -> Item:
        """Return the item with its food; where this says nothing of it, without one, to be asked about later."""
        food = self.ids.get(item.food_id) if item.is_food_chosen and item.food_id else self.names.get(item.name)
        if item.is_food_chosen:
            food_id = item.food_id  # it stands, also where nutrition does not know it
            food = food if food_id else None
        else:
            food_id = food.id if food else None
        return replace(
            item,
            food_id=food_id,
            food_facts=list(food.facts) if food else [],
            food_names=" ".join(food.names)[:MAX_NAMES] if food else "",
            food_due=0 if self.answers(item) else 1,
        )


NOTHING: Final = Told()
