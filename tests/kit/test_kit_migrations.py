"""Migrations and the bootstrap before them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from popote_kit import outbox
from popote_kit.bootstrap import bootstrap, main
from popote_kit.migrations import KIT, MigrationError, Seed, connect, migrate
from popote_kit.sync import buried, next_version
from popote_kit.testing import PASSWORD, FreshDatabase, as_app, new_id

NAME = "bare"


@pytest.fixture
async def bare(servers: Any) -> AsyncIterator[FreshDatabase]:
    """A database in which nothing was ever made."""
    server = FreshDatabase(servers.postgres_dsn)
    await server.run(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
    await server.run(f"CREATE DATABASE {NAME}")
    yield FreshDatabase(urlunsplit(urlsplit(servers.postgres_dsn)._replace(path=f"/{NAME}")))
    await server.run(f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest.fixture
async def ready(bare: FreshDatabase) -> FreshDatabase:
    """A database with the roles and schemas of two services."""
    await bootstrap(bare.admin_url, {"chat": PASSWORD, "stock": PASSWORD})
    return bare


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "popote_tiny" / "migrations"
    folder.mkdir(parents=True)
    return folder


async def run(database: FreshDatabase, *folders: Path, seed: Seed | None = None) -> list[str]:
    return await migrate(database.url("chat"), schema="chat", folders=folders, password=PASSWORD, seed=seed)


async def tables(database: FreshDatabase) -> set[str]:
    rows = await database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'chat'")
    return {row["tablename"] for row in rows} - {"migration"}


async def test_files_are_run_in_the_order_of_their_names_and_once(ready: FreshDatabase, folder: Path) -> None:
    (folder / "0010_last.sql").write_text("INSERT INTO pot VALUES ('10')")
    (folder / "0002_next.sql").write_text("INSERT INTO pot VALUES ('2')")
    (folder / "0001_first.sql").write_text("CREATE TABLE pot (name text); INSERT INTO pot VALUES ('1')")
    (folder / "README.md").write_text("not SQL")
    names = [f"popote_tiny/{name}" for name in ("0001_first.sql", "0002_next.sql", "0010_last.sql")]
    assert await run(ready, folder) == names
    assert await run(ready, folder) == []
    (folder / "0011_more.sql").write_text("INSERT INTO pot VALUES ('11')")
    assert await run(ready, folder) == ["popote_tiny/0011_more.sql"]
    assert [row["name"] for row in await ready.rows("SELECT name FROM chat.pot")] == ["1", "2", "10", "11"]


async def test_two_folders_may_both_begin_at_one(ready: FreshDatabase, tmp_path: Path) -> None:
    folders = [tmp_path / package / "migrations" for package in ("popote_a", "popote_b")]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "0001_first.sql").write_text(f"CREATE TABLE {folder.parent.name} ()")
    assert await run(ready, *folders) == ["popote_a/0001_first.sql", "popote_b/0001_first.sql"]
    assert await tables(ready) == {"popote_a", "popote_b"}


async def test_a_file_that_was_changed_is_refused_by_name(ready: FreshDatabase, folder: Path) -> None:
    (folder / "0001_first.sql").write_text("CREATE TABLE pot ()")
    await run(ready, folder)
    (folder / "0001_first.sql").write_text("CREATE TABLE pan ()")
    (folder / "0002_next.sql").write_text("CREATE TABLE lid ()")
    with pytest.raises(MigrationError, match=r"popote_tiny/0001_first\.sql"):
        await run(ready, folder)
    assert await tables(ready) == {"pot"}


async def test_a_file_that_fails_leaves_nothing_and_may_be_mended(ready: FreshDatabase, folder: Path) -> None:
    (folder / "0001_first.sql").write_text("CREATE TABLE pot ()")
    (folder / "0002_broken.sql").write_text("CREATE TABLE pan (); CREATE TABLE pan ()")
    (folder / "0003_after.sql").write_text("CREATE TABLE lid ()")
    with pytest.raises(asyncpg.DuplicateTableError):
        await run(ready, folder)
    assert await tables(ready) == {"pot"}
    (folder / "0002_broken.sql").write_text("CREATE TABLE pan ()")
    assert await run(ready, folder) == ["popote_tiny/0002_broken.sql", "popote_tiny/0003_after.sql"]
    assert await tables(ready) == {"pot", "pan", "lid"}


async def test_many_at_once_run_each_file_once(ready: FreshDatabase, folder: Path) -> None:
    (folder / "0001_first.sql").write_text("CREATE TABLE pot (name text); SELECT pg_sleep(0.1)")
    (folder / "0002_next.sql").write_text("INSERT INTO pot VALUES ('x')")
    results = await asyncio.gather(*(run(ready, folder) for _ in range(6)))
    assert sorted(map(len, results)) == [0, 0, 0, 0, 0, 2]
    assert len(await ready.rows("SELECT name FROM chat.pot")) == 1


async def test_what_a_household_has_outlives_the_coming_of_persons(ready: FreshDatabase, folder: Path) -> None:
    released = folder.parents[1] / "popote_kit" / "migrations"
    released.mkdir(parents=True)
    for file in sorted(KIT.glob("000[123]_*.sql")):
        (released / file.name).write_bytes(file.read_bytes())
    await run(ready, released)
    home, jar = new_id(), new_id()
    await ready.run(
        f"""
        INSERT INTO chat.counter (household_id, version) VALUES ('{home}', 7);
        INSERT INTO chat.tombstone VALUES ('{home}', 'jar', '{jar}', 7, '2026-01-01Z');
        INSERT INTO chat.outbox (household_id, number, version, kind, payload, at)
        VALUES ('{home}', 3, 7, 'said', '{{}}', '2026-01-01Z')
        """  # noqa: S608 - our own ids
    )
    assert (await run(ready, KIT))[0] == "popote_kit/0004_persons.sql"
    async with ready.kitchen("chat", home, new_id()) as kitchen:
        assert await next_version(kitchen) == 8
        assert await buried(kitchen, "jar", [jar]) == {jar}
        assert (await outbox.read_standing(kitchen)).place.number == 3
    async with ready.kitchen("chat") as kitchen:
        assert await kitchen.fetchval("SELECT sweep_tombstones('2026-01-02Z')") == 1


async def test_a_seed_comes_after_the_files_at_every_start_and_one_at_a_time(
    ready: FreshDatabase, folder: Path
) -> None:
    (folder / "0001_first.sql").write_text("CREATE TABLE pot (name text)")

    async def seed(connection: asyncpg.Connection) -> None:
        assert await connection.fetchval("SELECT current_user") == "chat_owner"
        if not await connection.fetchval("SELECT count(*) FROM pot"):
            await connection.execute("SELECT pg_sleep(0.05)")
            await connection.execute("INSERT INTO pot VALUES ('seeded')")

    await asyncio.gather(*(run(ready, folder, seed=seed) for _ in range(4)))
    (folder / "0002_emptied.sql").write_text("DELETE FROM pot")
    assert await run(ready, folder, seed=seed) == ["popote_tiny/0002_emptied.sql"]
    assert [row["name"] for row in await ready.rows("SELECT name FROM chat.pot")] == ["seeded"]


async def test_a_seed_that_fails_leaves_nothing_of_itself(ready: FreshDatabase, folder: Path) -> None:
    (folder / "0001_first.sql").write_text("CREATE TABLE pot (name text)")

    async def seed(connection: asyncpg.Connection) -> None:
        await connection.execute("INSERT INTO pot VALUES ('half')")
        await connection.execute("INSERT INTO pan VALUES ('none')")

    with pytest.raises(asyncpg.UndefinedTableError):
        await run(ready, folder, seed=seed)
    assert await ready.rows("SELECT name FROM chat.pot") == []


async def test_what_a_migration_makes_belongs_to_the_owner(ready: FreshDatabase, folder: Path) -> None:
    (folder / "0001_first.sql").write_text("CREATE TABLE pot (name text); CREATE SEQUENCE counter")
    await run(ready, folder)
    rows = await ready.rows("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'chat'")
    assert [row["tableowner"] for row in rows] == ["chat_owner"]
    async with ready.kitchen("chat") as kitchen:
        await kitchen.execute("INSERT INTO pot VALUES ('x')")
        assert await kitchen.fetchval("SELECT nextval('counter')") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE pan ()",
        "CREATE TABLE public.pan ()",
        "ALTER TABLE pot DISABLE ROW LEVEL SECURITY",
        "DROP TABLE pot",
        "TRUNCATE pot",
        "CREATE POLICY all_of_it ON pot USING (true)",
        "SELECT * FROM stock.pot",
        "CREATE ROLE intruder",
        "SET ROLE stock_owner",
        "ALTER ROLE chat_app BYPASSRLS",
        "COPY pot TO PROGRAM 'true'",
        "SELECT pg_read_file('postgresql.conf')",
    ],
)
async def test_a_services_own_role_may_not(ready: FreshDatabase, folder: Path, statement: str) -> None:
    (folder / "0001_first.sql").write_text("CREATE TABLE pot ()")
    await run(ready, folder)
    await migrate(ready.url("stock"), schema="stock", folders=[folder], password=PASSWORD)
    async with ready.kitchen("chat") as kitchen:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await kitchen.execute(statement)
        await kitchen.execute("ROLLBACK; BEGIN")


ATTRIBUTES = """
    SELECT rolcanlogin, rolinherit, rolbypassrls,
           rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication AS is_mighty
      FROM pg_roles WHERE rolname = $1
