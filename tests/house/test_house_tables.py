"""Every table is under forced row-level security, or its migration says why not; held against the real catalogue."""

import re
from pathlib import Path
from typing import Final

import pytest

from popote_kit import migrations
from popote_kit.bootstrap import SERVICES
from popote_kit.testing import FreshDatabase

ROOT: Final = Path(__file__).parents[2]
WORDS: Final = {"next": 1, "next two": 2, "next three": 3, "next four": 4}
TABLE: Final = re.compile(r"((?:^[ ]*--.*\n)*)^[ ]*CREATE TABLE (?:IF NOT EXISTS )?(\w+)", re.MULTILINE)
AFTERWARDS: Final = re.compile(r"(\w+) is not under row-level security:")

TABLES: Final = """
    SELECT relname, relrowsecurity AND relforcerowsecurity AS is_forced, pg_get_userbyid(relowner) AS owner,
           (SELECT count(*) FROM pg_policy WHERE polrelid = pg_class.oid) AS policies
      FROM pg_class
     WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p')
     ORDER BY relname
"""
BLIND_POLICIES: Final = """
    SELECT relname || '.' || polname AS name
      FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid
     WHERE relnamespace = $1::regnamespace AND polcmd <> 'a'  -- what may be added is the statement's business
       AND concat(pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) !~ 'popote\\.|acting_'
"""
# What sees past row-level security: the service's own NOLOGIN role owns it, its search_path is fixed, and only the
# service reaches its schema.
OPEN_FUNCTIONS: Final = """
    SELECT proname
      FROM pg_proc
     WHERE pronamespace = $1::regnamespace AND prosecdef
       AND (pg_get_userbyid(proowner) <> $2
            OR NOT coalesce(array_to_string(proconfig, ' '), '') ~ 'search_path'
            OR has_schema_privilege('public', pronamespace, 'USAGE'))
"""


def excused(text: str) -> set[str]:
    """Return the tables of which the comments of a migration say why they are not under row-level security."""
    found, standing = set(AFTERWARDS.findall(text)), 0
    for comment, table in TABLE.findall(text):
        words = " ".join(comment.replace("--", " ").lower().split())
        if standing or "not under row-level security" in words:
            found.add(table)
        standing = max(standing - 1, *(WORDS[count] for count in WORDS if f"as the {count}:" in words), 0)
    return found


def scripts(service: str) -> list[str]:
    folders = (ROOT / "services" / service / f"popote_{service}" / "migrations", migrations.KIT)
    files = [file for folder in folders for file in folder.glob("*.sql")]
    return [file.read_text(encoding="utf-8") for file in (*files, Path(migrations.__file__))]


async def unprotected(database: FreshDatabase, schema: str, excuses: set[str]) -> list[str]:
    rows = await database.rows(TABLES, schema)
    return [
        row["relname"] for row in rows if not (row["is_forced"] and row["policies"]) and row["relname"] not in excuses
    ]


async def test_every_table_is_protected_or_excused(database: FreshDatabase) -> None:
    for service in SERVICES:
        excuses = {table for text in scripts(service) for table in excused(text)}
        assert await unprotected(database, service, excuses) == [], service


async def test_every_table_belongs_to_its_owner_and_every_policy_looks_at_the_caller(database: FreshDatabase) -> None:
    for service in SERVICES:
        assert {row["owner"] for row in await database.rows(TABLES, service)} == {f"{service}_owner"}
        assert await database.rows(BLIND_POLICIES, service) == []


async def test_a_function_that_sees_past_it_is_the_services_own(database: FreshDatabase) -> None:
    for service in SERVICES:
        found = await database.rows(OPEN_FUNCTIONS, service, f"{service}_search")
        assert [row["proname"] for row in found] == [], service


async def test_an_open_table_policy_or_function_is_found(database: FreshDatabase) -> None:
    await database.run(
        """
        CREATE TABLE stock.open (id int);
        CREATE TABLE stock.unforced (id int);
        ALTER TABLE stock.unforced ENABLE ROW LEVEL SECURITY;
        CREATE POLICY everybody ON stock.unforced USING (true);
        CREATE TABLE stock.without_policy (id int);
        ALTER TABLE stock.without_policy ENABLE ROW LEVEL SECURITY;
        ALTER TABLE stock.without_policy FORCE ROW LEVEL SECURITY;
        CREATE FUNCTION stock.peek() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1;
        """
    )
    excuses = {table for text in scripts("stock") for table in excused(text)}
    assert await unprotected(database, "stock", excuses) == ["open", "unforced", "without_policy"]
    assert [row["name"] for row in await database.rows(BLIND_POLICIES, "stock")] == ["unforced.everybody"]
    assert [row["proname"] for row in await database.rows(OPEN_FUNCTIONS, "stock", "stock_search")] == ["peek"]


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("CREATE TABLE pot (id int);", set()),
        ("-- A pot is a pot.\nCREATE TABLE pot (id int);", set()),
        (
            "-- A pot. Not under\n-- row-level security: it is shared.\nCREATE TABLE pot ();\nCREATE TABLE pan ();",
            {"pot"},
        ),
        ("-- Not under row-level security: x.\n\nCREATE TABLE pot ();", set()),
        (
            "-- Not under row-level security, as the next two: x.\nCREATE TABLE a ();\n"
            + "".join(f"CREATE TABLE {name} ();\n" for name in "bcd"),
            {"a", "b", "c"},
        ),
        ("CREATE TABLE pot ();\n-- pot is not under row-level security: it is shared.", {"pot"}),
    ],
)
def test_an_excuse_is_a_comment_on_the_table(text: str, tables: set[str]) -> None:
    assert excused(text) == tables


def test_migrations_are_numbered_without_gaps_and_say_what_a_row_is() -> None:
    for service in SERVICES:
        folder = ROOT / "services" / service / f"popote_{service}" / "migrations"
        names = sorted(file.name for file in folder.glob("*.sql"))
        assert [name[:5] for name in names] == [f"{number:04}_" for number in range(1, len(names) + 1)], service
        assert all((folder / name).read_text(encoding="utf-8").startswith("-- ") for name in names), service
