"""`python -m popote_nutrition import ciqual | usda | csv PATH`."""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

import asyncpg

from popote_kit import logs
from popote_kit.clock import SYSTEM_CLOCK
from popote_kit.database import Locked
from popote_kit.problems import Unavailable
from popote_kit.service import open_database
from popote_kit.settings import SettingsError, load
from popote_nutrition.importing import ciqual, plain, progress, report, usda
from popote_nutrition.importing.bring_in import bring_in
from popote_nutrition.importing.files import Watch
from popote_nutrition.importing.records import BadFile, Entry
from popote_nutrition.importing.report import Report
from popote_nutrition.settings import Settings

KINDS: Final = ("ciqual", "usda", "csv")
INTERRUPTED: Final = 130  # 128 + SIGINT, as shells count

FAILURES: Final = (BadFile, SettingsError, Unavailable, asyncpg.UndefinedTableError)

Source = tuple[str, Iterator[Entry]]


def main(words: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Import what the words name, tell what became of it, and return the exit status, from sysexits.h."""
    asked = _parser().parse_args(words)
    try:
        settings = load(Settings, "NUTRITION_", environ)
        logs.configure("nutrition", settings.log_format, logging.ERROR)
        with _report_file(asked.report, asked.path) as file:
            done = _imported(asked, settings)
            sys.stdout.writelines(f"{_printable(line)}\n" for line in report.lines(done))
            if file:
                report.write(done, file)
    except KeyboardInterrupt:
        return INTERRUPTED
    except FAILURES as error:
        status, why = _explained(error)
        sys.stderr.write(f"{_printable(why)}; nothing was changed\n")
        return status
    return os.EX_OK


def _printable(line: str) -> str:
    """Return a line without what a terminal would obey: it may quote the file."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)


def _explained(error: Exception) -> tuple[int, str]:
    match error:
        case BadFile():
            return os.EX_DATAERR, str(error)
        case SettingsError():
            return os.EX_CONFIG, str(error)
        case Locked():
            return os.EX_TEMPFAIL, "another import is running, try again when it is done"
        case asyncpg.UndefinedTableError():
            return os.EX_UNAVAILABLE, "the database has no tables yet, start Popote once"
    return os.EX_UNAVAILABLE, "PostgreSQL does not answer, or is too slow"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="popote_nutrition import", description="Import foods from a download.")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("path", type=Path, help="the zip, or the folder it was unpacked into; of csv, the file")
    parser.add_argument("--name", help="of csv: what the table is called; else as its file")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write all that was refused there, as CSV")
    return parser


def _imported(asked: argparse.Namespace, settings: Settings) -> Report:
    with progress.shown(sys.stderr) as watch:
        source, entries = _source(asked, watch)
        return asyncio.run(_stored(settings, source, entries, watch))


def _source(asked: argparse.Namespace, watch: Watch) -> Source:
    if asked.kind == "csv":
        name = plain.source(asked.name or asked.path.stem.lower())
        return name, plain.read(asked.path, watch, name)
    if asked.name:
        raise BadFile("--name is for csv")
    reader = ciqual if asked.kind == "ciqual" else usda
    return reader.SOURCE, reader.read(asked.path, watch)


async def _stored(settings: Settings, source: str, entries: Iterator[Entry], watch: Watch) -> Report:
    database = open_database("nutrition", settings, SYSTEM_CLOCK)
    try:
        return await bring_in(database, source, entries, watch)
    finally:
        await database.close()


@contextmanager
def _report_file(path: Path | None, download: Path) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    if path.resolve() == download.resolve():
        raise BadFile(f"{path} is the download itself; name another file for the report")
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise BadFile(f"{path} can't be written: {error.strerror}") from error
    with file:
        yield file
