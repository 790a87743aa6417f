"""Drafts on the wire."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from msgspec import Meta, Struct

from popote_kit.problems import Invalid
from popote_kit.quantity import Amount
from popote_recipes.model.recipes import MAX_URL, Ingredient, Language, Step
from popote_recipes.reading.draft import Draft, sentence
from popote_recipes.wire.recipes import IngredientShown

MAX_TEXT = 1_000_000  # characters: what a body holds

Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]


class ToImport(Struct, forbid_unknown_fields=True, kw_only=True):
    """One of: the address of a page, its HTML, a plain text, schema.org JSON (as text or not), or what a model said.

    Without a language it is guessed, and else the household's.
    """

    url: Annotated[str, Meta(min_length=1, max_length=MAX_URL)] | None = None
    html: Text | None = None
    text: Text | None = None
    json: Text | dict[str, Any] | list[Any] | None = None
    model_output: Text | None = None
    language: Language | None = None

    def check(self) -> None:
        """Let only what has exactly one source through.

        Raises:
            Invalid: it has none, or several.
        """
        sources = (self.url, self.html, self.text, self.json, self.model_output)
        if sum(each is not None for each in sources) != 1:
            message = "It has one of url, html, text, json and model_output"
            raise Invalid(errors=[{"pointer": "", "message": message}])


class Warned(Struct):
    """What is to be looked at before it is kept."""

    code: str
    message: str


class DraftShown(Struct, kw_only=True):
    """A recipe as far as it could be read; nothing is stored. A person confirms it by posting it as a recipe.

    What is null or empty was not found; `warnings` tell what to look at. Of a picture only the address is told.
    """

    title: str
    language: Language
    servings: Amount | None
    yield_text: str
    description: str
    minutes: int | None
    prep_minutes: int | None
    cook_minutes: int | None
    tags: list[str]
    source_url: str | None
    source_name: str
    image_url: str | None
    ingredients: list[IngredientShown]
    steps: list[Step]
    warnings: list[Warned]

    @classmethod
    def of(cls, draft: Draft, ingredients: Sequence[Ingredient], language: Language, speaks: str) -> Self:
        same = ("title", "yield_text", "description", "minutes", "prep_minutes", "cook_minutes", "tags", "source_url",
                "source_name", "image_url")  # fmt: skip
        return cls(
            **{name: getattr(draft, name) for name in same},
            language=language,
            servings=None if draft.servings is None else Amount(draft.servings),
            ingredients=[IngredientShown.of(each) for each in ingredients],
            steps=[Step(text=each.text, section=each.section, minutes=each.minutes) for each in draft.steps],
            warnings=[Warned(code, sentence(code, speaks)) for code in draft.warnings],
        )
