"""Products of Open Food Facts: believed as far as they make sense, asked within its limits, kept for a while."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar, Response
from redis.asyncio import Redis

from popote_kit.cache import Cache
from popote_kit.clock import SYSTEM_CLOCK
from popote_kit.database import Database
from popote_kit.egress import Egress, origin
from popote_kit.identity import Caller
from popote_kit.problems import TooManyRequests
from popote_kit.quantity import Amount, Quantity
from popote_kit.settings import SettingsError
from popote_kit.testing import PASSWORD, Clock, FreshDatabase, new_id, serving
from popote_stock.actions.products import Finding, Lookups, Pace
from popote_stock.budget import Budget
from popote_stock.model.barcode import check_digit, gtin, shown
from popote_stock.model.product import NUTRIENTS, Product, read_product
from popote_stock.peers import Busy, OpenFoodFacts
from popote_stock.queries import products
from popote_stock.settings import Settings
from popote_stock.testing import OpenFoodFacts as StandIn

SPREAD = {
    "product_name": "Pâte à tartiner",
    "product_name_fr": "Pâte à tartiner aux noisettes",
    "product_name_en": "Hazelnut spread",
    "brands": "Ferrero",
    "quantity": "400 g",
    "product_quantity": "400",
    "product_quantity_unit": "g",
    "nutriments": {"energy-kcal_100g": 539, "fat_100g": 30.9, "salt_100g": "0.107", "sugars_100g": 56.3},
    "image_front_small_url": "https://images.openfoodfacts.org/images/products/301/762/042/2003/front_fr.200.jpg",
    "categories_tags": ["en:spreads", "en:hazelnut-spreads"],
    "ingredients_text": "not asked for",
}
CODE = "3017620422003"
NUMBER = gtin(CODE)
PERIOD_S = 0.4
FAST = Pace(patience_s=5, look_s=0.05, rest_s=0.05, retry_s=0.1)
FAST_RETRY = timedelta(seconds=FAST.retry_s)
Start = Callable[..., AbstractAsyncContextManager[Lookups]]


def codes(count: int) -> list[str]:
    return [f"{body}{check_digit(body)}" for body in (f"3{number:011}" for number in range(count))]


def caller(role: Any = "owner", household: UUID | None = None) -> Caller:
    return Caller(
        person=new_id(), household=household or new_id(), session=new_id(), role=role, scopes=frozenset(), version=1,
        zone="Europe/Paris", language="en", currency="EUR", expires_at=0,
    )  # fmt: skip


# What is believed


def facts(**more: Any) -> dict[str, Any]:
    return {"product_name": "Soup", **more}


def read(**more: Any) -> Product:
    product = read_product(NUMBER, facts(**more))
    assert product is not None
    return product


def test_a_product_is_read_with_exact_numbers() -> None:
    decoded = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode(json.dumps(SPREAD))
    assert read_product(NUMBER, decoded) == Product(
        gtin=NUMBER,
        name="Pâte à tartiner",
        name_en="Hazelnut spread",
        name_fr="Pâte à tartiner aux noisettes",
        brands="Ferrero",
        quantity_text="400 g",
        quantity=Quantity(Amount(400), "g"),
        nutrients={
            "energy_kcal": Decimal(539),
            "fat_g": Decimal("30.9"),
            "sugars_g": Decimal("56.3"),
            "salt_g": Decimal("0.107"),
        },
        categories=["en:spreads", "en:hazelnut-spreads"],
        image_url=str(SPREAD["image_front_small_url"]),
    )


def test_a_product_has_a_name_in_the_language_of_the_household_or_any() -> None:
    both = read(product_name_en="Soup!", product_name_fr="Soupe")
    assert (both.named("en"), both.named("fr")) == ("Soup!", "Soupe")
    assert read().named("fr") == "Soup"
    only_french = read(product_name="", product_name_fr="Soupe")
    assert only_french.named("en") == "Soupe"


@pytest.mark.parametrize("name", ["", "  ", None, 5, ["Soup"], "\x00\x07"])
def test_a_product_that_nobody_named_is_none(name: Any) -> None:
    assert read_product(NUMBER, {"product_name": name}) is None


def test_a_name_is_one_line_without_controls_and_not_too_long() -> None:
    assert read(product_name=" Soup\x00 of\n the\u200b  day ").name == "Soup of the day"
    assert read(product_name="x" * 500).name == "x" * 120


@pytest.mark.parametrize(
    ("name", "value", "believed"),
    [
        ("fat_100g", 100, "100"),
        ("fat_100g", 0, "0"),
        ("fat_100g", 100.5, None),
        ("fat_100g", -1, None),
        ("energy-kcal_100g", 900, "900"),
        ("energy-kcal_100g", 901, None),
        ("energy-kj_100g", 3700, "3700"),
        ("energy-kj_100g", 3701, None),
        ("salt_100g", "0.5", "0.5"),
        ("salt_100g", "0,5", None),
        ("salt_100g", "lots", None),
        ("salt_100g", True, None),
        ("salt_100g", None, None),
        ("salt_100g", [1], None),
        ("salt_100g", 0.12345678, "0.123"),
        ("salt_100g", 10**400, None),
        ("salt_100g", Decimal("1e999999"), None),
        ("salt_100g", Decimal("NaN"), None),
    ],
)
def test_a_nutrient_out_of_range_is_unknown(name: str, value: Any, believed: str | None) -> None:
    exact = Decimal(str(value)) if isinstance(value, float) else value
    assert list(read(nutriments={name: exact}).nutrients.values()) == ([Decimal(believed)] if believed else [])


def test_energy_without_its_unit_is_in_kilojoules() -> None:
    assert read(nutriments={"energy_100g": 1000}).nutrients == {"energy_kj": 1000}


@pytest.mark.parametrize(
    ("told", "quantity"),
    [
        ({"product_quantity": 330, "product_quantity_unit": "ml"}, "330 ml"),
        ({"product_quantity": "0.75", "product_quantity_unit": "L"}, "0.75 l"),
        ({"quantity": "400 g"}, "400 g"),
        ({"quantity": "1,5 L"}, "1.5 l"),
        ({"quantity": "6 x 33 cl"}, "198 cl"),
        ({"quantity": "6\u00d733cl (6 bottles)"}, "198 cl"),
        ({"quantity": "0,375 l"}, "0.375 l"),
        ({"quantity": "1,000 g"}, None),
        ({"quantity": "400"}, None),
        ({"quantity": "400 gallons"}, None),
        ({"quantity": "about 400 g"}, None),
        ({"quantity": "0 g"}, None),
        ({"quantity": "5000 kg"}, None),
        ({"product_quantity": 0, "product_quantity_unit": "g"}, None),
        ({"product_quantity": -5, "product_quantity_unit": "g"}, None),
        ({"product_quantity": 5, "product_quantity_unit": ["g"]}, None),
        ({"product_quantity": 5, "product_quantity_unit": "oz"}, None),
    ],
)  # fmt: skip
def test_what_a_pack_holds_is_read_or_unknown_and_never_guessed(told: dict[str, Any], quantity: str | None) -> None:
    found = read(**told).quantity
    assert (f"{found.amount} {found.unit}" if found else None) == quantity


@pytest.mark.parametrize(
    "url", ["http://images.openfoodfacts.org/a.jpg", "https://evil.test/a.jpg", "javascript:x",
            "https://images.openfoodfacts.org.evil.test/a", 'https://images.openfoodfacts.org/"><script>', None, 5],
)  # fmt: skip
def test_an_image_from_elsewhere_is_left_out(url: Any) -> None:
    assert read(image_front_small_url=url).image_url is None


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
THEIRS = [name for theirs, _ in NUTRIENTS.values() for name in theirs]


@given(st.dictionaries(st.sampled_from(list(SPREAD)), JUNK), st.dictionaries(st.sampled_from(THEIRS), JUNK))
def test_no_junk_breaks_the_reading(junk: dict[str, Any], nutriments: dict[str, Any]) -> None:
    product = read(**{"nutriments": nutriments, **junk, "product_name": "Soup"})
    assert all(0 <= value <= NUTRIENTS[name][1] for name, value in product.nutrients.items())


# The budget


async def granted(budget: Budget, times: int = 30) -> int:
    return [await budget.take() for _ in range(times)].count(0)


@pytest.fixture
def key() -> str:
    """The name of a budget that no other test spends."""
    return f"popote:test:{new_id()}"


@pytest.fixture
async def redis(servers: Any) -> AsyncIterator[Cache]:
    cache = Cache(servers.redis_url)
    yield cache
    await cache.close()


def budget(cache: Cache, key: str, period_s: float = 60) -> Budget:
    return Budget(cache, key, limit=10, period_s=period_s)


async def test_all_processes_together_get_ten_and_are_told_how_long_to_wait(redis: Cache, key: str) -> None:
    assert sum(await asyncio.gather(*(granted(budget(redis, key)) for _ in range(4)))) == 10
    assert 0 < await budget(redis, key).take() <= 60


async def test_without_redis_each_process_gets_ten(key: str) -> None:
    nowhere = Cache("redis://127.0.0.1:1")
    first, second = budget(nowhere, key), budget(nowhere, key)
    assert (await granted(first), await granted(second)) == (10, 10)
    assert 0 < await first.take() <= 60


async def test_a_redis_that_forgets_does_not_give_a_process_more(redis: Cache, key: str) -> None:
    async def forget(redis: Redis) -> int:
        return int(await redis.delete(key))

    one = budget(redis, key)
    assert await granted(one) == 10
    assert await redis.ask(forget) == 1
    assert await granted(one) == 0


async def test_after_the_period_there_is_more(redis: Cache, key: str) -> None:
    one = budget(redis, key, period_s=0.2)
    assert await granted(one, times=10) == 10
    while wait_s := await one.take():
        assert wait_s <= 0.2
        await asyncio.sleep(wait_s)


# The question itself


@asynccontextmanager
async def asking(stand_in: StandIn, contact: str = "me@example.org") -> AsyncIterator[OpenFoodFacts]:
    async with serving(stand_in.app) as url:
        source = OpenFoodFacts(Egress(allowed=frozenset({origin(url)})), url, contact)
        try:
            yield source
        finally:
            await source.close()


async def test_the_question_says_who_asks_and_only_what_is_needed() -> None:
    stand_in = StandIn({CODE: SPREAD, "0036000291452": facts(), "96385074": facts()})
    async with asking(stand_in) as source:
        product = await source.ask(NUMBER)
        assert await source.ask(gtin("036000291452")) is not None
        assert await source.ask(gtin("96385074")) is not None
        assert await source.ask(gtin("0012345678905")) is None
    assert product is not None
    assert product.named("en") == "Hazelnut spread"
    assert stand_in.user_agents == {"Popote/0.1.0 (me@example.org)"}
    assert stand_in.asked == [CODE, "0036000291452", "96385074", "0012345678905"]


@pytest.mark.parametrize(
    ("instead", "reason"),
    [
        (Response(b"", status_code=503), "it answers 503"),
        (Response(b"", status_code=429), "it answers 429"),
        (Response(b"", status_code=500), "it answers 500"),
        (Response(b"<html>not here</html>", status_code=404), "no JSON"),
        (Response(b"{", status_code=200), "no JSON"),
        (Response(b"[" * 100_000, status_code=200), "no JSON"),
        (Response(b"[]", status_code=200), "no JSON"),
        (Response(b"{}", status_code=200), "another form"),
        (Response(b'{"status": 1, "product": []}', status_code=200), "another form"),
        (Response(b"", status_code=302, headers={"Location": "http://10.0.0.1/"}), "can't be reached"),
    ],
)
async def test_an_unusable_answer_leaves_the_question_open(instead: Response[bytes], reason: str) -> None:
    stand_in = StandIn({})
    stand_in.instead = instead
    async with asking(stand_in) as source:
        with pytest.raises(Busy, match=reason):
            await source.ask(NUMBER)


@pytest.mark.parametrize(("told", "meant"), [("120", 120), ("999999", 3600), ("soon", 0), ("-1", 0)])
async def test_a_server_may_say_how_long_to_leave_it_alone(told: str, meant: int) -> None:
    stand_in = StandIn({})
    stand_in.instead = Response(b"", status_code=503, headers={"Retry-After": told})
    async with asking(stand_in) as source:
        with pytest.raises(Busy) as busy:
            await source.ask(NUMBER)
    assert busy.value.retry_after_s == meant


# Looking up


@pytest.fixture
def start(database: FreshDatabase, servers: Any, key: str) -> Start:
    """Start lookups as a process of their own would, on the test's database and Redis."""

    @asynccontextmanager
    async def start(
        stand_in: StandIn | None, *, clock: Any = SYSTEM_CLOCK, pace: Pace = FAST, redis_url: str | None = None
    ) -> AsyncIterator[Lookups]:
        own = Database(database.url("stock"), schema="stock", password=PASSWORD, clock=clock)
        shared = budget(Cache(servers.redis_url if redis_url is None else redis_url), key, PERIOD_S)
        async with serving((stand_in or StandIn({})).app) as url:
            source = OpenFoodFacts(Egress(allowed=frozenset({origin(url)})), url, "me@example.org")
            lookups = Lookups(own, source if stand_in else None, shared, pace)
            async with lookups.lifespan(Litestar()):
                yield lookups
        await own.close()

    return start


