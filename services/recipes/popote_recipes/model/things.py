"""Things: what a line of a recipe and an item in stock have in common, a food or else a name."""

import re
import unicodedata
from typing import Final
from uuid import UUID, uuid5

_NAMES: Final = UUID("5b1f9f0e-6f0c-5c53-9d0a-3f1e7c2b8a64")
_WORD: Final = re.compile(r"\w+")
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae"})
_SHORT: Final = 3  # letters of a word whose last "s" or "x" is no plural


def thing(food_id: UUID | None, name: str) -> UUID:
    """Return what recipes and stock meet by: the food, and where there is none, the same id for names alike.

    Names are alike but for case, accents, punctuation and plurals: "Sauces de Mamie" is "sauce de mamie".
    """
    return food_id or uuid5(_NAMES, _key(name))


def _key(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.casefold().translate(_LIGATURES))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(_singular(word) for word in _WORD.findall(bare))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > _SHORT and word[-1] in "sx" else word


# That comes from the tap: nutrition's food of that name, and what it is called where nutrition was not asked.
WATER: Final = frozenset(
    {UUID("08d1d436-af95-5064-9c74-755ced280596"), *(thing(None, name) for name in ("water", "eau"))}
)
