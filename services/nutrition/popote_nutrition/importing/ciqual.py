"""Ciqual, the food composition table of Anses: the XML download of 2017 and later.

Constituents are told by the table's own codes (INFOODS tags in its `const` file); values are per 100 g.
"""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from popote_nutrition.importing import files
from popote_nutrition.importing.amounts import SODIUM, Taken, told
from popote_nutrition.importing.files import Download, Watch
from popote_nutrition.importing.records import BadFile, Entry, ReadFood, Refusal, Refused, names, source_id
from popote_nutrition.importing.xml_records import Record, records

SOURCE: Final = "ciqual"

TAKEN: Final[Taken] = {
    "energy_kj": ("327",),  # by Regulation (EU) No 1169/2011, as the next
    "energy_kcal": ("328",),
    "fat_g": ("40000",),
    "saturates_g": ("40302",),
    "carbohydrate_g": ("31000",),  # without fibre
    "sugars_g": ("32000",),
    "fibre_g": ("34100",),
    "protein_g": ("25003", "25000"),  # nitrogen times 6.25, as the regulation has it, before that by Jones' factors
    "salt_g": ("10004",),
    "alcohol_g": ("60000",),
    "polyols_g": ("34000",),
    SODIUM: ("10110",),
}
UNITS: Final = {"327": "kj", "328": "kcal", "10110": "mg"}  # of the others, g
WANTED: Final = frozenset(place for places in TAKEN.values() for place in places)

_CODE: Final = re.compile(r"[0-9]{1,9}")
_UNIT: Final = re.compile(r"\(\s*(\w+)\s*/\s*100\s*m?[gl]\s*\)", re.IGNORECASE)


def read(path: Path, watch: Watch) -> Iterator[Entry]:
    """Give the foods of a Ciqual download, a folder or a zip.

    Raises:
        BadFile: it is none, or damaged.
    """
    with files.unpacked(path, watch) as download:
        _check_constituents(download)
        foods = {record.get("alim_code", ""): record for record in _records(download, "alim", "ALIM")}
        values, strangers = _values(download, foods.keys())
        yield from (Refused(f"food {code[:20]}", "it has values and no name") for code in sorted(strangers))
        for code, record in foods.items():
            yield _entry(code, record, values.get(code, {}))


def _records(download: Download, stem: str, tag: str) -> Iterator[Record]:
    name = download.find(rf"{stem}(?:_[0-9][0-9_ -]*)?\.xml")
    if name is None:
        raise BadFile(f"{download.path} is not the XML download of Ciqual: it holds no {stem}_….xml")
    with download.open(name) as file:
        yield from records(file, name, tag)


def _check_constituents(download: Download) -> None:
    """Make sure that the codes still mean what they did."""
    found = set()
    for record in _records(download, "const", "CONST"):
        code = record.get("const_code", "")
        unit = _UNIT.search(record.get("const_nom_fr", ""))
        if code in WANTED:
            found.add(code)
            if unit and unit[1].lower() != UNITS.get(code, "g"):
                raise BadFile(f"{download.path}: constituent {code} is in {unit[1]}, not in {UNITS.get(code, 'g')}")
    if not found:
        raise BadFile(f"{download.path} holds none of the constituents that we take")


def _values(download: Download, foods: Collection[str]) -> tuple[dict[str, dict[str, str]], set[str]]:
    """Return each food's values by constituent, of those that we take, and the codes that are no food's."""
    values: dict[str, dict[str, str]] = {}
    strangers: set[str] = set()
    for record in _records(download, "compo", "COMPO"):
        food, constituent = record.get("alim_code", ""), record.get("const_code", "")
        if food not in foods:
            strangers.add(food)
        elif constituent in WANTED:
            values.setdefault(food, {})[constituent] = record.get("teneur", "")
    return values, strangers


def _entry(code: str, record: Record, values: dict[str, str]) -> Entry:
    where = f"food {code[:20]} ({record.get('alim_nom_fr', '')[:60]})"
    try:
        if not _CODE.fullmatch(code):
            raise Refusal("its code is not a number")
        amounts = told(values, TAKEN)
        return ReadFood(
            source_id=source_id(SOURCE, code),
            names=names(record.get("alim_nom_eng", ""), record.get("alim_nom_fr", "")),
            nutrients=amounts.nutrients,
            halved=amounts.halved,
            traces=amounts.traces,
        )
    except Refusal as refusal:
        return Refused(where, str(refusal))
