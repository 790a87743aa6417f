"""What a phone learns of a barcode: its own item, a product with a draft, or when to ask again."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
from litestar import Response

from popote_kit.cache import Cache
from popote_kit.egress import Egress, origin
from popote_kit.peers import Peers
from popote_kit.service import open_database, service
from popote_kit.service_tokens import ServiceTokens
from popote_kit.testing import PASSWORD, Authority, Clock, FreshDatabase, calling, new_id, serving
from popote_stock.actions.products import Lookups, Pace
from popote_stock.budget import Budget
from popote_stock.model.barcode import check_digit
from popote_stock.peers import Nutrition, OpenFoodFacts
from popote_stock.routes import barcodes, items
from popote_stock.settings import Settings
from popote_stock.testing import Kitchen
from popote_stock.testing import OpenFoodFacts as StandIn

CODE = "3017620422003"
NUMBER = "03017620422003"
SPREAD = {
    "product_name": "Pâte à tartiner",
    "product_name_en": "Hazelnut spread",
    "brands": "Ferrero",
    "quantity": "400 g",
    "product_quantity": 400,
    "product_quantity_unit": "g",
    "nutriments": {"fat_100g": 30.9, "energy-kcal_100g": 539, "salt_100g": 5000},
    "categories_tags": ["en:spreads"],
}
Start = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn({CODE: SPREAD, "0036000291452": {"product_name": "Tissues"}})


@pytest.fixture
def start(database: FreshDatabase, authority: Authority, clock: Clock, servers: Any, stand_in: StandIn) -> Start:
    """Start a stock service with barcodes; `asks` whether Open Food Facts is asked, `patience_s` how long one waits."""

    @asynccontextmanager
    async def start(*, asks: bool = True, patience_s: float = 10) -> AsyncIterator[httpx.AsyncClient]:
        settings = Settings(database_url=database.url("stock"), database_password=PASSWORD)
        own = open_database("stock", settings, clock)
        budget = Budget(Cache(servers.redis_url), f"popote:test:{new_id()}", limit=10, period_s=60)
        async with serving(stand_in.app) as url:
            source = OpenFoodFacts(Egress(allowed=frozenset({origin(url)})), url, "me@example.org")
            lookups = Lookups(
                own, source if asks else None, budget, Pace(patience_s, look_s=0.05, rest_s=0.05, retry_s=0.1)
            )
            peers = Peers(apps={"auth": authority})
            app = service(
                "stock",
                settings,
                title="Barcodes",
                routes=[*items.ROUTES, *barcodes.ROUTES],
                peers=peers,
                clock=clock,
                database=own,
                dependencies={"lookups": lookups, "nutrition": Nutrition(peers, ServiceTokens(peers, "stock", None))},
                lifespan=[lookups.lifespan],
            )
            async with calling(app, timeout=30) as client:
                yield client

    return start


@pytest.fixture
async def client(start: Start) -> AsyncIterator[httpx.AsyncClient]:
    async with start() as client:
        yield client


@pytest.fixture
def anna(client: httpx.AsyncClient, authority: Authority) -> Kitchen:
    return Kitchen(client, authority.bearer(zone="Europe/Paris", lang="en"))


async def test_a_product_that_nobody_here_knew_comes_with_attribution_and_a_draft(anna: Kitchen) -> None:
    assert await anna.get(f"/barcodes/{CODE}") == {
        "gtin": NUMBER,
        "code": CODE,
        "status": "found",
        "product": {
            "name": "Hazelnut spread",
            "attribution": "Open Food Facts contributors, ODbL",
            "per_100g": {"energy_kcal": 539, "fat_g": 30.9},
            "categories": ["en:spreads"],
            "brands": "Ferrero",
            "quantity": {"amount": 400, "unit": "g"},
            "quantity_text": "400 g",
        },
        "draft": {
            "name": "Hazelnut spread",
            "unit": "g",
            "barcodes": [{"code": CODE, "quantity": {"amount": 400, "unit": "g"}}],
        },
    }


async def test_the_facts_of_an_item_hold_what_its_label_says(anna: Kitchen) -> None:
    draft = (await anna.get(f"/barcodes/{CODE}"))["draft"]
    item = (await anna.post("/items", draft))["id"]
    facts = await anna.get(f"/items/{item}/facts")
    pack = {"unit": "pack", "equals": {"amount": 400, "unit": "g"}, "source": "product", "is_approximate": False}
    assert facts["facts"] == [pack]
    assert facts["product"] == {
        "code": CODE,
        "source": "Open Food Facts",
        "per": "g",
        "nutrients": {"energy_kcal": 539, "fat_g": 30.9},
        "quantity": {"amount": 400, "unit": "g"},
    }
    assert (await anna.ask("GET", f"/items/{new_id()}/facts")).status_code == 404


async def test_a_draft_is_a_body_for_an_item_and_then_the_barcode_is_the_households_own(
    anna: Kitchen, stand_in: StandIn
) -> None:
    for code in (CODE, "036000291452"):
        draft = (await anna.get(f"/barcodes/{code}"))["draft"]
        made = await anna.post("/items", draft)
        found = await anna.get(f"/barcodes/{code}")
        assert (found["status"], found["item"]["id"], "product" in found) == ("item", made["id"], False)
    assert stand_in.asked == [CODE, "0036000291452"]


async def test_the_own_item_of_one_household_is_none_of_anothers(
    anna: Kitchen, client: httpx.AsyncClient, authority: Authority
) -> None:
    await anna.item("My spread", barcodes=[{"code": CODE}])
    assert (await anna.get(f"/barcodes/{CODE}"))["item"]["name"] == "My spread"
    boris = Kitchen(client, authority.bearer(lang="fr"))
    found = await boris.get(f"/barcodes/{CODE}")
    assert (found["status"], found["product"]["name"]) == ("found", "Pâte à tartiner")


async def test_a_scan_tells_dates_lot_and_weight_beside_the_product(anna: Kitchen) -> None:
    expected = {
        "best_before": "2026-12-31",
        "use_by": "2027-01-31",
        "lot": "L7",
        "quantity": {"amount": 1.25, "unit": "kg"},
    }
    link = f"https://shop.example/01/{NUMBER}/10/L7?15=261231&17=270100&3103=001250"
    for text in (f"]C101{NUMBER}15261231310300125010L7\x1d17270100", link):
        found = await anna.get("/barcodes", scan=text)
        assert (found["gtin"], found["status"], found["scan"]) == (NUMBER, "found", expected)


async def test_a_scan_of_plain_digits_tells_nothing_more(anna: Kitchen) -> None:
    assert (await anna.get("/barcodes", scan=CODE))["scan"] == {}


async def test_what_nobody_knows_and_a_shops_own_code_are_unknown(anna: Kitchen, stand_in: StandIn) -> None:
    for code in ("0012345678905", f"201234500000{check_digit('201234500000')}"):
        found = await anna.get(f"/barcodes/{code}")
        assert (found["status"], found.keys() & {"item", "product", "draft"}) == ("unknown", set())
    assert stand_in.asked == ["0012345678905"]


async def test_who_waits_too_long_is_told_when_to_ask_again(
    start: Start, authority: Authority, stand_in: StandIn, clock: Clock
) -> None:
    stand_in.instead = Response(b"", status_code=503)
    async with start(patience_s=0.01) as client:
        anna = Kitchen(client, authority.bearer())
        answer = await anna.ask("GET", f"/barcodes/{CODE}")
        assert (answer.status_code, answer.json()["status"], answer.headers["retry-after"]) == (200, "pending", "6")
        stand_in.instead = None
        clock.advance(seconds=10)
        while (answer := await anna.ask("GET", f"/barcodes/{CODE}")).json()["status"] == "pending":
            pass
        assert answer.json()["status"] == "found"
        assert "retry-after" not in answer.headers


async def test_without_open_food_facts_the_status_is_off(start: Start, authority: Authority, stand_in: StandIn) -> None:
    async with start(asks=False) as client:
        assert (await Kitchen(client, authority.bearer()).get(f"/barcodes/{CODE}"))["status"] == "off"
    assert stand_in.asked == []


async def test_a_guest_has_nobody_asked_and_a_child_may(
    client: httpx.AsyncClient, authority: Authority, stand_in: StandIn
) -> None:
    guest, child = (Kitchen(client, authority.bearer(role=role)) for role in ("guest", "child"))
    assert (await guest.get(f"/barcodes/{CODE}"))["status"] == "unknown"
    assert stand_in.asked == []
    assert (await child.get(f"/barcodes/{CODE}"))["status"] == "found"
    assert (await guest.get(f"/barcodes/{CODE}"))["status"] == "found"


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/barcodes/3017620422004", "check_digit"),
        ("/barcodes/301762042", "length"),
        ("/barcodes/soup", "characters"),
        (f"/barcodes?scan=01{NUMBER}17261301", "date"),
        (f"/barcodes?scan=01{NUMBER}10L%00", "characters"),
        ("/barcodes?scan=https://x.example/", "gtin"),
        (f"/barcodes?scan=01{NUMBER}%1D%1D17", "length"),
    ],
)
async def test_a_bad_code_is_told_why_in_both_languages(anna: Kitchen, path: str, fault: str) -> None:
    details = set()
    for language in ("en", "fr"):
        answer = await anna.ask("GET", path, headers={"Accept-Language": language})
        problem = answer.json()
        assert (answer.status_code, problem["type"], problem["fault"]) == (422, "/problems/bad-barcode", fault)
        details.add(problem["detail"])
    assert len(details) == 2


@pytest.mark.parametrize("query", ["", "?scan=", f"?scan={'1' * 501}", "?code=1"])
async def test_a_scan_is_needed_and_limited(anna: Kitchen, query: str) -> None:
    assert (await anna.ask("GET", f"/barcodes{query}")).status_code == 422


async def test_a_long_code_is_refused(anna: Kitchen) -> None:
    assert (await anna.ask("GET", f"/barcodes/{'1' * 3000}")).status_code == 422


async def test_barcodes_need_a_token(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/api/stock/barcodes/{CODE}")).status_code == 401
    assert (await client.get("/api/stock/barcodes", params={"scan": CODE})).status_code == 401
