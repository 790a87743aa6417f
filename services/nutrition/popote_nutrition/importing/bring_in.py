"""Foods of a download brought into the dictionary: all in one transaction, after all was read."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from popote_kit.database import Database
from popote_nutrition import queries
from popote_nutrition.importing.files import Watch
from popote_nutrition.importing.records import MAX_ENTRIES, BadFile, Entry, ReadFood, Refused
from popote_nutrition.importing.report import Report

BATCH: Final = 500


async def bring_in(database: Database, source: str, entries: Iterable[Entry], watch: Watch) -> Report:
    """Store the foods that can be taken; the same again changes nothing.

    Raises:
        BadFile: the download is not what it should be, or none of its foods can be taken; then nothing was stored.
        Unavailable: PostgreSQL is away; Locked: another import is running.
    """
    foods, refused = _parted(entries)
    new = changed = 0
    watch.opened("storing", len(foods))
    async with database.kitchen(write=True) as kitchen:
        await queries.importing.begin(kitchen)
        for start in range(0, len(foods), BATCH):
            batch = foods[start : start + BATCH]
            stored = await queries.importing.put(kitchen, source, batch)
            new, changed = new + stored.new, changed + stored.changed
            watch.read(len(batch))
        known = await queries.importing.count(kitchen, source)
    return Report(
        source=source,
        new=new,
        changed=changed,
        unchanged=len(foods) - new - changed,
        elsewhere=known - len(foods),
        halved=sum(food.halved for food in foods),
        traces=sum(food.traces for food in foods),
        refused=refused,
    )


def _parted(entries: Iterable[Entry]) -> tuple[Sequence[ReadFood], list[Refused]]:
    foods: dict[str, ReadFood] = {}
    refused: list[Refused] = []
    for entry in islice(entries, MAX_ENTRIES + 1):
        if isinstance(entry, Refused):
            refused.append(entry)
        elif entry.source_id in foods:
            refused.append(Refused(entry.source_id, "its id stands there twice; the first counts"))
        else:
            foods[entry.source_id] = entry
    if len(foods) + len(refused) > MAX_ENTRIES:
        raise BadFile(f"it holds more than {MAX_ENTRIES:,} foods")
    if not foods:
        first = f"; first, {refused[0].where}: {refused[0].why}" if refused else ""
        raise BadFile(f"none of its foods can be taken{first}")
    return list(foods.values()), refused
