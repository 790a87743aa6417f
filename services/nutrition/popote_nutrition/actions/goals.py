"""Goals and weights of a person: set, changed, forgotten."""

from datetime import date
from uuid import UUID

import uuid_utils.compat as uuid_utils

from popote_kit import quantity, sync
from popote_kit.database import Kitchen
from popote_kit.etags import IfMatch, etag
from popote_kit.problems import Invalid, NotFound, Stale, TooMany
from popote_kit.quantity import Amount
from popote_nutrition import events, queries
from popote_nutrition.model.days import check_days
from popote_nutrition.model.goals import MAX_GOAL_SETS, GoalSet
from popote_nutrition.model.weights import Weight
from popote_nutrition.wire.goals import SetGoals
from popote_nutrition.wire.weights import PutWeight

GOAL = "goal"
WEIGHT = "weight"


async def set_goals(kitchen: Kitchen, data: SetGoals, if_match: IfMatch) -> GoalSet:
    """Set what the person wants from a day on; `if_match` names what holds there now, if anything does.

    Raises:
        Invalid: no day can have such a goal.
        Stale, PreconditionRequired: other goals hold on that day.
        TooMany: there are 1,000 of these.
    """
    goals, day = data.goals(), data.from_day or kitchen.today
    version = await sync.next_version(kitchen, of="person")
    standing = await queries.goals.find_goals(kitchen, day)
    if standing and standing.from_day == day and standing.goals == goals:
        return standing  # a retry, whatever it was based on (RFC 9110, 13.1.1)
    _check(if_match, standing)
    if not (standing and standing.from_day == day) and await queries.goals.count_goals(kitchen) >= MAX_GOAL_SETS:
        raise TooMany(limit=MAX_GOAL_SETS)
    new = GoalSet(id=uuid_utils.uuid7(), from_day=day, goals=goals, version=version, created_at=kitchen.now)
    stored = await queries.goals.put_goals(kitchen, new)
    await events.goals_changed(kitchen, version, [stored.id])
    return stored


async def delete_goals(kitchen: Kitchen, id: UUID, if_match: IfMatch) -> None:
    """Forget goals: from their day on those before them hold.

    Raises:
        NotFound, Stale, PreconditionRequired: there are none, or not in that version.
    """
    version = await sync.next_version(kitchen, of="person")
    standing = await queries.goals.read_goals(kitchen, id)
    if_match.check(etag(standing.version))
    await queries.goals.delete_goals(kitchen, id)
    await sync.bury(kitchen, GOAL, [id], version, of="person")
    await events.goals_changed(kitchen, version, [id])


async def put_weight(kitchen: Kitchen, day: date, data: PutWeight, if_match: IfMatch) -> Weight:
    """Store what the person weighed on a day; `if_match` names the weight of that day, if there is one.

    Raises:
        UnknownUnit, UnknownConversion, TooMuch, Invalid: it is not what a person weighs, or no day of a diary.
        Stale, PreconditionRequired: that day has another weight.
    """
    check_days({"date": day})
    mass, unit = data.mass(), quantity.unit(data.weight.unit).code
    version = await sync.next_version(kitchen, of="person")
    standing = await queries.weights.find_weight(kitchen, day)
    if standing and (standing.mass, standing.unit, standing.note) == (mass, unit, data.note):
        return standing  # a retry, whatever it was based on (RFC 9110, 13.1.1)
    _check(if_match, standing)
    new = Weight(
        id=uuid_utils.uuid7(), day=day, mass=mass, unit=unit, note=data.note, version=version, created_at=kitchen.now
    )
    stored = await queries.weights.put_weight(kitchen, new)
    await events.weights_changed(kitchen, version, [day])
    return stored


async def delete_weight(kitchen: Kitchen, day: date, if_match: IfMatch) -> None:
    """Forget what the person weighed on a day.

    Raises:
        NotFound, Stale, PreconditionRequired: there is none, or not in that version.
    """
    version = await sync.next_version(kitchen, of="person")
    standing = await queries.weights.find_weight(kitchen, day)
    if standing is None:
        raise NotFound
    if_match.check(etag(standing.version))
    await queries.weights.delete_weight(kitchen, day)
    await sync.bury(kitchen, WEIGHT, [standing.id], version, of="person")
    await events.weights_changed(kitchen, version, [day])


async def weight_kg(kitchen: Kitchen, said: Amount | None) -> Amount:
    """Return the weight that was said, or else the person's last.

    Raises:
        Invalid: there is none.
    """
    if said is not None:
        return said
    if last := await queries.weights.last_weight(kitchen):
        return last.kg
    raise Invalid(errors=[{"pointer": "/weight_kg", "message": "Expected a weight, since there is none in the diary"}])


def _check(if_match: IfMatch, standing: GoalSet | Weight | None) -> None:
    """Let a PUT pass that names what stands; where nothing does, one that names nothing."""
    if standing is not None:
        if_match.check(etag(standing.version))
    elif if_match.is_given:
        raise Stale
