"""Recipes in plain text or Markdown, with headings or without, in English or French."""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec.structs import replace

from popote_recipes.reading import heads, parts, prose
from popote_recipes.reading.composing import compose
from popote_recipes.reading.draft import Builder, Draft, Language, plain_lines
from popote_recipes.reading.finding import cut_to_size
from popote_recipes.reading.forgiving import Value
from popote_recipes.reading.keys import INGREDIENT, STEP, bare
from popote_recipes.reading.prose import Line
from popote_recipes.reading.scalars import has_letters
from popote_recipes.reading.words import language_of, read_servings

MAX_TITLE: Final = 120  # characters of a line that may be one
MAX_GUESSED: Final = 20_000
Where = heads.Kind | Literal["farewell"]


def read_text(text: str, language: Language | None = None) -> Draft:
    """Read a recipe as people write and paste it; what has no heading is told apart by what it looks like.

    `language` is that of the text where it is known; else it is guessed.
    """
    text, is_truncated = cut_to_size(text)
    builder = Builder()
    if is_truncated:
        builder.warn("truncated")
    tell_text(text, builder, language)
    return builder.build()


def tell_text(text: str, builder: Builder, language: Language | None = None) -> None:
    """Put the recipe in `text` into `builder`."""
    lines = list(prose.lines_of(text.replace("\r\n", "\n").replace("\r", "\n")))
    language = language or language_of(text[:MAX_GUESSED])
    builder.draft.language = language
    _Recipe(lines, language).tell(builder)