"""


async def test_the_roles_are_as_promised_and_the_bootstrap_may_be_run_again(ready: FreshDatabase) -> None:
    await ready.run("ALTER ROLE chat_app BYPASSRLS; ALTER ROLE chat_owner LOGIN")  # as somebody may have tried
    await bootstrap(ready.admin_url, {"chat": PASSWORD, "stock": PASSWORD})
    expected = {
        "chat_owner": (False, False),
        "chat_app": (True, False),
        "chat_search": (False, True),
    }
    for role, (can_log_in, sees_all) in expected.items():
        found = (await ready.rows(ATTRIBUTES, role))[0]
        assert (found["rolcanlogin"], found["rolbypassrls"], found["is_mighty"]) == (can_log_in, sees_all, False), role
    assert (await ready.rows(ATTRIBUTES, "chat_app"))[0]["rolinherit"] is False
    owned = "SELECT 1 FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner WHERE rolname = 'chat_app'"
    assert await ready.rows(owned) == []


async def test_a_bootstrap_sets_a_new_password(bare: FreshDatabase) -> None:
    odd = 'it\'s \\ "odd" é %'
    try:
        await bootstrap(bare.admin_url, {"chat": odd})
        connection = await connect(bare.url("chat"), odd)
        assert await connection.fetchval("SELECT current_user") == "chat_app"
        await connection.close()
    finally:
        await bootstrap(bare.admin_url, {"chat": PASSWORD})
    with pytest.raises(asyncpg.InvalidPasswordError):
        await connect(bare.url("chat"), odd)


async def test_two_bootstraps_at_once_make_one_house(bare: FreshDatabase) -> None:
    await asyncio.gather(*(bootstrap(bare.admin_url, {"chat": PASSWORD, "stock": PASSWORD}) for _ in range(4)))
    rows = await bare.rows("SELECT nspname FROM pg_namespace WHERE nspname IN ('chat', 'stock', 'extensions')")
    assert len(rows) == 3


async def test_an_administrator_who_is_no_superuser_is_enough(servers: Any, bare: FreshDatabase) -> None:
    password = "secret"
    await bare.run(
        f"""
        DROP ROLE IF EXISTS helper;
        CREATE ROLE helper LOGIN CREATEROLE BYPASSRLS PASSWORD '{password}';
        GRANT CREATE ON DATABASE {NAME} TO helper;
        """
    )
    try:
        url = as_app(bare.admin_url, "x").replace("x_app@", "helper@")
        await bootstrap(url, {"helped": PASSWORD}, admin_password=password)
        await bootstrap(url, {"helped": PASSWORD}, admin_password=password)
        async with bare.kitchen("helped") as kitchen:
            assert await kitchen.fetchval("SELECT current_user") == "helped_app"
    finally:
        await bare.run("DROP SCHEMA IF EXISTS helped, extensions CASCADE; DROP OWNED BY helper CASCADE")
        await bare.run("DROP ROLE IF EXISTS helped_app, helped_search, helped_owner; DROP ROLE helper")


async def test_a_database_that_does_not_come_up_is_waited_for_only_so_long() -> None:
    with pytest.raises(ConnectionRefusedError):
        await connect("postgresql://nobody@127.0.0.1:1/none", patience_s=0)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, "BOOTSTRAP_DATABASE_URL"),
        ({"BOOTSTRAP_DATABASE_URL": "postgresql://x"}, "AUTH_DATABASE_PASSWORD"),
        (
            {"BOOTSTRAP_DATABASE_URL": "postgresql://x", "AUTH_DATABASE_PASSWORD_FILE": "/nowhere"},
            "AUTH_DATABASE_PASSWORD_FILE",
        ),
    ],
)
def test_a_bootstrap_without_what_it_needs_names_it(environ: dict[str, str], named: str) -> None:
    with pytest.raises(SystemExit, match=named):
        main(environ)
