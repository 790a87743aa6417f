"""A draft: what was read somewhere, for a person to confirm. Plain texts, all within limits."""

import html
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal
from urllib.parse import urljoin, urlsplit

from msgspec import Struct, field

Language = Literal["en", "fr"]

MAX_TITLE: Final = 200  # characters, as all that follow
MAX_LINE: Final = 300
MAX_STEP: Final = 4000
MAX_DESCRIPTION: Final = 4000
MAX_SHORT: Final = 200
MAX_TAG: Final = 40
MAX_URL: Final = 2000
MAX_INGREDIENTS: Final = 100
MAX_STEPS: Final = 100
MAX_TAGS: Final = 20
MAX_SERVINGS: Final = 1000
MAX_MINUTES: Final = 100_000

WARNINGS: Final[Mapping[str, tuple[str, str]]] = {
    "nothing_found": ("No recipe was found in this.", "Aucune recette n'a été trouvée."),
    "no_title": ("It has no title.", "Il n'y a pas de titre."),
    "no_servings": ("It does not say for how many it is.", "Le nombre de personnes n'est pas indiqué."),
    "no_ingredients": ("No ingredients were found.", "Aucun ingrédient n'a été trouvé."),
    "no_steps": ("No steps were found.", "Aucune étape n'a été trouvée."),
    "servings_guessed": (
        "For how many it is was guessed: please check.",
        "Le nombre de personnes a été deviné : à vérifier.",
    ),
    "ingredients_guessed": (
        "The ingredients were guessed from the text: please check.",
        "Les ingrédients ont été devinés d'après le texte : à vérifier.",
    ),
    "steps_guessed": (
        "The steps were guessed from the text: please check.",
        "Les étapes ont été devinées d'après le texte : à vérifier.",
    ),
    "several_recipes": (
        "There are several recipes; this is one of them.",
        "Il y a plusieurs recettes ; voici l'une d'elles.",
    ),
    "cut_off": ("It breaks off before its end.", "Le texte s'interrompt avant la fin."),
    "repaired": ("It was damaged and has been repaired: please check.", "Abîmé, il a été réparé : à vérifier."),
    "truncated": ("It was too long: the rest was left out.", "C'était trop long : la suite a été laissée de côté."),
}
"""Each warning's code, and its sentence in English and French."""


class DraftLine(Struct, frozen=True):
    """An ingredient as it was written."""

    line: str
    section: str = ""


class DraftStep(Struct, frozen=True):
    """What is to be done; `minutes` is how long it takes, where that is said."""

    text: str
    section: str = ""
    minutes: int | None = None


class Draft(Struct, kw_only=True):
    """A recipe as far as it could be read; `warnings` are codes of `WARNINGS`."""

    title: str = ""
    description: str = ""
    language: Language | None = None
    servings: Decimal | None = None
    yield_text: str = ""
    minutes: int | None = None
    prep_minutes: int | None = None
    cook_minutes: int | None = None
    ingredients: list[DraftLine] = field(default_factory=list)
    steps: list[DraftStep] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    source_url: str | None = None
    source_name: str = ""
    image_url: str | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def is_usable(self) -> bool:
        """Tell whether there is something to cook in it."""
        return bool(self.ingredients or self.steps)


def sentence(warning: str, language: str) -> str:
    """Return what a warning says to people."""
    return WARNINGS[warning][language == "fr"]


# Texts that strangers wrote

UNESCAPED: Final = 3  # times: pages hold "&amp;amp;frac12;"
ROOM_FOR_MARKUP: Final = 20  # times the limit of a text: what is read of it at all
BREAKS: Final = re.compile(
    r"</?(?:address|article|blockquote|br|dd|div|dl|dt|h[1-6]|hr|li|ol|p|section|table|td|th|tr|ul)\b[^<>]*>",
    re.IGNORECASE,
)
# What is opened and never closed goes on to the end: so nothing is searched for twice.
TAGS: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1>|\Z)|</?[a-z!?][^<>]*>", re.IGNORECASE | re.DOTALL
)
WEB_ADDRESS: Final = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
TAG_OPENS: Final = re.compile(r"<(?=[a-z/!?])", re.IGNORECASE)
NOT_PRINTED: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


def plain_lines(text: str, most: int = MAX_DESCRIPTION) -> list[str]:
    """Return `text` without markup, entities and what can't be printed, a line for each block or line of it.

    Of a text much longer than `most` characters only the beginning is read.
    """
    text = text[: most * ROOM_FOR_MARKUP]
    for _ in range(UNESCAPED):
        if "&" not in text:
            break
        text = html.unescape(text)
    text = TAG_OPENS.sub("", TAGS.sub("", BREAKS.sub("\n", text)))
    text = unicodedata.normalize("NFC", NOT_PRINTED.sub("", text))
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]