class _Recipe:
    """The lines of a recipe, read from top to bottom; `where` is the part that they stand in, None before the first."""

    def __init__(self, lines: Sequence[Line], language: Language | None) -> None:
        self.lines = lines
        self.language = language
        self.where: Where | None = None
        self.section = ""
        self.title = ""
        self.dish = ""  # named in a word to the reader
        self.description: list[str] = []
        self.notes: list[str] = []
        self.servings = ""
        self.meta: dict[str, str] = {}
        self.ingredients: list[parts.Part] = []
        self.steps: list[parts.Part] = []
        self.number = 0  # of the last step that has one
        self.closing = 0  # how many steps stand before what may be words to the reader
        self.columns: list[str] = []
        kinds = {heading[0] for line in lines if (heading := _heading(line))}
        self.has_ingredients = "ingredients" in kinds
        self.has_steps = "steps" in kinds
        self.has_title = any(line.is_heading and not heads.kind_of(line.text) for line in lines[:20])

    def tell(self, builder: Builder) -> None:
        for line in self.lines:
            self._read(line)
        title, aside = heads.without_servings(heads.without_recipe(self.title or self.dish))
        builder.title(prose.without_pictures(title))
        builder.description("\n".join(self.description + self.notes))
        servings = self.servings or aside
        if read := read_servings(servings):
            builder.servings(read.amount, servings if has_letters(servings) else "", is_guessed=read.is_guessed)
        builder.times(**heads.times_of(iter(self.meta.items())))
        for part in self.ingredients:
            builder.ingredient(part.text, part.section)
        for part in self.steps[: self.closing or None]:
            builder.step(part.text, part.section)
        for tag in self.meta.get("tags", "").split(","):
            builder.tag(tag)
        if self.ingredients and not self.has_ingredients:
            builder.warn("ingredients_guessed")
        if self.steps and not self.has_steps:
            builder.warn("steps_guessed")

    def _read(self, line: Line) -> None:
        if line.is_row:
            self._row(line)
            return
        self.columns = []
        if heading := _heading(line):
            self._open(*heading)
        elif self.where is not None and not line.is_item and heads.is_farewell(line.text):
            self.where = "farewell"
        elif not self._take_meta(line):
            {
                None: self._head,
                "ingredients": self._ingredient,
                "steps": self._step,
                "notes": self._note,
                "skipped": self._skip,
                "farewell": self._after_farewell,
            }[self.where](line)

    # What all parts have

    def _open(self, where: Where, rest: str, content: str) -> None:
        self.where = where
        self.section = heads.sections_in(rest)
        if rest and read_servings(rest) and not self.servings:
            self.servings = rest
        if content:
            self._read(Line(content, content))

    def _take_meta(self, line: Line) -> bool:
        if self._is_in_list(line) and not (line.is_bullet and heads.is_labelled_time(line.text)):
            return False
        if title := heads.titled(line.text):
            self.title = self.title or title
            return self.where is None or self.title == title
        meta = heads.meta_in(line.text)
        is_doubtful = self.where in ("steps", "notes") and ":" not in line.text  # "Cook 20 minutes" is a step
        if meta is None or (is_doubtful and meta.keys() != {"servings"}):
            return False
        self.servings = self.servings or meta.pop("servings", "")
        self.meta = {**meta, **self.meta}
        opens_ingredients = line.text.endswith(":") and self.where is None  # "Pour 4 personnes :" and what one takes
        if opens_ingredients and not self.has_ingredients:
            self.where, self.has_ingredients = "ingredients", True
        return True

    def _is_in_list(self, line: Line) -> bool:
        """Tell whether `line` is an item like those before it."""
        if self.where == "ingredients":
            return bool(self.ingredients) and line.is_bullet
        return self.where in ("steps", "notes") and line.is_item

    # Before the first heading

    def _head(self, line: Line) -> None:
        if heads.is_chatter(line.text) and not line.is_heading and not line.is_item:
            self.dish = self.dish or heads.dish_in(line.text)
        elif self._is_title(line):
            self.title = line.text.rstrip(" :")
        elif not self.has_ingredients and self._starts_ingredients(line):
            self.where = "ingredients"
            self._ingredient(line)
        elif not self.has_steps and self._starts_steps(line):
            self.where = "steps"
            self._step(line)
        elif self.title or not self.has_title:
            self.description.append(line.text)

    def _is_title(self, line: Line) -> bool:
        if self.title or len(line.text) > MAX_TITLE or line.is_item or (self.has_title and not line.is_heading):
            return False
        return (
            line.is_heading
            or line.is_bold
            or (
                not (prose.starts_with_verb(line.text) and line.text.endswith("."))
                and not prose.NUMERAL.match(line.text)
            )
        )

    def _starts_ingredients(self, line: Line) -> bool:
        return prose.has_amount(line.text) or (line.is_item and prose.is_ingredient(line.text))

    def _starts_steps(self, line: Line) -> bool:
        return bool(self.ingredients) or line.number is not None or prose.starts_with_verb(line.text)

    # Ingredients

    def _ingredient(self, line: Line) -> None:
        text = line.text
        if self._opens_section(line):
            self.section = parts.heading(text)
        elif self._ends_ingredients(line):
            self.where, self.section = "steps", ""
            self._step(line)
        elif not line.is_item and heads.is_chatter(text):
            return
        else:
            self.ingredients.extend(parts.ingredients(text, self.language, self.section))

    def _opens_section(self, line: Line) -> bool:
        if prose.NUMERAL.match(line.text) or (line.is_bullet and not line.text.endswith(":")):
            return False
        return line.is_heading or line.is_bold or parts.is_heading(line.text)

    def _ends_ingredients(self, line: Line) -> bool:
        if not self.ingredients or (line.is_bullet and not prose.starts_with_verb(line.text)):
            return False
        if self.has_steps:
            return False
        return prose.is_sentence(line.text) or line.is_step_heading

    # Steps

    def _step(self, line: Line) -> None:
        if not self.has_ingredients and not self.steps and prose.has_amount(line.text) and line.number is None:
            self.ingredients.extend(parts.ingredients(line.text, self.language, self.section))
        elif line.is_step_heading or self._opens_step_section(line):
            self.section = parts.heading(line.text)
        elif self._goes_on(line):
            last = self.steps[-1]
            joint = "\n" if line.is_item else " "
            self.steps[-1] = parts.Part(f"{last.text}{joint}{line.text}", last.section)
        elif line.number is not None:
            self.number = line.number
            self.steps.append(parts.Part(line.text, self.section))
        elif self.number and not line.is_item and heads.is_chatter(line.text):
            self.where = "skipped"
        else:
            is_chatter = not line.is_item and heads.is_chatter(line.text)
            self.closing = (self.closing or len(self.steps)) if is_chatter else 0
            self.steps.extend(parts.steps(line.text, self.language, self.section))

    def _opens_step_section(self, line: Line) -> bool:
        if line.is_item and not line.text.endswith(":"):
            return False
        if line.number is not None:
            return False
        return line.is_heading or line.is_bold or parts.is_heading(line.text)

    def _goes_on(self, line: Line) -> bool:
        """Tell whether `line` belongs to the step before it."""
        if not self.steps or line.number is not None or not self.number:
            return bool(self.steps) and not line.is_item and line.text[:1].islower() and not line.follows_blank
        return line.is_indented or (not line.is_item and not line.follows_blank)

    # The rest

    def _note(self, line: Line) -> None:
        if not heads.is_chatter(line.text) or line.is_item:
            self.notes.append(line.text)

    def _skip(self, line: Line) -> None:
        """Pass over equipment, nutrition and words to the reader, until the steps go on."""
        if self.number and line.number == self.number + 1:
            self.where = "steps"
            self._step(line)

    def _after_farewell(self, line: Line) -> None:
        """Pass over who wrote it; what is said after that is a note."""
        if line.is_item or not heads.is_signature(line.text):
            self.where = "notes"
            self._note(replace(line, text=heads.without_postscript(line.text)))

    def _row(self, line: Line) -> None:
        """Read the row of a table: ingredients, steps, or "Cuisson | 30 min"."""
        cells = line.cells
        if not self.columns and any(_is_column(cell) for cell in cells):
            self.columns = cells
            return
        row: dict[str, Value] = dict(zip(self.columns, cells, strict=False))
        roles = {INGREDIENT.get(bare(column)) for column in self.columns}
        if "name" in roles and self.where != "steps" and (composed := compose(row, self.language)):
            self.ingredients.append(parts.Part(composed, self.section))
            self.has_ingredients = True
        elif row and any(STEP.get(bare(column)) == "text" for column in self.columns):
            self.steps.extend(parts.steps(row, self.language, self.section))
            self.has_steps = True
        elif meta := heads.meta_in(" : ".join(cell for cell in cells if cell)):
            self.servings = self.servings or meta.pop("servings", "")
            self.meta = {**meta, **self.meta}


def _is_column(cell: str) -> bool:
    return INGREDIENT.get(bare(cell)) in ("name", "quantity", "unit") or STEP.get(bare(cell)) == "text"


def _heading(line: Line) -> tuple[Where, str, str] | None:
    """Return the part that `line` opens, what else its heading says, and what follows on the same line."""
    if line.is_row or line.is_bullet or line.number is not None or heads.meta_in(line.text) is not None:
        return None
    if kind := heads.kind_of(line.text):
        return (*kind, "") if _stands_out(line, kind[1]) else None
    if inline := heads.split_inline(line.text):
        kind = heads.kind_of(inline[0])
        if kind and kind[0] != "skipped" and not heads.titled(line.text):
            return (*kind, inline[1])
    return None


def _stands_out(line: Line, rest: str) -> bool:
    return (
        not rest
        or line.is_heading
        or line.is_bold
        or line.text.endswith(":")
        or bool(read_servings(rest))
        or len(rest) <= heads.MAX_META
    )


__all__ = ["plain_lines", "read_text", "tell_text"]
