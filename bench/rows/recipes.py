"""Recipes: what can be cooked, search, a cook's moments, what stock tells, and pages that are read in the sandbox."""

import json
import random
import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import psutil  # type: ignore[import-untyped]  # its stubs are a package more
from bench.cuisine import AMOUNTS, STEP
from bench.environment import memory_mib
from bench.larder import STARTER, misspelt
from bench.library import MEALS, Kept, Library
from bench.load import FRESH_ID, Call
from bench.measure import HEADINGS, Pace, Side, in_turns
from bench.pantry import plain
from bench.report import Hold, Result, at_most
from bench.rows.stock import within
from bench.servers import Server, Site

HOUSEHOLD = "A household with 5,000 recipes of 12 lines, French and English, and 4,000 lots of 1,500 items"
COOKABLE = "/api/recipes/cookable"
COOKABLE_MS, SEARCH_MS, SUPPLY_MS = 100, 30, 25
TIMES = 10
LONGER = 4  # than a usual window: what takes long is seen often enough
GROWN = ", ten times the recipes"
IMPORTS, FIRST_IMPORTS = 20, 10
SETTLE_S = 1.0
GROWTH_MIB = 1.0


def cookable(site: Site, pace: Pace) -> Result:
    warm, all_in_one, cold = "stock unchanged", "the same in one process", "stock changed before each, in one process"
    sides = [
        Side(warm, site.recipes, [_read(site.library, COOKABLE)], 1),
        Side(all_in_one, site.whole, [_read(site.library, COOKABLE)], 1),
        Side(cold, site.whole, _changing(site.library), 1),
        Side(warm + GROWN, site.recipes, [_read(site.large_library, COOKABLE)], 1),
    ]
    rounds = in_turns(sides, replace(pace, seconds=LONGER * pace.seconds), database=site.postgres_pid)
    return Result(
        "Recipes: what can be cooked",
        f"{HOUSEHOLD}; the 50 recipes that save most, with what is there for each line, lot by lot. One request at a "
        "time, asked of the recipes service, which asks stock over the network each time; and of one process with all "
        "services. Where stock changes something is consumed before each request, which is not timed, but counts in "
        "the CPU. Beside it a household with as much in stock and 50,000 recipes, more than one may have.",
        HEADINGS,
        rounds.table(),
        [
            within(rounds, warm, "What can be cooked", COOKABLE_MS),
            within(rounds, all_in_one, "What can be cooked, all in one process", COOKABLE_MS),
            within(rounds, cold, "What can be cooked when stock has changed, all in one process", COOKABLE_MS),
            at_most(
                f"What can be cooked: at most {TIMES} times the time (p50) with ten times the recipes",
                TIMES,
                rounds.ratio(warm + GROWN, warm, lambda outcome: outcome.p50),
                " times",
            ),
        ],
    )


def _changing(library: Library) -> list[Call]:
    """Return requests for what can be cooked, each after one that consumes something, which is not timed."""
    items = random.Random(12).sample(library.on_hand, 200)
    return [call for item in items for call in (_consume(library, item), _read(library, COOKABLE))]


def _consume(library: Library, item: Kept) -> Call:
    body = {"lines": [{"item_id": item.id, "quantity": {"amount": 0.1, "unit": item.unit}}]}
    return msgspec.structs.replace(_post(library, "/api/stock/consume", body), is_timed=False)


def search(site: Site, pace: Pace) -> Result:
    asked, begun = _searches(site.library), _beginnings(site.library)
    sides = [
        Side(what, site.recipes, [_read(site.library, f"/api/recipes?limit=20&q={quote(words)}") for words in each], 1)
        for what, each in (asked | begun).items()
    ]
    rounds = in_turns(sides, pace, database=site.postgres_pid)
    return Result(
        "Recipes: search",
        f"{HOUSEHOLD}. One search at a time for 20 recipes, by words of their titles and of what is in them, asked of "
        "the service itself. The first letter or two of a word are what a phone asks for while somebody types.",
        HEADINGS,
        rounds.table(),
        [within(rounds, what, f"A search of recipes for {what}", SEARCH_MS) for what in asked | begun],
    )


def _searches(library: Library) -> dict[str, list[str]]:
    """Return what people type, by its name; the last is all of it, mixed."""
    chance = random.Random(13)
    titles = [each.title for each in chance.sample(library.recipes, 200)]
    words = [word for title in titles for word in _words(title)]
    foods = [name for food in chance.sample(STARTER, 50) for name in (food.name_en, food.name_fr)]
    asked = {
        "a word of a title": chance.sample(words, 100),
        "two words of a title": [
            " ".join(chance.sample(_words(title), 2)) for title in titles if len(_words(title)) > 1
        ],
        "a title": titles,
        "something that is in it": foods,
        "a word without its accents": [plain(word) for word in words if plain(word) != word],
        "the first four letters": [word[:4] for word in chance.sample(words, 100)],
        "a word with a typo": [misspelt(word) for word in words if len(word) >= 6],  # noqa: PLR2004 - long enough
        "nothing like it": ["xyzzyq", "wvvkj"],
    }
    every = [words for each in asked.values() for words in each]
    return {**asked, "any of these": chance.sample(every, len(every))}


def _beginnings(library: Library) -> dict[str, list[str]]:
    words = [word for each in library.recipes[:500] for word in _words(each.title)]
    return {
        "the first two letters": sorted({word[:2] for word in words}),
        "the first letter": sorted({word[0] for word in words}),
    }


def _words(title: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]+", title.lower()) if len(word) > 3]  # noqa: PLR2004 - no "aux", no "and"


