"""Which food is meant by a name: as written, or nearly; and when to ask."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from popote_nutrition.model import names
from popote_nutrition.model.foods import Language

Status = Literal["matched", "ask", "unmatched"]
How = Literal["learned", "household", "exact", "likeness"]

MAX_CANDIDATES: Final = 5
MAX_LIKENED: Final = 120  # characters of a key that is looked for by likeness; longer ones are no names of foods
SURE: Final = 0.75  # likeness of a typing mistake: "mozarella" is 0.75 of "mozzarella"
LEAD: Final = 0.1  # by which it must be ahead of every other food
DOUBT: Final = 0.5  # confidence in a false friend
FALSE_FRIENDS: Final = frozenset({"bar", "chili", "chips", "citron", "glace", "muscat", "pate", "rape"})  # keys
_TIERS: Final[Mapping[int, How]] = {0: "learned", 1: "household"}


class Exact(Struct, frozen=True):
    """A food that goes by a key. `tier` is 0 for what was learned, 1 for the household's, more for what all share."""

    key: str
    tier: int
    food_id: UUID
    language: Language | None
    is_alias: bool


class Candidate(Struct, frozen=True):
    """A food with a name that is like a key: 1 is the same, 0 has nothing in common."""

    key: str
    food_id: UUID
    language: Language
    likeness: float


class Match(Struct, frozen=True):
    """Which food a name means; to ask a person, there are candidates, the likeliest first."""

    status: Status
    how: How | None = None
    food_id: UUID | None = None
    confidence: float = 0.0
    candidates: Sequence[UUID] = ()


UNMATCHED: Final = Match("unmatched")


def keys(name: str) -> list[str]:
    """Return the keys under which a name is looked up, the most exact first."""
    whole = names.key(name)
    return [*dict.fromkeys([whole, *names.plainer(whole)])] if whole else []


def exact(wanted: Sequence[str], found: Mapping[str, Sequence[Exact]], language: Language) -> Match | None:
    """Return the match of the first of the keys that a food goes by.

    What was learned comes first, then the household's names, then those in the line's language, then the starter table.
    Words that were left out (a state, as "chopped") cost a little confidence each. A name that is only the other
    language's and means something else in this one, as "chips", is asked, as is one of two foods that go by it alike.
    """
    for dropped, key in enumerate(wanted):
        if key in found:
            best = min(found[key], key=lambda each: _preference(each, language))
            how = _TIERS.get(best.tier, "exact")
            is_false_friend = how == "exact" and best.language != language and key in FALSE_FRIENDS
            twins = _as_good_as(best, found[key], language)
            if is_false_friend or len(twins) > 1:
                return Match("ask", how, None, DOUBT, twins[:MAX_CANDIDATES])
            return Match("matched", how, best.food_id, round(max(0.8, 1 - 0.05 * dropped), 2))
    return None


def alike(candidates: Iterable[Candidate], language: Language) -> Match:
    """Return the match by likeness: accepted only when it is near, and no other food is.

    A name with a number is never accepted: "crème 30 %" is as like "crème 35 %" as a typing mistake is.
    """
    best: dict[UUID, float] = {}
    is_numbered = False
    for each in candidates:
        is_numbered |= any(map(str.isdigit, each.key))
        likeness = each.likeness if each.language == language else each.likeness * 0.9
        best[each.food_id] = max(best.get(each.food_id, 0.0), likeness)
    ranked = sorted(best.items(), key=lambda pair: -pair[1])[:MAX_CANDIDATES]
    if not ranked:
        return UNMATCHED
    ids = [food for food, _ in ranked]
    (first, likeness), *others = ranked
    if likeness >= SURE and not is_numbered and all(likeness - other >= LEAD for _, other in others):
        return Match("matched", "likeness", first, round(likeness, 2), ids)
    return Match("ask", "likeness", None, round(likeness, 2), ids)


def _as_good_as(best: Exact, found: Sequence[Exact], language: Language) -> list[UUID]:
    """Return the foods that nothing tells from the best one, itself among them: two imported tables may share names."""
    wanted = _preference(best, language)
    return sorted({each.food_id for each in found if _preference(each, language) == wanted})


def _preference(each: Exact, language: Language) -> tuple[int, bool, int, bool]:
    """Order what goes by one key: the household's first; of the rest the line's language, then the starter table."""
    return min(each.tier, 2), each.language not in (None, language), each.tier, each.is_alias
