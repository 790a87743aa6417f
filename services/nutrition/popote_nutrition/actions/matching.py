"""Names and lines, and the foods that they mean."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec import Struct

from popote_kit import sync
from popote_kit.database import Kitchen
from popote_kit.problems import NotFound, TooMany
from popote_nutrition import events, queries
from popote_nutrition.errors import NoName
from popote_nutrition.model import matching, names
from popote_nutrition.model.foods import Food, Language
from popote_nutrition.model.lines import Line, parse
from popote_nutrition.model.matching import MAX_CANDIDATES, MAX_LIKENED, Candidate, Exact, Match
from popote_nutrition.queries.names import Learned

MAX_LEARNED = 5000
LEARNED_NAME = "learned_name"


class Matched(Struct):
    """Names with their matches, and the foods that those speak of, by id."""

    matches: list[Match]
    foods: Mapping[UUID, Food]

    def food(self, match: Match) -> Food | None:
        return self.foods.get(match.food_id) if match.food_id else None


class Understood(Struct):
    """Lines, each parsed, with the match of its name."""

    lines: list[Line]
    matched: Matched


async def match_names(kitchen: Kitchen, wanted: Sequence[str], language: Language) -> Matched:
    """Match names to foods: as they are written, else by likeness. Three statements, however many names."""
    keys = [matching.keys(name) for name in wanted]
    found = await _find_exact(kitchen, keys)
    matches = [matching.exact(each, found, language) for each in keys]
    doubtful = [each[0] for each, match in zip(keys, matches, strict=True) if match is None and each]
    alike = await _find_alike(kitchen, doubtful)
    answers = [
        match or (matching.alike(alike[each[0]], language) if each else matching.UNMATCHED)
        for each, match in zip(keys, matches, strict=True)
    ]
    ids = [food for match in answers for food in (match.food_id, *match.candidates) if food]
    return Matched(answers, await queries.foods.read_foods(kitchen, ids) if ids else {})


async def understand(kitchen: Kitchen, lines: Sequence[str], language: Language) -> Understood:
    """Parse lines, and match their names; a section's title has none."""
    parsed = [parse(line, language) for line in lines]
    wanted = ["" if line.is_section else line.name for line in parsed]
    return Understood(parsed, await match_names(kitchen, wanted, language))


async def learn(kitchen: Kitchen, name: str, food: UUID) -> Learned:
    """Have the household mean a food by a name, whatever it meant before.

    Raises:
        NotFound: there is no such food.
        NoName: the name has nothing to tell foods apart by.
        TooMany: the household has taught 5,000.
    """
    version = await sync.next_version(kitchen)
    await queries.foods.read_food(kitchen, food)
    key = names.key(name)
    if not key:
        raise NoName(name=name)
    if await queries.names.count_others(kitchen, key) >= MAX_LEARNED:
        raise TooMany(limit=MAX_LEARNED)
    new = Learned(uuid_utils.uuid7(), name.strip(), food, kitchen.now, version, key)
    learned = await queries.names.learn(kitchen, new)
    await events.names_changed(kitchen, version, [learned.name])
    return learned


async def forget(kitchen: Kitchen, id: UUID) -> None:
    """Forget what was taught of a name.

    Raises:
        NotFound: nothing was.
    """
    version = await sync.next_version(kitchen)
    learned = await queries.names.find_learned(kitchen, id)
    if learned is None:
        raise NotFound
    await queries.names.forget(kitchen, id)
    await sync.bury(kitchen, LEARNED_NAME, [id], version)
    await events.names_changed(kitchen, version, [learned.name])


async def _find_exact(kitchen: Kitchen, keys: Sequence[Sequence[str]]) -> Mapping[str, list[Exact]]:
    found: defaultdict[str, list[Exact]] = defaultdict(list)
    if every := list({key for each in keys for key in each}):
        for exact in await queries.names.find_exact(kitchen, every):
            found[exact.key].append(exact)
    return found


async def _find_alike(kitchen: Kitchen, keys: Sequence[str]) -> Mapping[str, list[Candidate]]:
    found: defaultdict[str, list[Candidate]] = defaultdict(list)
    if short := list({key for key in keys if len(key) <= MAX_LIKENED}):
        for candidate in await queries.names.find_alike(kitchen, short, 2 * MAX_CANDIDATES):
            found[candidate.key].append(candidate)
    return found