def moments(site: Site, pace: Pace) -> Result:
    library = site.library
    some = [f"/api/recipes/{each.id}" for each in library.recipes[:400]]
    last = datetime.now(UTC).date() + timedelta(days=MEALS // 2)
    asked = {
        "a recipe": [_read(library, path) for path in some],
        "a recipe for six": [_read(library, f"{path}?servings=6") for path in some],
        "a page of 50": [_read(library, "/api/recipes?limit=50")],
        f"what there is for {MEALS} meals": [_read(library, f"/api/recipes/plan/allocation?to={last}")],
        "a cook": [_cook(library, path) for path in some],
    }
    sides = [Side(what, site.recipes, calls, 1) for what, calls in asked.items()]
    rounds = in_turns(sides, pace, database=site.postgres_pid)
    return Result(
        "Recipes: one request at a time",
        f"{HOUSEHOLD}; {MEALS} meals are planned for two weeks. Asked of the recipes service, which asks stock over "
        "the network. A cook is three durable transactions: it is written down, stock takes all of it in one action, "
        "and it is done and announced; each is of a tenth of a serving, and leaves out what is not there. No peer; it "
        "is here to be watched.",
        HEADINGS,
        rounds.table(),
    )


def _cook(library: Library, path: str) -> Call:
    eaters = [{"user_id": library.person.id, "portions": 0.1}]
    body = {"servings": 0.1, "allow_missing": True, "eaters": eaters}
    return msgspec.structs.replace(_post(library, f"{path}/cook", body), status=201)


def supply(site: Site, pace: Pace) -> Result:
    bearer = site.service_bearer("stock", site.library.person.household)
    path = "/internal/supply"
    tag = httpx.get(site.stock.url + path, headers=bearer, trust_env=False).raise_for_status().headers["etag"]
    whole, unchanged = "all there is", "nothing has changed"
    sides = [
        Side(whole, site.stock, [Call(path, bearer)], 1),
        Side(unchanged, site.stock, [Call(path, {**bearer, "If-None-Match": tag}, status=304)], 1),
    ]
    rounds = in_turns(sides, pace, database=site.postgres_pid)
    return Result(
        "Stock: what recipes is told",
        "4,000 lots of 1,500 items, each item with the facts by which it counts, as recipes asks for them: whole when "
        "something has changed, or else as 304. One request at a time, asked of the stock service itself.",
        HEADINGS,
        rounds.table(),
        [within(rounds, whole, "All that stock tells recipes", SUPPLY_MS)],
    )


def imports(site: Site, _pace: Pace) -> Result:
    """Read one page again and again, however long that takes."""
    call = _post(site.library, "/api/recipes/import", {"html": _page()})
    for _ in range(FIRST_IMPORTS):
        _send(site.recipes, call)
    before = memory_mib(site.recipes.pid)[0]
    seconds = [_send(site.recipes, call) for _ in range(IMPORTS)]
    time.sleep(SETTLE_S)
    after = memory_mib(site.recipes.pid)[0]
    children = psutil.Process(site.recipes.pid).children(recursive=True)
    cuts = quantiles(seconds, n=100, method="inclusive")
    return Result(
        "Recipes: pages that are imported",
        f"A page of {len(_page()) // 1000} KB with a recipe of 12 lines in JSON-LD, as pasted HTML, {IMPORTS} times "
        f"after {FIRST_IMPORTS} others: each is read by a process of its own, which is started for it. The memory is "
        f"that of the recipes service, before them and {SETTLE_S:.0f} s after.",
        ["", "p50 ms", "p95 ms", "RSS before, MiB", "RSS after, MiB", "processes left"],
        [
            [
                "a page",
                f"{cuts[49] * 1e3:.0f}",
                f"{cuts[94] * 1e3:.0f}",
                f"{before:.1f}",
                f"{after:.1f}",
                f"{len(children)}",
            ]
        ],
        [
            Hold("The import process is gone when idle", f"{len(children)} left", holds=not children),
            at_most(
                f"{IMPORTS} imports leave the service's own memory as it was (up to {GROWTH_MIB:.0f} MiB more)",
                GROWTH_MIB,
                [after - before],
                " MiB",
            ),
        ],
    )


def _send(server: Server, call: Call) -> float:
    """Send a request over a connection of its own; return how long its answer took."""
    begun = time.perf_counter()
    answer = httpx.request(
        call.method,
        server.url + call.path,
        headers={**call.headers, "Content-Type": "application/json"},
        content=call.body,
        timeout=30,
        trust_env=False,
    )
    answer.raise_for_status()
    return time.perf_counter() - begun


def _page() -> str:
    """Return a page like those of large sites: a recipe in JSON-LD among a lot of other markup."""
    names = [food.name_fr for food in STARTER[:12]]
    recipe = {
        "@context": "https://schema.org",
        "@type": "Recipe",
        "name": "Gratin de la semaine",
        "recipeYield": "Pour 4 à 6 personnes",
        "totalTime": "PT1H15M",
        "recipeIngredient": [AMOUNTS["fr"]["mass"][0].format(name) for name in names],
        "recipeInstructions": [{"@type": "HowToStep", "text": STEP["fr"].format(name)} for name in names[:6]],
    }
    filler = "".join(
        f'<div class="card card-{number}"><a href="/recettes/{number}"><span>La recette {number}</span></a></div>'
        for number in range(1200)
    )
    script = f'<script type="application/ld+json">{json.dumps(recipe)}</script>'
    return f'<!doctype html><html lang="fr"><head><title>Gratin</title>{script}</head><body>{filler}</body></html>'


def _read(library: Library, path: str) -> Call:
    return Call(path, library.person.bearer)


def _post(library: Library, path: str, body: dict[str, Any]) -> Call:
    headers = {**library.person.bearer, "Idempotency-Key": FRESH_ID.decode()}
    return Call(path, headers, "POST", msgspec.json.encode(body).decode())
