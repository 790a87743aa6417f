"""Following: every event of another service is handled once, in order, whatever fails in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pytest

from popote_auth.app import create_app as create_auth
from popote_auth.settings import Settings as AuthSettings
from popote_kit import following, outbox
from popote_kit.database import Database, Kitchen
from popote_kit.following import Follower
from popote_kit.outbox import Event
from popote_kit.peers import Peers
from popote_kit.problems import Unavailable
from popote_kit.quantity import Amount
from popote_kit.service import service
from popote_kit.service_tokens import ServiceTokens
from popote_kit.settings import ServiceSettings
from popote_kit.sync import Of, next_version
from popote_kit.testing import PASSWORD, FreshDatabase, new_id, serving

CREDENTIAL: Final = "what nutrition shows auth, in these tests"
HEARD: Final = """
    SET ROLE nutrition_owner;
    CREATE TABLE nutrition.heard (
        number int GENERATED ALWAYS AS IDENTITY, household_id uuid NOT NULL, person_id uuid, word text NOT NULL
    );
    RESET ROLE
"""


class Scene:
    """Stock announces, nutrition follows; auth gives it tokens. All real, by HTTP."""

    def __init__(self, database: FreshDatabase, urls: dict[str, str]) -> None:
        self.database = database
        self.stock = Database(database.url("stock"), schema="stock", password=PASSWORD)
        self.nutrition = Database(database.url("nutrition"), schema="nutrition", password=PASSWORD)
        self.peers = Peers(urls=urls)
        self.home = new_id()
        self.failures: list[Exception] = []  # what the handler raises next

    async def close(self) -> None:
        await self.peers.close()
        await self.stock.close()
        await self.nutrition.close()

    async def announce(self, *words: str, kind: str = "said", person: UUID | None = None) -> None:
        of: Of = "person" if person else "household"
        for word in words:
            async with self.stock.kitchen(self.home, person, write=True) as kitchen:
                version = await next_version(kitchen, of=of)
                await outbox.announce(kitchen, kind, version, {"word": word}, of=of)

    async def hear(self, kitchen: Kitchen, event: Event) -> None:
        await kitchen.execute(
            "INSERT INTO heard (household_id, person_id, word) VALUES ($1, $2, $3)",
            kitchen.household,
            event.person_id,
            event.payload["word"],
        )
        if self.failures:
            raise self.failures.pop()

    def follower(self, **options: Any) -> Follower:
        tokens = ServiceTokens(self.peers, "nutrition", CREDENTIAL)
        options = {"handlers": {"said": self.hear}, "retries_s": (0, 0), **options}
        return Follower(self.nutrition, self.peers, tokens, service="stock", **options)

    async def heard(self) -> list[str]:
        return [row["word"] for row in await self.database.rows("SELECT word FROM nutrition.heard ORDER BY number")]


@pytest.fixture
async def scene(database: FreshDatabase) -> AsyncIterator[Scene]:
    await database.run(HEARD)
    auth = create_auth(
        AuthSettings(
            database_url=database.url("auth"),
            database_password=PASSWORD,
            secret="a secret that nobody guesses, in these tests",
            nutrition_credential=CREDENTIAL,
        ),
        peers=Peers(),
    )
    async with AsyncExitStack() as stack:
        auth_url = await stack.enter_async_context(serving(auth))
        settings = ServiceSettings(database_url=database.url("stock"), database_password=PASSWORD)
        peers = Peers(urls={"auth": auth_url})
        clock = Database("", schema="stock").clock
        stock = service("stock", settings, title="", routes=outbox.routes("stock"), peers=peers, clock=clock)
        urls = {"auth": auth_url, "stock": await stack.enter_async_context(serving(stock))}
        scene = Scene(database, urls)
        stack.push_async_callback(scene.close)
        yield scene


async def test_each_event_is_handled_once_for_its_household_and_person(scene: Scene) -> None:
    anna = new_id()
    await scene.announce("jam", "tea")
    await scene.announce("a pear", person=anna)
    await scene.announce("nothing to us", kind="sung")
    for _ in range(2):  # as after a restart
        await scene.follower().catch_up()
    rows = await scene.database.rows("SELECT household_id, person_id, word FROM nutrition.heard ORDER BY number")
    assert [tuple(row) for row in rows] == [
        (scene.home, None, "jam"), (scene.home, None, "tea"), (scene.home, anna, "a pear"),
    ]  # fmt: skip
    await scene.announce("salt")
    await scene.follower().catch_up()
    assert (await scene.heard())[3:] == ["salt"]


async def test_more_than_a_page_is_handled_in_order(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PAGE", 3)
    await scene.announce(*"abcdefg")
    await scene.announce("h", kind="sung")
    await scene.follower().catch_up()
    assert await scene.heard() == list("abcdefg")


async def test_numbers_arrive_as_they_were_announced(scene: Scene) -> None:
    heard: list[object] = []

    async def hear(_kitchen: Kitchen, event: Event) -> None:
        heard.append(event.payload["grams"])

    async with scene.stock.kitchen(scene.home, write=True) as kitchen:
        payload = {"grams": Amount("0.1234567890123456789")}
        await outbox.announce(kitchen, "said", await next_version(kitchen), payload)
    await scene.follower(handlers={"said": hear}).catch_up()
    assert heard == [Decimal("0.1234567890123456789")]


async def test_processes_that_follow_together_handle_each_event_once(scene: Scene) -> None:
    words = [str(number) for number in range(20)]
    await scene.announce(*words)
    await asyncio.gather(*(scene.follower().catch_up() for _ in range(4)))
    assert await scene.heard() == words


async def test_an_event_that_fails_for_a_moment_is_handled_once(scene: Scene) -> None:
    await scene.announce("jam", "tea")
    scene.failures = [LookupError(), LookupError()]
    await scene.follower().catch_up()
    assert await scene.heard() == ["jam", "tea"]


async def test_an_event_that_fails_for_good_does_not_hold_up_the_rest(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    await scene.announce("jam", "tea")
    scene.failures = [LookupError()] * 3
    await scene.follower().catch_up()
    assert await scene.heard() == ["tea"]
    (left,) = (record for record in caplog.records if record.message == "an event is left behind")
    assert (left.__dict__["service_name"], left.__dict__["kind"]) == ("stock", "said")


async def test_an_event_waits_for_what_its_handler_needs_however_long(scene: Scene) -> None:
    await scene.announce("jam")
    for _ in range(5):
        scene.failures = [Unavailable()]
        with pytest.raises(Unavailable):
            await scene.follower().catch_up()
    assert await scene.heard() == []
    await scene.follower().catch_up()
    assert await scene.heard() == ["jam"]


async def test_after_a_restore_of_the_other_service_it_starts_anew(scene: Scene) -> None:
    resyncs: list[str] = []

    async def note(kitchen: Kitchen) -> None:
        resyncs.append(await kitchen.fetchval("SELECT count(*)::text FROM heard"))

    await scene.announce("jam")
    follower = scene.follower(on_resync=note)
    await follower.catch_up()
    await scene.database.run("UPDATE stock.epoch SET id = gen_random_uuid()")
    await follower.catch_up()
    assert (await scene.heard(), resyncs) == (["jam", "jam"], ["1"])
    await scene.follower().catch_up()
    assert await scene.heard() == ["jam", "jam"]


async def test_a_running_service_follows_and_outlasts_the_absence_of_the_other(scene: Scene) -> None:
    await scene.announce("jam")
    scene.failures = [Unavailable(), KeyError("what nobody thought of")]
    async with scene.follower(poll_s=0.01, retries_s=()).lifespan(None):  # type: ignore[arg-type]  # it needs no app
        await scene.announce("tea")
        while "tea" not in await scene.heard():  # noqa: ASYNC110 - PostgreSQL sets no event
            await asyncio.sleep(0.01)
    nowhere = Peers(urls={"auth": "http://127.0.0.1:1", "stock": "http://127.0.0.1:1"})
    tokens = ServiceTokens(nowhere, "nutrition", CREDENTIAL)
    with pytest.raises(Unavailable):
        await Follower(scene.nutrition, nowhere, tokens, service="stock", handlers={}).catch_up()
    await nowhere.close()
