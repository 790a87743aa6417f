"""Things: what a line of a recipe and an item in stock can have in common.

A thing is a food; or, where nobody knows which food it is, what is called so.
"""

import re
import unicodedata
from typing import Final
from uuid import UUID, uuid5

NAMES: Final = UUID("7f0e4a52-6c9d-4d5e-9c1b-2f6a1c0d8e37")

_GAPS: Final = re.compile(r"[\W_]+")
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
_SHORT: Final = 3  # letters of a word whose last "s" or "x" is no plural


def plain(name: str) -> str:
    """Return a name without case, accents, ligatures, punctuation and plurals."""
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_LIGATURES))
    words = _GAPS.sub(" ", "".join(each for each in letters if not unicodedata.combining(each))).split()
    return " ".join(word[:-1] if len(word) > _SHORT and word[-1] in "sx" else word for word in words)


def thing(food_id: UUID | None, name: str) -> UUID:
    """Return the id of the thing: that of its food, or one that follows from its name.

    A name of nothing but signs is that very one.
    """
    return food_id or uuid5(NAMES, plain(name) or name.strip())


# It comes from the tap: nutrition's food of that name, and its names where nutrition has not told yet.
WATER: Final = frozenset({UUID("08d1d436-af95-5064-9c74-755ced280596"), thing(None, "water"), thing(None, "eau")})
