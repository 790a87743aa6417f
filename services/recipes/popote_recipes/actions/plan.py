"""The plan: entries made, changed, copied, forgotten."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec import UNSET
from msgspec.structs import asdict, replace

from popote_kit import sync
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, etag
from popote_kit.problems import IdTaken, TooMany
from popote_recipes import events, queries
from popote_recipes.model.cooking import Cook
from popote_recipes.model.plan import MAX_A_DAY, PlanEntry
from popote_recipes.wire.plan import CopyPlan, EditPlanEntry, NewPlanEntry

PLAN_ENTRY = "plan_entry"


async def create_entry(kitchen: Kitchen, new: NewPlanEntry) -> PlanEntry:
    """Plan a dish; an id that is used already gives that entry, unchanged.

    Raises:
        IdTaken: the id is that of an entry that was deleted.
        NotFound: there is no such recipe.
        TooMany: the day has 20 entries.
    """
    version = await sync.next_version(kitchen)
    if new.id and (known := await queries.plan.find_entry(kitchen, new.id)):
        return known
    if new.id and await sync.buried(kitchen, PLAN_ENTRY, [new.id]):
        raise IdTaken(id=new.id)
    await _require_room(kitchen, [new.date])
    free = PlanEntry(
        id=new.id or uuid_utils.uuid7(),
        day=new.date,
        meal=new.meal,
        title=(new.title or "").strip(),
        servings=new.servings,
        note=new.note.strip(),
        version=version,
        created_by=kitchen.person,
        created_at=kitchen.now,
    )
    entry = await _of_recipe(kitchen, free, new.recipe_id) if new.recipe_id else free
    await _store(kitchen, [entry])
    return entry


async def edit_entry(kitchen: Kitchen, id: UUID, edit: EditPlanEntry, if_match: IfMatch) -> PlanEntry:
    """Change an entry; another dish has not been cooked yet.

    Raises:
        NotFound, Stale, PreconditionRequired: there is no such entry, or not in that version; or no such recipe.
        TooMany: the other day has 20 entries.
    """
    version = await sync.next_version(kitchen)
    entry = await queries.plan.read_entry(kitchen, id)
    if_match.check(etag(entry.version))
    changed = await _edited(kitchen, entry, edit)
    if changed == entry:
        return entry
    if changed.day != entry.day:
        await _require_room(kitchen, [changed.day])
    changed = replace(changed, version=version)
    await _store(kitchen, [changed], entry.day)
    return changed


async def delete_entry(kitchen: Kitchen, id: UUID, if_match: IfMatch) -> None:
    """Forget an entry.

    Raises:
        NotFound, Stale, PreconditionRequired: there is no such entry, or not in that version.
    """
    version = await sync.next_version(kitchen)
    entry = await queries.plan.read_entry(kitchen, id)
    if_match.check(etag(entry.version))
    await queries.plan.delete_entry(kitchen, id)
    await sync.bury(kitchen, PLAN_ENTRY, [id], version)
    await events.plan_changed(kitchen, version, [entry.day])


async def copy_days(kitchen: Kitchen, asked: CopyPlan) -> list[PlanEntry]:
    """Plan for some days what is planned for others, to be cooked anew; return the new entries.

    Raises:
        Invalid: the last day would be of another century.
        TooMany: a day would have more than 20 entries.
    """
    version = await sync.next_version(kitchen)
    there = await queries.plan.list_entries(kitchen, *asked.copied)
    later = asked.to_date - asked.from_date
    copies = [
        replace(
            entry,
            id=uuid_utils.uuid7(),
            day=entry.day + later,
            cook_id=None,
            version=version,
            created_by=kitchen.person,
            created_at=kitchen.now + timedelta(microseconds=place),  # in the order that they had
        )
        for place, entry in enumerate(there)
    ]
    if copies:
        await _require_room(kitchen, [entry.day for entry in copies])
        await _store(kitchen, copies)
    return copies


async def forget_recipe(kitchen: Kitchen, recipe: UUID, version: int) -> None:
    """Take a recipe that goes off the plan."""
    if gone := await queries.plan.delete_of_recipe(kitchen, recipe):
        await sync.bury(kitchen, PLAN_ENTRY, list(gone), version)
        await events.plan_changed(kitchen, version, gone.values())


async def rename_recipe(kitchen: Kitchen, recipe: UUID, version: int) -> None:
    """Let phones hear that entries of a recipe have another title."""
    if days := await queries.plan.touch_of_recipe(kitchen, recipe, version):
        await events.plan_changed(kitchen, version, days)


async def note_cook(kitchen: Kitchen, id: UUID, cook: Cook, version: int) -> None:
    """Let an entry be cooked by what was, if it is still of that recipe; or no more, when that was taken back."""
    if cook.state == "done":
        day = await queries.plan.mark_cooked(kitchen, id, cook.recipe_id, cook.id, version)
    else:
        day = await queries.plan.unmark_cooked(kitchen, id, cook.id, version)
    if day:
        await events.plan_changed(kitchen, version, [day])


async def _of_recipe(kitchen: Kitchen, entry: PlanEntry, id: UUID) -> PlanEntry:
    """Return an entry as one of a recipe: for as many as it says, else for as many as the recipe is."""
    recipe = await queries.recipes.read_recipe(kitchen, id)
    return replace(entry, recipe_id=id, title=recipe.title, servings=entry.servings or recipe.servings)


async def _edited(kitchen: Kitchen, entry: PlanEntry, edit: EditPlanEntry) -> PlanEntry:
    sent: dict[str, Any] = {name: value for name, value in asdict(edit).items() if value is not UNSET}
    plain: dict[str, Any] = {name: sent[name] for name in ("meal", "servings") if name in sent}
    if "date" in sent:
        plain["day"] = sent["date"]
    if "note" in sent:
        plain["note"] = sent["note"].strip()
    changed = replace(entry, **plain)
    if edit.title is not UNSET:
        return replace(changed, recipe_id=None, title=edit.title.strip(), cook_id=None)
    if edit.recipe_id is not UNSET and edit.recipe_id != entry.recipe_id:
        return await _of_recipe(kitchen, replace(changed, cook_id=None), edit.recipe_id)
    return changed


async def _require_room(kitchen: Kitchen, days: Sequence[date]) -> None:
    """Let an entry more be made for each of the days."""
    there = await queries.plan.count_on(kitchen, set(days))
    if any(there.get(day, 0) + more > MAX_A_DAY for day, more in Counter(days).items()):
        raise TooMany(limit=MAX_A_DAY)


async def _store(kitchen: Kitchen, entries: Sequence[PlanEntry], *days: date) -> None:
    await queries.plan.put_entries(kitchen, entries)
    await events.plan_changed(kitchen, entries[0].version, _days(entries, days))


def _days(entries: Iterable[PlanEntry], others: Iterable[date]) -> set[date]:
    return {*(entry.day for entry in entries), *others}