def plain(text: str, most: int = MAX_DESCRIPTION) -> str:
    """Return `text` as `plain_lines`, on one line."""
    return " ".join(plain_lines(text, most))


def web_address(text: str, base: str | None = None) -> str | None:
    """Return the http or https URL that `text` is, seen from `base`; None where it is none that may be kept."""
    try:
        text = urljoin(base or "", text.strip()) if text.strip() else ""
        is_kept = (
            len(text) <= MAX_URL and text.isprintable() and WEB_ADDRESS.fullmatch(text) and urlsplit(text).hostname
        )
    except ValueError:  # "http://[" is none
        return None
    scheme, _, rest = text.partition(":")
    return f"{scheme.lower()}:{rest}" if is_kept else None


class Builder:
    """Puts a draft together from texts as they come; it cleans them, holds the limits, and warns of what is missing."""

    def __init__(self, draft: Draft | None = None) -> None:
        self.draft = draft or Draft()
        self._seen_tags: set[str] = set()

    def warn(self, *codes: str) -> None:
        for code in codes:
            if code not in self.draft.warnings:
                self.draft.warnings.append(code)

    def text(self, text: str, most: int) -> str:
        """Return `text` plain, on one line, cut at `most` characters."""
        return self._cut(plain(text, most), most)

    def paragraphs(self, text: str, most: int) -> str:
        """Return `text` plain, its lines kept, cut at `most` characters."""
        return self._cut("\n".join(plain_lines(text, most)), most)

    def title(self, text: str) -> None:
        self.draft.title = self.text(text, MAX_TITLE)

    def description(self, text: str) -> None:
        self.draft.description = self.paragraphs(text, MAX_DESCRIPTION)

    def servings(self, servings: Decimal | None, yield_text: str = "", *, is_guessed: bool = False) -> None:
        """Take for how many it is, and the words in which that was said."""
        self.draft.yield_text = self.text(yield_text, MAX_SHORT)
        if servings is None or not servings.is_finite() or not 0 < servings <= MAX_SERVINGS:
            return
        self.draft.servings = servings
        if is_guessed:
            self.warn("servings_guessed")

    def times(self, *, total: int | None = None, prep: int | None = None, cook: int | None = None) -> None:
        """Take the minutes; where nobody says how long it all takes, it is the sum."""
        prep, cook, total = (_minutes(each) for each in (prep, cook, total))
        self.draft.prep_minutes, self.draft.cook_minutes = prep, cook
        self.draft.minutes = total or _minutes((prep or 0) + (cook or 0))

    def ingredient(self, line: str, section: str = "") -> None:
        text = self.text(line, MAX_LINE)
        if text and self._has_room(len(self.draft.ingredients), MAX_INGREDIENTS):
            self.draft.ingredients.append(DraftLine(text, self.text(section, MAX_SHORT)))

    def step(self, text: str, section: str = "", minutes: int | None = None) -> None:
        text = self.paragraphs(text, MAX_STEP)
        if text and self._has_room(len(self.draft.steps), MAX_STEPS):
            self.draft.steps.append(DraftStep(text, self.text(section, MAX_SHORT), _minutes(minutes)))

    def tag(self, text: str) -> None:
        """Take a tag, unless it is there already or there are as many as may be."""
        text = plain(text, MAX_TAG)
        if text and len(text) <= MAX_TAG and len(self.draft.tags) < MAX_TAGS and text.lower() not in self._seen_tags:
            self._seen_tags.add(text.lower())
            self.draft.tags.append(text)

    def source(self, *, url: str | None = None, name: str = "", image_url: str | None = None) -> None:
        self.draft.source_url = web_address(url or "")
        self.draft.source_name = self.text(name, MAX_SHORT)
        self.draft.image_url = web_address(image_url or "")

    def build(self) -> Draft:
        """Return the draft, with a warning for each thing that it lacks."""
        draft = self.draft
        if not draft.is_usable:
            draft.warnings = ["nothing_found"]
            return draft
        lacking = {
            "no_title": not draft.title,
            "no_servings": draft.servings is None,
            "no_ingredients": not draft.ingredients,
            "no_steps": not draft.steps,
        }
        self.warn(*(code for code, is_lacking in lacking.items() if is_lacking))
        return draft

    def _cut(self, text: str, most: int) -> str:
        if len(text) <= most:
            return text
        self.warn("truncated")
        return text[:most].strip()

    def _has_room(self, count: int, most: int) -> bool:
        if count >= most:
            self.warn("truncated")
        return count < most


def _minutes(minutes: int | None) -> int | None:
    return minutes if minutes and 0 < minutes <= MAX_MINUTES else None
