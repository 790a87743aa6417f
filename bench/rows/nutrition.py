"""Nutrition: search over the foods of an official table, and what it costs to read recipes."""

import random
from typing import Any
from urllib.parse import quote

import msgspec
from bench.diary import Diary
from bench.larder import COMMON, LANGUAGES, Larder, misspelt
from bench.load import Call
from bench.measure import HEADINGS, Pace, Side, in_turns
from bench.pantry import plain
from bench.report import Result
from bench.rows.stock import within
from bench.servers import Site

FOODS = (
    "The starter table of 1,000 foods, an imported one of 12,000 with names of three parts in English and French, and "
    "a household with 2,000 foods of its own and 1,000 names that it taught"
)
SEARCH_MS, ANALYSE_MS, UNDERSTAND_MS, DAY_MS, YEAR_MS = 20, 15, 60, 15, 100
LINES, MANY_LINES = 12, 100


def search(site: Site, pace: Pace) -> Result:
    asked = _searches(site.larder)
    sides = [
        Side(what, site.nutrition, [_find(site.larder, words) for words in each], 1) for what, each in asked.items()
    ]
    rounds = in_turns(sides, pace, database=site.postgres_pid)
    return Result(
        "Nutrition: search for foods",
        f"{FOODS}. One search at a time for 20 foods, asked of the service itself.",
        HEADINGS,
        rounds.table(),
        [within(rounds, what, f"A search of foods for {what}", SEARCH_MS) for what in asked],
    )


def _searches(larder: Larder) -> dict[str, list[str]]:
    """Return what people type, by its name; the last is all of it, mixed."""
    chance = random.Random(5)
    names = {language: chance.sample(COMMON[language], 100) for language in LANGUAGES}
    long = chance.sample(larder.imported["en"], 50) + chance.sample(larder.imported["fr"], 50)
    asked = {
        "an English name": names["en"],
        "a French name": names["fr"],
        "a French name without its accents": [plain(name) for name in names["fr"] if plain(name) != name],
        "the first three letters": [name[:3] for name in names["en"] + names["fr"]],
        "three words of an imported name": [" ".join(name.replace(",", "").split()[:3]) for name in long],
        "a food of its own": chance.sample(larder.own, 50),
        "a name with a typo": [misspelt(name) for name in names["en"] + names["fr"]],
        "nothing like it": ["xyzzyq", "wvvkj"],
    }
    every = [words for each in asked.values() for words in each]
    return {**asked, "any of these": chance.sample(every, len(every))}


def _find(larder: Larder, words: str) -> Call:
    return Call(f"/api/nutrition/foods?limit=20&q={quote(words)}", larder.person.bearer)


def analyse(site: Site, pace: Pace) -> Result:
    calls = [
        _ask("/api/nutrition/analyse", site.larder.person.bearer, recipe.lines, recipe.language, servings=4)
        for recipe in site.larder.recipes(LINES)
    ]
    what = f"an analysis of {LINES} lines"
    return _recipes(site, pace, what, calls, ANALYSE_MS, "of 4 servings, with totals, coverage and what is missing")


def understand(site: Site, pace: Pace) -> Result:
    bearer = site.service_bearer("nutrition", site.larder.person.household)
    recipes = site.larder.recipes(MANY_LINES)
    calls = [_ask("/internal/understand", bearer, recipe.lines, recipe.language) for recipe in recipes]
    what = f"an understanding of {MANY_LINES} lines"
    return _recipes(site, pace, what, calls, UNDERSTAND_MS, "parsed and matched for another service")


def diary(site: Site, pace: Pace) -> Result:
    days = [_look(site.diary, f"/days/{day}") for day in site.diary.days]
    asked = {
        "a day": (days, DAY_MS),
        "a month's trend": ([_look(site.diary, "/trends?days=30")], YEAR_MS),
        "a year's trend": ([_look(site.diary, "/trends?days=365")], YEAR_MS),
    }
    sides = [Side(what, site.nutrition, calls, 1) for what, (calls, _) in asked.items()]
    rounds = in_turns(sides, pace, database=site.postgres_pid)
    return Result(
        "Nutrition: a day and a year of the diary",
        "A household of five who each wrote down 12 things a day for two years; the one who asks also weighed in each "
        "day, and had goals. One request at a time, asked of the service itself.",
        HEADINGS,
        rounds.table(),
        [within(rounds, what, f"{what.capitalize()}, one at a time", limit) for what, (_, limit) in asked.items()],
    )


def _look(diary: Diary, path: str) -> Call:
    return Call(f"/api/nutrition{path}", diary.person.bearer)


def _recipes(  # noqa: PLR0913, PLR0917 - what two rows differ in
    site: Site, pace: Pace, what: str, calls: list[Call], limit_ms: float, how: str
) -> Result:
    sides = [Side(what, site.nutrition, calls, 1), Side(f"{what}, 16 at once", site.nutrition, calls)]
    rounds = in_turns(sides, pace, database=site.postgres_pid)
    return Result(
        f"Nutrition: {what}",
        f"{FOODS}. 200 recipes, French and English in turn, {how}. Of twelve lines nine name a common food, one the "
        "household's own, one a part of an imported one; the last is misspelt or names nothing. Asked of the service "
        "itself.",
        HEADINGS,
        rounds.table(),
        [within(rounds, what, f"{what.capitalize()}, one at a time", limit_ms)],
    )


def _ask(path: str, bearer: dict[str, str], lines: list[str], language: str, **more: Any) -> Call:
    body = msgspec.json.encode({"lines": lines, "language": language, **more}).decode()
    return Call(path, bearer, "POST", body)
