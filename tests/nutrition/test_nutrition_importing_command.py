"""`python -m popote_nutrition import`, on a real database."""

import asyncio
import io
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from popote_kit.testing import PASSWORD, FreshDatabase
from popote_nutrition.importing import progress
from popote_nutrition.importing.command import main

FILES = Path(__file__).parent / "files"
REFERENCE = Path(os.environ.get("POPOTE_REFERENCE_DATA") or Path(__file__).parents[3] / "shared" / "data")

Import = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture(autouse=True)
def _root_logger() -> Iterator[None]:
    """The command sets up logs for a process of its own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def bring(database: FreshDatabase, capsys: pytest.CaptureFixture[str]) -> Import:
    """Run the command on this test's database: its status, what it says, and what it complains of."""
    environ = {"NUTRITION_DATABASE_URL": database.url("nutrition"), "NUTRITION_DATABASE_PASSWORD": PASSWORD}

    async def run(*words: object) -> tuple[int, str, str]:
        status = await asyncio.to_thread(main, [str(word) for word in words], environ)
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


async def stored(database: FreshDatabase, source: str) -> list[tuple[object, ...]]:
    """Everything that is stored of a source."""
    rows = await database.rows(
        """
        SELECT f::text AS food, (SELECT string_agg(n::text, ' ' ORDER BY n.language, n.key)
                                   FROM nutrition.food_name n WHERE n.food_id = f.id) AS names
          FROM nutrition.food f WHERE source = $1 ORDER BY id
        """,
        source,
    )
    return [tuple(row) for row in rows]


async def test_an_import_tells_what_became_of_each_food_and_again_changes_nothing(
    bring: Import, database: FreshDatabase, tmp_path: Path
) -> None:
    status, told, progress_ = await bring("ciqual", FILES / "ciqual")
    assert status == os.EX_OK
    assert told.splitlines() == [
        "ciqual: 4 foods read: 4 new, 0 changed, 0 unchanged; 3 refused",
        "  values below a limit, taken as half of it: 1; traces, taken as 0: 2",
        "  refused: food 99999: it has values and no name",
        "  refused: food 20999 (Légume dont rien n'est connu): nothing is known of what it holds",
        "  refused: food 16999 (Huile impossible): fat_g: Expected a number from 0 to 100",
    ]
    assert "compo_2025_11_03.xml …" in progress_
    before = await stored(database, "ciqual")
    assert len(before) == 4
    report = tmp_path / "report.csv"
    status, told, _ = await bring("ciqual", FILES / "ciqual", "--report", report)
    assert told.splitlines()[0] == "ciqual: 4 foods read: 0 new, 0 changed, 4 unchanged; 3 refused"
    assert await stored(database, "ciqual") == before
    assert report.read_text().splitlines()[:2] == ["where,why", "food 99999,it has values and no name"]

    copy = Path(shutil.copytree(FILES / "ciqual", tmp_path / "newer"))
    alim, compo = copy / "alim_2025_11_03.xml", copy / "compo_2025_11_03.xml"
    alim.write_text(
        alim.read_text("utf-8").replace("Pineapple, pulp", "Pineapple, flesh").replace(" 11017 ", " 11018 "), "utf-8"
    )
    compo.write_text(compo.read_text("utf-8").replace(" 44,1 ", " 45 ").replace(" 11017 ", " 11018 "), "utf-8")
    _, told, _ = await bring("ciqual", copy)
    assert told.splitlines()[0] == "ciqual: 4 foods read: 1 new, 2 changed, 1 unchanged; 3 refused"
    assert "  foods of earlier imports that are not in this one, and stay: 1" in told.splitlines()
    after = await stored(database, "ciqual")
    assert len(after) == 5
    assert "Pineapple, flesh" in str(after)
    assert "Pineapple, pulp" not in str(after)


async def test_facts_and_names_are_stored_as_they_were_read(bring: Import, database: FreshDatabase) -> None:
    await bring("usda", FILES / "usda")
    rows = await database.rows(
        "SELECT facts::text, salt_g, rank FROM nutrition.food WHERE source_id = 'fdc:173410' AND source = 'usda'"
    )
    [butter] = rows
    assert '"amount": "0.9467"' in butter["facts"]
    assert (str(butter["salt_g"]), butter["rank"]) == ("1.6075", 1)  # 643 mg of sodium x 2.5
    names = await database.rows("SELECT key, name FROM nutrition.food_name WHERE name = 'Butter, salted'")
    assert [tuple(name) for name in names] == [("butter salted", "Butter, salted")]


async def test_a_file_that_is_wrong_at_its_end_changes_nothing(
    bring: Import, database: FreshDatabase, tmp_path: Path
) -> None:
    path = tmp_path / "shop.csv"
    path.write_text("id,name_en,fat_g\n1,bread,5\n2,butter,82,more\n")
    status, told, why = await bring("csv", path)
    assert (status, told) == (os.EX_DATAERR, "")
    assert why.splitlines()[-1] == "shop.csv, row 3: it has more cells than the header; nothing was changed"
    path.write_text("id,name_en,fat_g\n1,bread,five\n")
    status, _, why = await bring("csv", path)
    assert status == os.EX_DATAERR
    assert "none of its foods can be taken; first, row 2 (1): fat_g: “five” is not a number" in why
    assert await stored(database, "shop") == []


