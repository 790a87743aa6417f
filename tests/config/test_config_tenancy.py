"""Households are kept apart by row-level security alone, without the service's own checks."""

from uuid import UUID

import asyncpg
import httpx
import pytest

from popote_config import actions, queries
from popote_config.model import Draft
from popote_kit.testing import Authority, FreshDatabase, new_id

PATH = "/api/system-config/ollama"
LAN = "http://192.168.11.101:11434"
OTHER = "http://192.168.11.102:11434"
BY = "person:test"


@pytest.fixture
async def anna(database: FreshDatabase) -> UUID:
    """A household that has published an address, beside a system-wide one."""
    household = new_id()
    async with database.kitchen("config") as kitchen:
        await actions.seed(kitchen, OTHER)
    async with database.kitchen("config", household, new_id()) as kitchen:
        await queries.publish(kitchen, household, Draft(LAN, BY), None)
    return household


async def test_a_household_sees_no_row_but_its_own(database: FreshDatabase, anna: UUID) -> None:
    seen = {}
    for name, household in (("anna", anna), ("ben", new_id()), ("all", None)):
        async with database.kitchen("config", household) as kitchen:
            seen[name] = [row["url"] for row in await kitchen.fetch("SELECT url FROM publication")]
    assert seen == {"anna": [LAN], "ben": [], "all": [OTHER]}


async def test_a_household_writes_no_row_but_its_own(database: FreshDatabase, anna: UUID) -> None:
    for worker, whose in ((new_id(), anna), (new_id(), None), (None, anna)):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.kitchen("config", worker) as kitchen:
                await queries.publish(kitchen, whose, Draft(OTHER, BY), None)
    assert len(await database.rows("SELECT FROM config.publication")) == 2


async def test_what_stands_is_that_of_the_session_whatever_is_asked(database: FreshDatabase, anna: UUID) -> None:
    async with database.kitchen("config", new_id()) as kitchen:
        standing = await queries.read_standing(kitchen)
        assert standing is not None
        assert (standing.household_id, standing.url) == (None, OTHER)
        assert await queries.read_publication(kitchen, anna, 2) is None
        assert await queries.list_publications(kitchen, anna, 10, None) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE publication SET url = 'http://192.168.11.66'",
        "DELETE FROM publication",
        "TRUNCATE publication",
        "UPDATE publication SET reason = 'x'",
        "DELETE FROM last_revision",
        "ALTER TABLE publication DISABLE ROW LEVEL SECURITY",
    ],
)
async def test_nobody_rewrites_the_history(database: FreshDatabase, anna: UUID, statement: str) -> None:
    for household in (anna, None):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.kitchen("config", household) as kitchen:
                await kitchen.execute(statement)


async def test_the_functions_that_see_everything_are_the_services_own(database: FreshDatabase) -> None:
    rows = await database.rows(
        """
        SELECT p.proname, pg_get_userbyid(p.proowner) AS owner, p.prosecdef AS definer,
               array_to_string(p.proconfig, '') LIKE 'search_path=config,%' AS fixed,
               has_function_privilege('chat_app', p.oid, 'EXECUTE') AS open
          FROM pg_proc p WHERE p.pronamespace = 'config'::regnamespace ORDER BY p.proname
        """
    )
    assert [tuple(row.values()) for row in rows] == [
        ("changed_after", "config_search", True, True, False),
        ("standing", "config_search", True, True, False),
        ("sweep_tombstones", "config_search", True, True, False),
    ]


async def test_no_answer_holds_anything_of_another_household(client: httpx.AsyncClient, authority: Authority) -> None:
    anna, ben = authority.bearer(), authority.bearer()
    secret = "http://192.168.77.77:11434"
    put = await client.put(PATH, json={"ollama_base_url": secret, "reason": "hush"}, headers=anna)
    for method, path, body in (
        ("GET", PATH, None),
        ("GET", f"{PATH}/history", None),
        ("POST", f"{PATH}/rollback", {"revision": put.json()["revision"]}),
        ("PUT", f"{PATH}?dry_run=1", {"ollama_base_url": LAN}),
        ("GET", f"{PATH}/default", None),
    ):
        answer = await client.request(method, path, json=body, headers={**ben, "If-Match": put.headers["etag"]})
        assert "192.168.77.77" not in answer.text, (method, path)
        assert "hush" not in answer.text
    assert (await client.get(PATH, headers=anna)).json() == {"ollama_base_url": secret}
