"""Stock: reads of a large household beside the peer, search, and what an action costs as the journal grows."""

import random
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
from bench.load import FRESH_ID, LAST_ID, Call
from bench.measure import HEADINGS, Pace, Rounds, Side, in_turns, p95_ms
from bench.pantry import Known, Pantry, plain
from bench.people import mistyped
from bench.report import Hold, Result, at_most
from bench.rows.reads import PEER, beside_peer
from bench.servers import Server, Site

OURS = "Popote's stock service"
HOUSEHOLD = "A household of 10,000 items with 4,000 lots on hand and 100,000 journal lines"
PAGE_ITEMS = 100
PAGE = f"/on-hand?limit={PAGE_ITEMS}"
FUTURE = "2100-01-01T00:00:00Z"  # counts as now, and so is the last word each time
MOMENT_MS, SEARCH_MS = 15, 20
FLAT = 1.25  # what counts as flat: there is noise, and a tree of ten times the rows
GROWN = ", ten times the journal"
LINES = 3
UNDOS = 200


def item(site: Site, pace: Pace) -> Result:
    paths = [f"/items/{known.id}" for known in site.pantry.on_hand]
    return _beside_peer(site, pace, "Stock: one item", "One item by its id, with its aisle and barcodes.", paths)


def on_hand(site: Site, pace: Pace) -> Result:
    what = "The first 100 items of which there is something, with their lots."
    return _beside_peer(site, pace, "Stock: a page of 100 on hand", what, [PAGE])


def expiring(site: Site, pace: Pace) -> Result:
    title = "Stock: a page of 100 that expire"
    what = "The 100 lots whose date within a week is the soonest."
    return _beside_peer(site, pace, title, what, ["/expiring?days=7&limit=100"])


def _beside_peer(site: Site, pace: Pace, title: str, what: str, paths: Sequence[str]) -> Result:
    ours = [_read(site.pantry, path) for path in paths]
    peer = [Call(f"/households/{site.pantry.person.household}{path}") for path in paths]
    _check_same(_answer(site.stock, ours[0]), _answer(site.stock_peer, peer[0]))
    how = f"{HOUSEHOLD}. {what} The peer gives the same JSON, but for the cursor."
    return beside_peer(site, pace, title, how, Side(OURS, site.stock, ours), Side(PEER, site.stock_peer, peer))


def _answer(server: Server, call: Call) -> dict[str, Any]:
    answer = httpx.get(server.url + call.path, headers=call.headers, trust_env=False).raise_for_status().json()
    return {name: value for name, value in answer.items() if name != "next_cursor"}


def _check_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    if one != other:
        raise RuntimeError(f"the peer answers otherwise:\n{one}\n{other}")


def search(site: Site, pace: Pace) -> Result:
    names = random.Random(3).sample(site.pantry.names, 200)
    asked = {
        "a name": names,
        "a name without its accents": [plain(name) for name in names if plain(name) != name],
        "two words of a name": [" ".join(name.split()[::2]) for name in names],
        "one word": [name.split()[0] for name in names],
        "a name with a typo": [mistyped(name) for name in names],
        "nothing like it": ["xyzzyq", "wvvkj"],
    }
    sides = [
        Side(what, site.stock, [_read(site.pantry, f"/items?limit=20&q={quote(words)}") for words in each], 1)
        for what, each in asked.items()
    ]
    rounds = in_turns(sides, pace, database=site.postgres_pid)
    return Result(
        "Stock: search over 10,000 items",
        f"{HOUSEHOLD}. One search at a time for items with names of three words, asked of the service itself.",
        HEADINGS,
        rounds.table(),
        [within(rounds, what, f"A search for {what}", SEARCH_MS) for what in asked],
    )


def actions(site: Site, pace: Pace) -> Result:
    now, grown = _moments(site.pantry), _moments(site.old_pantry)
    sides = [
        Side(name, site.stock, calls, 1)
        for what in now
        for name, calls in ((what, now[what]), (what + GROWN, grown[what]))
    ]
    rounds = in_turns(sides, pace, database=site.postgres_pid)
    return Result(
        "Stock: one request at a time, and as the journal grows",
        f"{HOUSEHOLD}; and beside it one with the same stock after 1,000,000 journal lines. One request in flight, "
        "asked of the service itself. An action is one durable transaction: idempotency key, journal, lots, "
        f"announcement. A purchase and a consumption have {LINES} lines, each undo takes back the one before it, and a "
        "tick is of one line in a list of 100.",
        HEADINGS,
        rounds.table(),
        [
            *(within(rounds, what, f"{what.capitalize()}, one at a time", MOMENT_MS) for what in now),
            *(_flat(rounds, what) for what in now),
        ],
    )


def within(rounds: Rounds, name: str, wanted: str, limit_ms: float) -> Hold:
    return at_most(f"{wanted}: p95 under {limit_ms} ms", limit_ms, rounds.each(name, p95_ms), " ms")


def _flat(rounds: Rounds, what: str) -> Hold:
    wanted = f"{what.capitalize()}: at most {FLAT} times the time (p50) with ten times the journal"
    return at_most(wanted, FLAT, rounds.ratio(what + GROWN, what, lambda outcome: outcome.p50), " times")


def _moments(pantry: Pantry) -> dict[str, list[Call]]:
    """Return what somebody in the kitchen asks for, by its name."""
    touched = pantry.on_hand[PAGE_ITEMS:]  # so that the page stays the same
    mixed = random.Random(2).sample(touched, len(touched))
    threes = [[_line(item) for item in mixed[start : start + LINES]] for start in range(0, len(mixed), LINES)]
    undo = _act(pantry, "undo", {"action_id": LAST_ID.decode(), "id": FRESH_ID.decode()})
    return {
        "a consumption": [_act(pantry, "consume", {"lines": lines}) for lines in threes],
        "a purchase": [_act(pantry, "purchases", {"lines": lines}, status=201) for lines in threes],
        "an undo": [_act(pantry, "consume", {"id": FRESH_ID.decode(), "lines": threes[0]}), *[undo] * UNDOS],
        "a tick": [_tick(pantry, line, is_ticked=it) for it in (True, False) for line in pantry.shopping.lines],
        "a page of 100 on hand": [_read(pantry, PAGE)],
    }


def _line(item: Known) -> dict[str, Any]:
    return {"item_id": item.id, "quantity": {"amount": 0.001, "unit": item.unit}}


def _act(pantry: Pantry, action: str, body: dict[str, Any], *, status: int = 200) -> Call:
    headers = {**pantry.person.bearer, "Idempotency-Key": FRESH_ID.decode()}
    return Call(f"/api/stock/{action}", headers, "POST", msgspec.json.encode(body).decode(), status)


def _tick(pantry: Pantry, line: str, *, is_ticked: bool) -> Call:
    tick = {"line_id": line, "is_ticked": is_ticked, "at": FUTURE}
    body = msgspec.json.encode({"ticks": [tick]}).decode()
    return Call(f"/api/stock/lists/{pantry.shopping.id}/ticks", pantry.person.bearer, "PUT", body)


def _read(pantry: Pantry, path: str) -> Call:
    return Call(f"/api/stock{path}", pantry.person.bearer)