async def settled(lookups: Lookups, who: Caller, code: str) -> Finding:
    """Look a code up until it is no longer pending."""
    while (finding := await lookups.find(who, gtin(code))).status == "pending":
        assert finding.retry_after_s >= 1
        await asyncio.sleep(0.02)
    return finding


async def test_an_unknown_barcode_is_asked_once_and_then_known_to_every_household(start: Start) -> None:
    stand_in = StandIn({CODE: SPREAD})
    async with start(stand_in) as lookups:
        findings = await asyncio.gather(*(lookups.find(caller(), NUMBER) for _ in range(5)))
        again = await lookups.find(caller(), NUMBER)
        absent = [await lookups.find(caller(), gtin(codes(1)[0])) for _ in range(2)]
    assert {finding.status for finding in findings} == {"found"}
    assert again == findings[0]
    assert again.product is not None
    assert again.product.nutrients["fat_g"] == Decimal("30.9")
    assert [finding.status for finding in absent] == ["unknown"] * 2
    assert stand_in.asked == [CODE, codes(1)[0]]


async def test_sixty_codes_at_once_from_two_processes_stay_under_the_limit_and_all_resolve(start: Start) -> None:
    wanted = codes(60)
    stand_in = StandIn({code: facts(product_name=code) for code in wanted[::2]}, limit=15, period_s=PERIOD_S)
    impatient = Pace(patience_s=0.01, look_s=0.05, rest_s=0.05, retry_s=5)
    who = caller()
    async with start(stand_in, pace=impatient) as one, start(stand_in, pace=impatient) as other:
        first = await asyncio.gather(*((one, other)[n % 2].find(who, gtin(code)) for n, code in enumerate(wanted)))
        assert any(finding.status == "pending" for finding in first)
        findings = [await settled(one, who, code) for code in wanted]
    assert [finding.status for finding in findings] == ["found", "unknown"] * 30
    assert stand_in.refused == 0
    assert sorted(stand_in.asked) == sorted(wanted)


