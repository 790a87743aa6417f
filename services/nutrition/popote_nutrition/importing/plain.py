"""A plain CSV file of foods, with a header; docs/importing-foods.md tells its columns.

Cells are parted by commas, or by semicolons; numbers may have a decimal point or, in quotes or between semicolons, a
decimal comma.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from popote_kit.problems import Problem
from popote_kit.quantity import PositiveAmount, unit
from popote_nutrition.importing import files
from popote_nutrition.importing.amounts import MAX_QUOTED, SODIUM, Taken, number, told
from popote_nutrition.importing.files import Watch
from popote_nutrition.importing.records import BadFile, Entry, ReadFood, Refusal, Refused, names, source_id
from popote_nutrition.model.foods import MAX_FACTS, StoredFact
from popote_nutrition.model.nutrients import CODES, Per

NEEDED: Final = ("id",)
NAMES: Final = ("name_en", "name_fr")
OTHERS: Final = ("aliases_en", "aliases_fr", "per", "facts")
ALSO: Final = {
    "kcal": "energy_kcal",
    "kj": "energy_kj",
    "carbs_g": "carbohydrate_g",
}  # what else a column may be called
PASSED_OVER: Final = (
    "source", "source_id", "source_name_en", "source_name_fr", "group_en", "group_fr", "subgroup_en", "subgroup_fr",
    "flags",
)  # fmt: skip
KNOWN: Final = (*NEEDED, *NAMES, *OTHERS, *CODES, SODIUM, *ALSO, *PASSED_OVER)
TAKEN: Final[Taken] = {
    code: (code, *(other for other, means in ALSO.items() if means == code)) for code in (*CODES, SODIUM)
}

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_RESERVED: Final = frozenset(("starter", "ciqual", "usda", "household", "fdc"))
_FACT: Final = re.compile(
    r"([^=~\[\]]{1,40})([=~])\s*([0-9.,]{1,20})\s*(g|ml)\s*(?:\[([^\[\]\x00-\x1f\x7f-\x9f]{1,80})\])?"
)


def source(name: str) -> str:
    """Return the name under which foods of a table are kept.

    Raises:
        BadFile: it is not one, or stands for something else.
    """
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise BadFile(
            f"“{name[:MAX_QUOTED]}” can't be the name of a table: use a-z, 0-9 and “-”, as in --name our-shop"
        )
    return name


def read(path: Path, watch: Watch, name: str) -> Iterator[Entry]:
    """Give the foods of a CSV file; `name` is what the table is called.

    Raises:
        BadFile: it is no such file.
    """
    download = files.alone(path, watch)
    with download.open(path.name) as file:
        first = file.readline(files.CHUNK)
        delimiter = ";" if first.count(";") > first.count(",") else ","
        _check_header(path, first, delimiter)
        for number_, row in files.rows(file, path.name, NEEDED, header=first, delimiter=delimiter):
            if any(row.values()):
                yield _entry(number_, row, name)


def _check_header(path: Path, line: str, delimiter: str) -> None:
    header = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    if not any(column in header for column in NAMES):
        raise BadFile(f"{path.name} is not a table of foods: it needs the columns id, and name_en or name_fr")
    for column in header:
        if column not in KNOWN:
            raise BadFile(f"{path.name} has a column “{column[:MAX_QUOTED]}”, which is none of {', '.join(KNOWN)}")
        if header.count(column) > 1:
            raise BadFile(f"{path.name} has the column “{column}” twice")


def _entry(number_: int, row: dict[str, str], name: str) -> Entry:
    try:
        if not row["id"].strip():
            raise Refusal("it has no id")
        per = _per(row.get("per", ""))
        amounts = told(row, TAKEN, per)
        whole_id = source_id(name, row["id"].strip())
        return ReadFood(
            source_id=whole_id,
            names=names(
                *(row.get(column, "") for column in NAMES), *(_parts(row, column, "|") for column in OTHERS[:2])
            ),
            per=per,
            nutrients=amounts.nutrients,
            facts=_facts(_parts(row, "facts", ";")),
            halved=amounts.halved,
            traces=amounts.traces,
        )
    except Refusal as refusal:
        return Refused(f"row {number_} ({row['id'][:MAX_QUOTED]})", str(refusal))


def _per(text: str) -> Per:
    match text.strip():
        case "" | "g":
            return "g"
        case "ml":
            return "ml"
    raise Refusal(f"per: “{text[:MAX_QUOTED]}” is neither g nor ml")


def _parts(row: dict[str, str], column: str, mark: str) -> list[str]:
    return [part.strip() for part in row.get(column, "").split(mark) if part.strip()]


def _facts(parts: Sequence[str]) -> tuple[StoredFact, ...]:
    if len(parts) > MAX_FACTS:
        raise Refusal(f"facts: more than {MAX_FACTS}")
    return tuple(_fact(part) for part in parts)


def _fact(part: str) -> StoredFact:
    told_ = _FACT.fullmatch(part)
    if not told_:
        raise Refusal(f"facts: “{part[:MAX_QUOTED]}” is not like “piece~60 g”")
    try:
        amount = PositiveAmount.read(number(told_[3]))
        fact = StoredFact(unit(told_[1]).code, amount, told_[4], told_[2] == "~", told_[5] or "")
        fact.fact("food")  # which refuses to be made of nonsense
    except (Problem, ValueError) as error:
        raise Refusal(f"facts: “{part[:MAX_QUOTED]}” can't be") from error
    return fact