async def test_the_first_of_two_foods_with_one_id_counts(
    bring: Import, database: FreshDatabase, tmp_path: Path
) -> None:
    path = tmp_path / "foods.csv"
    path.write_text("id,name_en,fat_g\n1,bread,5\n1,butter,82\n")
    _, told, _ = await bring("csv", path, "--name", "shop")
    assert told.splitlines() == [
        "shop: 1 foods read: 1 new, 0 changed, 0 unchanged; 1 refused",
        "  refused: shop:1: its id stands there twice; the first counts",
    ]
    assert "bread" in str(await stored(database, "shop"))


async def test_of_many_refused_rows_the_first_are_shown_and_all_are_written(bring: Import, tmp_path: Path) -> None:
    path, report = tmp_path / "shop.csv", tmp_path / "report.csv"
    path.write_text("id,name_en,fat_g\n0,bread,5\n" + "".join(f"{row},food,x\n" for row in range(1, 31)))
    _, told, _ = await bring("csv", path, "--report", report)
    assert told.count("  refused: ") == 20
    assert told.splitlines()[-1] == "  … and 10 more; --report FILE writes them all"
    assert len(report.read_text().splitlines()) == 31


async def test_two_imports_at_once_are_one_after_the_other_or_refused(bring: Import, database: FreshDatabase) -> None:
    async with database.kitchen("nutrition") as kitchen:
        await kitchen.fetchval("SELECT pg_advisory_xact_lock(hashtext('popote-import'))")
        status, _, why = await bring("ciqual", FILES / "ciqual")
    assert status == os.EX_TEMPFAIL
    assert "another import is running" in why


async def test_what_the_command_can_not_use_is_said_in_a_line(bring: Import, tmp_path: Path) -> None:
    status, _, why = await bring("csv", tmp_path / "nowhere.csv")
    assert (status, "No such file" in why) == (os.EX_DATAERR, True)
    assert (await bring("csv", tmp_path))[0] == os.EX_DATAERR
    assert (await bring("usda", FILES / "usda", "--name", "shop"))[0] == os.EX_DATAERR
    assert (await bring("usda", FILES / "usda", "--report", tmp_path))[0] == os.EX_DATAERR
    assert main(["ciqual", str(FILES / "ciqual")], {}) == os.EX_CONFIG


async def test_the_service_itself_may_not_write_what_all_households_share(database: FreshDatabase) -> None:
    async with database.kitchen("nutrition") as kitchen:
        assert await kitchen.fetchval("SELECT has_table_privilege('nutrition.food', 'SELECT')")
        assert not await kitchen.fetchval("SELECT has_table_privilege('nutrition.food', 'INSERT, UPDATE, DELETE')")


async def test_the_reference_table_is_brought_in_whole(bring: Import, database: FreshDatabase) -> None:
    if not (REFERENCE / "foods.csv").exists():
        pytest.skip("the reference data is not here; POPOTE_REFERENCE_DATA names its folder")
    _, told, _ = await bring("csv", REFERENCE / "foods.csv", "--name", "reference")
    assert told == "reference: 647 foods read: 647 new, 0 changed, 0 unchanged; 0 refused\n"
    _, told, _ = await bring("csv", REFERENCE / "foods.csv", "--name", "reference")
    assert told == "reference: 647 foods read: 0 new, 0 changed, 647 unchanged; 0 refused\n"
    assert len(await stored(database, "reference")) == 647


def test_a_terminal_is_shown_a_bar_for_each_file() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    with progress.shown(terminal) as watch:
        watch.opened("compo.xml", 100)
        watch.read(100)
    assert "compo.xml" in terminal.getvalue()
    assert "100%" in terminal.getvalue()


def test_it_is_a_command_of_the_service() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "popote_nutrition", "import", "ciqual", "nowhere"],
        capture_output=True, text=True, check=False, env={"PATH": os.defpath},
    )  # fmt: skip
    assert done.returncode == os.EX_CONFIG
    assert "NUTRITION_DATABASE_URL is not set" in done.stderr


async def test_what_a_file_says_is_told_without_what_a_terminal_would_obey(bring: Import, tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text("id,name_en,fat_g\n0,bread,5\n\x1b]0;owned\x07,food,x\n")
    _, told, _ = await bring("csv", path)
    assert "\x1b" not in told
    path.write_text("id,name_en,\x1b[2J\n0,bread,5\n")
    _, _, why = await bring("csv", path)
    assert "\x1b" not in why


async def test_a_report_never_takes_the_place_of_the_download(bring: Import, tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text("id,name_en,fat_g\n0,bread,5\n")
    status, _, why = await bring("csv", path, "--report", tmp_path / "." / "shop.csv")
    assert (status, "another file" in why) == (os.EX_DATAERR, True)
    assert "bread" in path.read_text()


async def test_right_after_an_import_names_are_looked_for_by_the_index(
    bring: Import, database: FreshDatabase, tmp_path: Path
) -> None:
    path = tmp_path / "shop.csv"
    rows = "".join(f"{row},Food number {row * 7919:x} of the long table,5\n" for row in range(5000))
    path.write_text(f"id,name_en,fat_g\n{rows}")
    await bring("csv", path)
    plan = await database.rows(
        "EXPLAIN SELECT food_id FROM nutrition.food_name WHERE key OPERATOR(extensions.%) $1::text", "courgete"
    )
    assert any("food_name_like" in line[0] for line in plan)
