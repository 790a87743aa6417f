"""Cookbooks: recipes as schema.org JSON, each in a folder of its own with its picture, in a zip."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from popote_recipes.model.recipes import Recipe, Step
from popote_recipes.reading.draft import Draft

CONTEXT: Final = "https://schema.org"
OWN: Final = "popote:recipe"  # all that schema.org has no words for
RECIPE_FILE: Final = "recipe.json"
PICTURE_FILE: Final = "full.jpg"
INDEX_FILE: Final = "index.json"
MAX_SLUG: Final = 60  # characters

Pictures = Literal["full", "thumb", "none"]
Refusal = Literal[
    "no_recipe",
    "unreadable",
    "too_large",
    "encrypted",
    "packed",
    "not_valid",
    "is_here",
    "too_many",
    "loop",
    "twice",
]
Remark = Literal["picture_unreadable", "picture_left_out", "servings_guessed", "truncated", "part_missing"]

_CANONICAL: Final = msgspec.json.Encoder(order="sorted", decimal_format="number")


class Place(Struct, frozen=True):
    """Where in a cookbook reading goes on: the file, by its number, and the recipe in it."""

    file: int = 0
    recipe: int = 0


class Found(Struct, frozen=True, kw_only=True):
    """A recipe in a cookbook, and the number of its picture's file: as one of ours wrote it, in JSON, or as a draft."""

    id: UUID
    name: str
    own: bytes | None = None
    draft: Draft | None = None
    picture: int | None = None


class Refused(Struct, frozen=True):
    """What was not taken, and why."""

    name: str
    reason: Refusal


class Page(Struct, frozen=True):
    """Some of a cookbook, and where it goes on; None: that is all."""

    found: list[Found]
    refused: list[Refused]
    next: Place | None


def recipe_json(recipe: Recipe, own: bytes, picture: str | None) -> bytes:
    """Return a recipe as schema.org JSON; `own` is the same as we take it, in JSON, and `picture` is its file.

    What we say of it ourselves counts only as long as the rest says the same: `mark` tells.
    """
    rest = _schema(recipe, picture)
    document = {**rest, OWN: {"mark": mark(rest), "recipe": msgspec.Raw(own)}}
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def mark(rest: Mapping[str, Any]) -> str:
    """Return what tells whether a recipe's JSON was changed."""
    return hashlib.sha256(_CANONICAL.encode(rest)).hexdigest()


def folder_of(recipe: Recipe) -> str:
    plain = unicodedata.normalize("NFKD", recipe.title.lower()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:MAX_SLUG].strip("-") or "recipe"
    return f"recipes/{slug}-{recipe.id}"


def index_json(recipes: Sequence[tuple[str, str]]) -> bytes:
    """Return the list of a cookbook's recipes, each with its name and its file."""
    items = [
        {"@type": "ListItem", "position": number, "name": name, "url": file}
        for number, (name, file) in enumerate(recipes, 1)
    ]
    index = {"@context": CONTEXT, "@type": "ItemList", "numberOfItems": len(items), "itemListElement": items}
    return msgspec.json.format(msgspec.json.encode(index), indent=2)


def _schema(recipe: Recipe, picture: str | None) -> dict[str, Any]:
    content = recipe.content
    told = {
        "@context": CONTEXT,
        "@type": "Recipe",
        "identifier": str(recipe.id),
        "name": recipe.title,
        "description": content.description,
        "inLanguage": recipe.language,
        "image": picture,
        "url": content.source_url,
        "publisher": {"@type": "Organization", "name": content.source_name} if content.source_name else None,
        "recipeYield": [_plain(recipe.servings), content.yield_text] if content.yield_text else _plain(recipe.servings),
        "prepTime": _duration(content.prep_minutes),
        "cookTime": _duration(content.cook_minutes),
        "totalTime": _duration(recipe.minutes),
        "keywords": ", ".join(recipe.tags),
        "recipeIngredient": [each.line for each in content.ingredients],
        "recipeInstructions": _instructions(content.steps),
        "dateCreated": recipe.created_at.isoformat(),
        "dateModified": recipe.updated_at.isoformat(),
    }
    return {name: value for name, value in told.items() if value not in (None, "", [])}


def _instructions(steps: Sequence[Step]) -> list[dict[str, Any]]:
    instructions: list[dict[str, Any]] = []
    for section, inside in groupby(steps, key=lambda step: step.section):
        told = [_step(step) for step in inside]
        instructions += [{"@type": "HowToSection", "name": section, "itemListElement": told}] if section else told
    return instructions


def _step(step: Step) -> dict[str, Any]:
    time = {} if step.minutes is None else {"timeRequired": _duration(step.minutes)}
    return {"@type": "HowToStep", "text": step.text, **time}


def _duration(minutes: int | None) -> str | None:
    """Return minutes as ISO 8601 has them: PT1H30M."""
    if minutes is None:
        return None
    hours, rest = divmod(minutes, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{rest}M" if rest or not hours else "")


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
