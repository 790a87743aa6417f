"""Cookbooks on the wire."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from popote_kit import codec
from popote_kit.problems import Problem
from popote_kit.quantity import PositiveAmount, PositiveQuantity
from popote_recipes.model.cookbooks import Found, Refusal, Remark
from popote_recipes.model.recipes import Ingredient, Recipe
from popote_recipes.reading.draft import Draft
from popote_recipes.wire.recipes import NewIngredient, NewRecipe, NewStep, Servings

GUESSED: Final = Servings(4)  # where a recipe does not say for how many it is
MAX_TOLD: Final = 1000

SENTENCES: Final[Mapping[Refusal | Remark, tuple[str, str]]] = {
    "no_recipe": ("There is no recipe in it.", "Il n'y a pas de recette dedans."),
    "unreadable": ("It can't be read.", "C'est illisible."),
    "too_large": ("It is too large.", "C'est trop grand."),
    "encrypted": ("It is encrypted.", "C'est chiffré."),
    "packed": (
        "It is packed once more: unpack it, and send what is inside.",
        "C'est compressé une seconde fois : décompressez-le, puis envoyez ce qu'il contient.",
    ),
    "not_valid": ("Something in it is not taken by Popote.", "Popote n'en accepte pas une partie."),
    "is_here": (
        "It is here already, and was changed since: what is here stays.",
        "Elle est déjà là, et a changé depuis : ce qui est là reste.",
    ),
    "too_many": ("There are as many recipes as there may be.", "Il y a autant de recettes qu'il peut y en avoir."),
    "loop": (
        "It would use itself, or too many recipes one inside the other.",
        "Elle se contiendrait elle-même, ou trop de recettes emboîtées.",
    ),
    "twice": ("It stands in there twice.", "Elle y figure deux fois."),
    "picture_unreadable": ("It came without its picture, which can't be read.", "Elle est sans son image, illisible."),
    "picture_left_out": (
        "It came without its picture: there is no room for more.",
        "Elle est sans son image : il n'y a plus de place.",
    ),
    "servings_guessed": (
        "It does not say for how many it is: please check.",
        "Le nombre de personnes n'est pas indiqué : à vérifier.",
    ),
    "truncated": ("It was too long: the rest was left out.", "C'était trop long : la suite a été laissée de côté."),
    "part_missing": (
        "A recipe that it uses is missing: that is an ingredient like any now.",
        "Une recette qu'elle utilise manque : c'est maintenant un ingrédient comme un autre.",
    ),
}
"""What each code says in English and French."""


class Told(Struct):
    """Something about one recipe, or one file: what it is called, a code, and its sentence."""

    name: str
    reason: str
    message: str


class CookbookTaken(Struct, kw_only=True):
    """How many recipes were taken, and how many were here already.

    `not_taken` tells what was left out, `remarks` what is to be looked at; each the first thousand.
    """

    taken: int
    unchanged: int
    not_taken: list[Told]
    remarks: list[Told]


def told(each: Iterable[tuple[str, Refusal | Remark]], language: str) -> list[Told]:
    return [Told(name, code, SENTENCES[code][language == "fr"]) for name, code in list(each)[:MAX_TOLD]]


def as_new(recipe: Recipe) -> NewRecipe:
    """Return a recipe as a client would send it: read again, it is the same."""
    content = recipe.content
    same = ("description", "yield_text", "prep_minutes", "cook_minutes", "source_url", "source_name")
    return NewRecipe(
        id=recipe.id,
        title=recipe.title,
        servings=Servings(recipe.servings),
        language=recipe.language,
        minutes=recipe.minutes,
        tags=recipe.tags,
        ingredients=[_as_new(each) for each in content.ingredients],
        steps=[NewStep(text=each.text, section=each.section, minutes=each.minutes) for each in content.steps],
        cooked=PositiveQuantity(PositiveAmount(content.cooked.amount), content.cooked.unit) if content.cooked else None,
        **{name: getattr(content, name) for name in same},
    )


def new_recipe(found: Found) -> NewRecipe | None:
    """Return what was found as a client would send it; None where that would not be taken."""
    try:
        body = found.own or codec.encode(_of_draft(found, found.draft or Draft()))
        return codec.decode(body, NewRecipe)
    except (Problem, ValueError):
        return None


def _as_new(ingredient: Ingredient) -> NewIngredient:
    servings = ingredient.recipe_servings
    return NewIngredient(
        line=ingredient.line,
        section=ingredient.section,
        food_id=ingredient.food_id if ingredient.link == "chosen" else None,
        recipe_id=ingredient.recipe_id,
        recipe_servings=None if servings is None else Servings(servings),
    )


def _of_draft(found: Found, draft: Draft) -> NewRecipe:
    same = ("title", "language", "minutes", "prep_minutes", "cook_minutes", "yield_text", "description", "tags",
            "source_url", "source_name")  # fmt: skip
    return NewRecipe(
        id=found.id,
        servings=Servings(draft.servings) if draft.servings else GUESSED,
        ingredients=[NewIngredient(line=each.line, section=each.section or None) for each in draft.ingredients],
        steps=[NewStep(text=each.text, section=each.section, minutes=each.minutes) for each in draft.steps],
        **{name: getattr(draft, name) for name in same},
    )
