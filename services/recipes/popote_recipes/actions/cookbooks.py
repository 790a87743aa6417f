"""What a cookbook holds, taken in."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import BinaryIO, Final
from uuid import UUID

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from popote_kit import sync
from popote_kit.database import Database, Kitchen
from popote_kit.identity import Caller
from popote_kit.quantity import TooMuch, UnknownUnit
from popote_recipes import events, queries
from popote_recipes.actions.lines import ask, by_calls, unread
from popote_recipes.actions.recipes import RECIPE, Read, recipe_of, store
from popote_recipes.errors import ImagesFull, RecipeLoop, TooManyLines, Unfinished
from popote_recipes.model.cookbooks import Found, Page, Place, Refusal, Remark
from popote_recipes.model.pictures import Picture
from popote_recipes.model.recipes import MAX_RECIPES, Recipe
from popote_recipes.peers import Nutrition
from popote_recipes.sandbox import Busy, Sandbox
from popote_recipes.storage import Images
from popote_recipes.wire.cookbooks import as_new, new_recipe
from popote_recipes.wire.recipes import NewIngredient, NewRecipe

log = logging.getLogger(__name__)

AT_ONCE: Final = 3  # cookbooks that are taken in, one a household
TIME_S: Final = 240.0  # below what the gateway waits
PATIENCE: Final = 10  # times that a busy sandbox is asked again
PICTURES_AT_ONCE: Final = 50

_PAGE: Final = msgspec.msgpack.Decoder(Page)
_PICTURES: Final = msgspec.msgpack.Decoder(list[Picture | None])


class Outcome(Struct):
    """What became of a cookbook: how many recipes were taken, how many were here, and what is to be told of others."""

    taken: int = 0
    unchanged: int = 0
    refused: list[tuple[str, Refusal]] = field(default_factory=list)
    remarks: list[tuple[str, Remark]] = field(default_factory=list)


class Candidate(Struct, frozen=True):
    """A recipe of a cookbook that may be taken."""

    found: Found
    new: NewRecipe

    @property
    def id(self) -> UUID:
        return self.found.id

    @property
    def parts(self) -> set[UUID]:
        return {line.recipe_id for line in self.lines if line.recipe_id}

    @property
    def lines(self) -> list[NewIngredient]:
        lines = self.new.ingredients
        return [NewIngredient(line=line) if isinstance(line, str) else line for line in lines]

    def without(self, missing: set[UUID]) -> "Candidate":
        """Return it with a plain line for each part that is missing."""
        kept = [
            replace(line, recipe_id=None, recipe_servings=None) if line.recipe_id in missing else line
            for line in self.lines
        ]
        return replace(self, new=replace(self.new, ingredients=kept))


class Cookbooks:
    """Takes cookbooks in: one a household at a time, and three in all."""

    def __init__(self, database: Database, images: Images, sandbox: Sandbox, nutrition: Nutrition) -> None:
        self._database = database
        self._images = images
        self._sandbox = sandbox
        self._nutrition = nutrition
        self._busy: set[UUID] = set()

    @contextmanager
    def admit(self, household: UUID) -> Iterator[None]:
        """Let a household send a cookbook.

        Raises:
            Busy: it sends one already, or too many others do.
        """
        if household in self._busy or len(self._busy) >= AT_ONCE:
            raise Busy(retry_after_s=10)
        self._busy.add(household)
        try:
            yield
        finally:
            self._busy.discard(household)

    async def take_in(self, caller: Caller, file: BinaryIO) -> Outcome:
        """Take what a zip holds; recipes are stored a hundred at a time, and those that are here stay as they are.

        Raises:
            Unreadable: it is no zip, or there is nothing in it that could be a recipe.
            Unfinished: the time is up; sent again, it goes on.
            Busy: too much else is being read.
        """
        taking = _Taking(self._database, self._images, self._nutrition, _Zip(self._sandbox, file), caller)
        try:
            async with asyncio.timeout(TIME_S):
                await taking.run()
        except TimeoutError as error:
            raise Unfinished from error
        return taking.outcome


class _Zip:
    """A zip, looked into by the sandbox alone."""

    def __init__(self, sandbox: Sandbox, file: BinaryIO) -> None:
        self._sandbox = sandbox
        self._descriptor = file.fileno()

    async def pages(self) -> AsyncIterator[Page]:
        place: Place | None = Place()
        while place is not None:
            page = _PAGE.decode(await self._run("cookbook", (place.file, place.recipe)))
            yield page
            place = page.next

    async def pictures(self, files: Sequence[int]) -> AsyncIterator[list[Picture | None]]:
        """Give the pictures in these files in their order, some at a time."""
        left = list(files)
        while left:
            some = _PICTURES.decode(await self._run("cookbook_pictures", left[:PICTURES_AT_ONCE]))
            yield some
            left = left[len(some) :]

    async def _run(self, task: str, argument: object) -> bytes:
        payload = msgspec.msgpack.encode((self._descriptor, argument))
        for _ in range(PATIENCE):
            try:
                return await self._sandbox.run(task, payload, files=[self._descriptor])
            except Busy:
                log.info("a cookbook waits for the sandbox")
        return await self._sandbox.run(task, payload, files=[self._descriptor])


class _Taking:
    """One cookbook being taken in."""

    def __init__(self, database: Database, images: Images, nutrition: Nutrition, zipped: _Zip, caller: Caller) -> None:
        self._database = database
        self._images = images
        self._nutrition = nutrition
        self._zip = zipped
        self._caller = caller
        self._seen: set[UUID] = set()
        self.outcome = Outcome()

    async def run(self) -> None:
        later: list[Candidate] = []
        async for page in self._zip.pages():
            self.outcome.refused += [(each.name, each.reason) for each in page.refused]
            candidates = [each for found in page.found if (each := self._candidate(found))]
            later += [each for each in candidates if each.parts]
            await self._take([each for each in candidates if not each.parts])
        await self._take_users(later)

    def _candidate(self, found: Found) -> Candidate | None:
        """Return what may be taken of what was found; of two with the same id, the first."""
        new = new_recipe(found)
        if new is None or found.id in self._seen:
            self.outcome.refused.append((found.name, "twice" if new else "not_valid"))
            return None
        self._seen.add(found.id)
        return Candidate(found, new)

    async def _take_users(self, candidates: Sequence[Candidate]) -> None:
        """Take recipes that use others: each once those are there, and without those that are nowhere."""
        wanted = {part for each in candidates for part in each.parts}
        async with self._kitchen() as kitchen:
            known = set(await queries.recipes.find_recipes(kitchen, wanted))
        missing = wanted - known - {each.id for each in candidates}
        self.outcome.remarks += [(each.found.name, "part_missing") for each in candidates if each.parts & missing]
        left = [each.without(missing) for each in candidates]
        while ready := [each for each in left if each.parts <= known]:
            for each in ready:
                await self._take([each])
            known |= {each.id for each in ready}
            left = [each for each in left if each.id not in known]
        self.outcome.refused += [(each.found.name, "loop") for each in left]

    async def _take(self, candidates: Sequence[Candidate]) -> None:
        """Take those of the candidates that are not here yet, in one transaction."""
        async with self._kitchen() as kitchen:
            fresh = await self._fresh(kitchen, candidates)
            recipes = [each for one in fresh if (each := self._recipe(kitchen, one))]
        if recipes:
            pictured = await self._with_pictures(recipes, {one.id: one.found.picture for one in fresh})
            await self._store(await self._understood(pictured))
            self._remark([one for one in fresh if one.found.draft])

    async def _fresh(self, kitchen: Kitchen, candidates: Sequence[Candidate]) -> list[Candidate]:
        known = await queries.recipes.find_recipes(kitchen, [each.id for each in candidates])
        for each in candidates:
            here = known.get(each.id)
            if here and (each.found.draft or as_new(here) == each.new):
                self.outcome.unchanged += 1
            elif here:
                self.outcome.refused.append((each.found.name, "is_here"))
        room = MAX_RECIPES - await queries.recipes.count_recipes(kitchen)
        fresh = [each for each in candidates if each.id not in known]
        self.outcome.refused += [(each.found.name, "too_many") for each in fresh[room:]]
        return fresh[:room]

    def _recipe(self, kitchen: Kitchen, candidate: Candidate) -> Recipe | None:
        read = Read(unread(candidate.lines), is_told=False)
        try:
            return recipe_of(candidate.new, read, self._caller.language, kitchen, 0)
        except (UnknownUnit, TooMuch):
            self.outcome.refused.append((candidate.found.name, "not_valid"))
            return None

    async def _with_pictures(self, recipes: Sequence[Recipe], files: Mapping[UUID, int | None]) -> list[Recipe]:
        pictured = [recipe for recipe in recipes if files[recipe.id] is not None]
        wanted = [file for recipe in pictured if (file := files[recipe.id]) is not None]
        names: list[str | None] = []
        async for pictures in self._zip.pictures(wanted):
            names += await self._keep(pictured[len(names) : len(names) + len(pictures)], pictures)
        given = {recipe.id: name for recipe, name in zip(pictured, names, strict=True)}
        return [replace(recipe, image=given.get(recipe.id)) for recipe in recipes]

    async def _keep(self, recipes: Sequence[Recipe], pictures: Sequence[Picture | None]) -> list[str | None]:
        """Put the pictures of recipes into the store; return their names, None where a recipe goes without."""
        whole = [picture for picture in pictures if picture]
        try:
            names = iter(await self._images.put(self._caller.household, whole))
        except ImagesFull:
            self.outcome.remarks += [(recipe.title, "picture_left_out") for recipe in recipes]
            return [None] * len(recipes)
        bad = [recipe.title for recipe, picture in zip(recipes, pictures, strict=True) if not picture]
        self.outcome.remarks += [(title, "picture_unreadable") for title in bad]
        return [next(names) if picture else None for picture in pictures]

    async def _understood(self, recipes: Sequence[Recipe]) -> list[Recipe]:
        """Return the recipes with what nutrition makes of their lines; where it does not tell now, they wait for it."""
        understood: list[Recipe] = []
        for some in by_calls(recipes):
            told = await ask(self._nutrition, self._caller.household, some)
            if told is None:
                understood += some
            else:
                pairs = zip(some, told, strict=True)
                understood += [replace(recipe.with_ingredients(lines), due=0) for recipe, lines in pairs]
        return understood

    async def _store(self, recipes: Sequence[Recipe]) -> None:
        ids = [recipe.id for recipe in recipes]
        try:
            async with self._kitchen(write=True) as kitchen:
                version = await sync.next_version(kitchen)
                here = await queries.recipes.find_recipes(kitchen, ids)  # somebody may have been faster
                new = [replace(recipe, version=version) for recipe in recipes if recipe.id not in here]
                await sync.unbury(kitchen, RECIPE, ids)
                await store(kitchen, new)
                await events.recipes_changed(kitchen, version, ids)
        except (RecipeLoop, TooManyLines) as error:
            reason: Refusal = "loop" if isinstance(error, RecipeLoop) else "not_valid"
            self.outcome.refused += [(recipe.title, reason) for recipe in recipes]
        else:
            self.outcome.taken += len(new)
            self.outcome.unchanged += len(here)

    def _remark(self, candidates: Sequence[Candidate]) -> None:
        for each in candidates:
            warnings = each.found.draft.warnings if each.found.draft else []
            if "no_servings" in warnings or "servings_guessed" in warnings:
                self.outcome.remarks.append((each.found.name, "servings_guessed"))
            if "truncated" in warnings:
                self.outcome.remarks.append((each.found.name, "truncated"))

    def _kitchen(self, *, write: bool = False) -> AbstractAsyncContextManager[Kitchen]:
        caller = self._caller
        return self._database.kitchen(caller.household, caller.person, zone=caller.zone, write=write)
