"""What foods hold: exact decimals, and None for what is unknown, which is never zero."""

from collections.abc import Iterator
from decimal import Decimal
from operator import attrgetter

import msgspec


class Nutrients(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Amounts of nutrients, or wishes for them; carbohydrate is without fibre."""

    energy_kj: Decimal | None = None
    energy_kcal: Decimal | None = None
    fat_g: Decimal | None = None
    saturates_g: Decimal | None = None
    carbohydrate_g: Decimal | None = None
    sugars_g: Decimal | None = None
    fibre_g: Decimal | None = None
    protein_g: Decimal | None = None
    salt_g: Decimal | None = None
    alcohol_g: Decimal | None = None
    polyols_g: Decimal | None = None

    def known(self) -> Iterator[tuple[str, Decimal]]:
        """Give what is known, each with its code, in the order of a label."""
        for code, amount in zip(CODES, AMOUNTS(self), strict=True):
            if amount is not None:
                yield code, amount


CODES = Nutrients.__struct_fields__
AMOUNTS = attrgetter(*CODES)
