"""What recipe-scrapers knows of hundreds of sites: where they keep what their data leaves out."""

import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from recipe_scrapers import AbstractScraper, scrape_html

from popote_recipes.reading.draft import MAX_INGREDIENTS, Builder, Draft
from popote_recipes.reading.schema_org import ingredient_lines, steps
from popote_recipes.reading.words import read_servings

MAX_PAGE: Final = 2_000_000  # characters: its parsers are slow
NOWHERE: Final = "https://unknown.invalid/"
T = TypeVar("T")

_OF_ALL_SITES: Final = ("AbstractScraper.", "SchemaScraperFactory.")


class Site:
    """One page, as recipe-scrapers reads it. What it can't tell is empty, whatever went wrong."""

    def __init__(self, text: str, url: str | None) -> None:
        self._scraper: AbstractScraper | None = None
        if len(text) <= MAX_PAGE:
            self._scraper = _tried(lambda: scrape_html(text, url or NOWHERE, supported_only=False))

    @property
    def own(self) -> Draft:
        """What this very site's scraper finds by its own ways: it knows better than the page's data."""
        builder = Builder()
        self._read(builder, only_its_own=True)
        return builder.draft

    @property
    def all(self) -> Draft:
        """Everything that it can tell."""
        builder = Builder()
        builder.title(self._text("title"))
        words = self._text("yields") if self._is_told("yields", only_its_own=True) else ""
        if servings := read_servings(words):
            builder.servings(servings.amount, words, is_guessed=True)
        self._read(builder, only_its_own=False)
        builder.source(image_url=self._text("image"), name=self._text("site_name"))
        return builder.draft

    def sections(self) -> Mapping[str, str]:
        """Return in which section each ingredient stands, by its `key`; nothing where there are none."""
        lines = self._tell("ingredients")
        if not isinstance(lines, list) or len(lines) > MAX_INGREDIENTS:
            return {}
        groups = self._tell("ingredient_groups") or []
        return {key(line): group.purpose for group in groups if group.purpose for line in group.ingredients}

    def _read(self, builder: Builder, *, only_its_own: bool) -> None:
        if self._is_told("ingredients", only_its_own=only_its_own):
            for line in ingredient_lines(self._tell("ingredients")):
                builder.ingredient(line.text, line.section)
        if self._is_told("instructions", only_its_own=only_its_own):
            for step in steps(self._text("instructions")):
                builder.step(step.text, step.section)

    def _is_told(self, method: str, *, only_its_own: bool) -> bool:
        name: str = getattr(type(self._scraper), method).__qualname__ if self._scraper else _OF_ALL_SITES[0]
        return not only_its_own or not name.startswith(_OF_ALL_SITES)

    def _tell(self, method: str) -> Any:
        return _tried(getattr(self._scraper, method)) if self._scraper else None

    def _text(self, method: str) -> str:
        told = self._tell(method)
        return told if isinstance(told, str) else ""


def key(line: str) -> str:
    """Return what two writings of one line have in common."""
    return re.sub(r"\W", "", line).casefold()


def _tried(ask: Callable[[], T]) -> T | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ask()
        except Exception:  # noqa: BLE001 - hundreds of scrapers, each written for pages of another shape than this one
            return None