async def test_without_redis_they_all_resolve_too(start: Start) -> None:
    wanted = codes(15)
    stand_in = StandIn({code: facts() for code in wanted}, limit=15, period_s=PERIOD_S)
    who = caller()
    async with start(stand_in, redis_url="redis://127.0.0.1:1") as lookups:
        findings = await asyncio.gather(*(settled(lookups, who, code) for code in wanted))
    assert {finding.status for finding in findings} == {"found"}
    assert stand_in.refused == 0


async def test_while_the_server_is_away_the_question_waits_and_is_answered_later(start: Start) -> None:
    stand_in = StandIn({CODE: SPREAD})
    stand_in.instead = Response(b"", status_code=503)
    who = caller()
    async with start(stand_in, pace=Pace(patience_s=0.3, look_s=0.05, rest_s=0.05, retry_s=0.1)) as lookups:
        assert (await lookups.find(who, NUMBER)).status == "pending"
        stand_in.instead = None
        assert (await settled(lookups, who, CODE)).status == "found"


async def test_what_a_process_left_behind_another_takes_up(start: Start, database: FreshDatabase) -> None:
    async with database.kitchen("stock", new_id()) as kitchen:
        await products.queue_product(kitchen, NUMBER)
        assert await products.claim_product(kitchen, FAST_RETRY) == NUMBER
    stand_in = StandIn({CODE: SPREAD})
    async with start(stand_in) as lookups:
        assert (await settled(lookups, caller("guest"), CODE)).status == "found"


async def test_answers_are_forgotten_in_time_and_asked_anew(start: Start, clock: Clock) -> None:
    stand_in = StandIn({CODE: SPREAD}, period_s=0.01)
    who, absent = caller(), codes(1)[0]
    async with start(stand_in, clock=clock) as lookups:
        for hours, asked in ((0, [CODE, absent]), (23, []), (2, [absent]), (28 * 24, [absent]), (24, [CODE, absent])):
            clock.advance(hours=hours)
            stand_in.asked.clear()
            await lookups.find(who, NUMBER)
            await lookups.find(who, gtin(absent))
            assert stand_in.asked == asked


async def test_what_counts_no_longer_is_deleted(database: FreshDatabase) -> None:
    async with database.kitchen("stock", new_id()) as kitchen:
        await products.queue_product(kitchen, NUMBER)
        assert await products.forget_products(kitchen) == 0
    await database.rows("UPDATE stock.product SET forget_at = now() - interval '1 s'")
    async with database.kitchen("stock", new_id()) as kitchen:
        assert await products.read_product(kitchen, NUMBER) is None
        assert await products.forget_products(kitchen) == 1


async def test_a_guest_reads_what_is_known_and_has_nobody_asked(start: Start) -> None:
    stand_in = StandIn({CODE: SPREAD})
    async with start(stand_in) as lookups:
        assert (await lookups.find(caller("guest"), NUMBER)).status == "unknown"
        assert stand_in.asked == []
        assert (await lookups.find(caller("child"), NUMBER)).status == "found"
        assert (await lookups.find(caller("guest"), NUMBER)).status == "found"


async def test_a_shops_own_code_is_never_asked_outside(start: Start) -> None:
    stand_in = StandIn({})
    async with start(stand_in) as lookups:
        assert (
            await lookups.find(caller(), gtin("2012345" + "00000" + check_digit("201234500000")))
        ).status == "unknown"
    assert stand_in.asked == []


async def test_without_a_contact_nobody_is_asked_and_what_is_known_is_told(start: Start) -> None:
    async with start(None) as off:
        assert (await off.find(caller(), NUMBER)).status == "off"
        async with start(StandIn({CODE: SPREAD})) as lookups:
            await lookups.find(caller(), NUMBER)
        assert (await off.find(caller(), NUMBER)).status == "found"


async def test_one_household_can_not_fill_the_queue(start: Start, database: FreshDatabase) -> None:
    greedy, modest = new_id(), new_id()
    async with database.kitchen("stock", greedy) as kitchen:
        for code in codes(101):
            await products.queue_product(kitchen, gtin(code))
    stand_in = StandIn({})
    stand_in.instead = Response(b"", status_code=503)
    async with start(stand_in, pace=Pace(patience_s=0.01)) as lookups:
        with pytest.raises(TooManyRequests):
            await lookups.find(caller(household=greedy), gtin(codes(101)[-1]))
        finding = await lookups.find(caller(household=modest), NUMBER)
    assert (finding.status, finding.retry_after_s) == ("pending", math.ceil(101 * PERIOD_S / 10))
    assert (await database.rows("SELECT count(*) FROM stock.product"))[0][0] == 101


async def test_settings_decide_whether_anybody_is_asked(database: FreshDatabase) -> None:
    own = Database(database.url("stock"), schema="stock", password=PASSWORD)
    silent = Lookups.of(Settings(database_url="x"), own)
    asking = Lookups.of(Settings(database_url="x", open_food_facts_contact="me@example.org"), own)
    assert (silent._source, asking._source is None) == (None, False)
    with pytest.raises(SettingsError, match="STOCK_OPEN_FOOD_FACTS_URL"):
        Lookups.of(Settings(database_url="x", open_food_facts_contact="me", open_food_facts_url="nowhere"), own)


async def test_two_workers_never_claim_the_same_product(database: FreshDatabase) -> None:
    async with database.kitchen("stock", new_id()) as kitchen:
        for code in codes(2):
            await products.queue_product(kitchen, gtin(code))
    async with database.kitchen("stock") as one, database.kitchen("stock") as other:
        claimed = [await products.claim_product(each, FAST_RETRY) for each in (one, other, one)]
    assert [code and shown(code) for code in claimed] == [*codes(2), None]
