"""A web page into a draft: its data for machines, what is known of its site, its headings and lists."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import webencodings
from lxml.etree import LxmlError
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from msgspec.structs import replace

from popote_recipes.reading.draft import Builder, Draft, plain, web_address
from popote_recipes.reading.embedded import recipes_in
from popote_recipes.reading.outline import read_outline
from popote_recipes.reading.schema_org import read_recipe, words_of
from popote_recipes.reading.sites import Site, key
from popote_recipes.reading.words import language_of

MAX_RECIPES: Final = 20  # of one page
MAX_HEAD: Final = 4096  # bytes in which a page says how it is encoded
_ACCENTED: Final = "àâçéèêëîïôùûœ½°"
MAX_META: Final = 2000  # characters

_DECLARED: Final = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE
)
_SITE_AFTER: Final = re.compile(r"\s+(?:\||[-\u2013\u2014\u00b7])\s+[^|]*$")
# What is taken from one source as a whole, and what is said where it is taken.
_PARTS: Final = (
    ("title",), ("description",), ("servings", "yield_text"), ("minutes", "prep_minutes", "cook_minutes"),
    ("ingredients",), ("steps",), ("tags",), ("source_name",), ("image_url",), ("source_url",), ("language",),
)  # fmt: skip
_SAID_OF: Final = {"servings_guessed": "servings", "ingredients_guessed": "ingredients", "steps_guessed": "steps"}


def read_page(html: bytes | str, url: str | None = None, charset: str | None = None) -> Draft:
    """Return the recipe on a page; where there is none, a draft that says so.

    `url` is where it was found, `charset` how its server said that it is encoded.
    """
    text = decoded(html, charset) if isinstance(html, bytes) else html
    page = _parsed(text)
    if page is None:
        return Builder().build()
    about = _About(page, url)
    site = Site(text, about.url)
    builder = Builder(_merged(_sources(page, about, site)))
    if not builder.draft.is_usable:
        return Builder().build()
    _finish(builder, about, site)
    return builder.build()


def _sources(page: HtmlElement, about: "_About", site: Site) -> Iterator[Draft]:
    """Give what each way of reading finds, the one that is trusted most first."""
    yield site.own
    yield from _recipes(page, about)
    yield site.all
    yield _outline(page)


def decoded(html: bytes, charset: str | None = None) -> str:
    """Return the text of a page, as browsers read it: by its mark, its server, itself, else UTF-8 or Windows-1252."""
    said = charset or next((found.decode("ascii", "ignore") for found in _DECLARED.findall(html[:MAX_HEAD])), "")
    encoding = webencodings.lookup(said) or webencodings.lookup("utf-8")
    text, used = webencodings.decode(html, encoding)
    broken = text.count("\ufffd")
    if used.name == "utf-8" and broken > sum(map(text.count, _ACCENTED)):
        text, _ = webencodings.decode(html, "windows-1252")
    return str(text)


def _parsed(text: str) -> HtmlElement | None:
    try:
        return document_fromstring(text.replace("\0", "").encode("utf-8", "replace"), HTMLParser(encoding="utf-8"))
    except LxmlError:  # such as an empty page
        return None


class _About:
    """What a page says about itself, outside of the recipe."""

    def __init__(self, page: HtmlElement, url: str | None) -> None:
        self._page = page
        self.url = web_address(self._first("//link[@rel='canonical']/@href"), url) or web_address(url or "")
        self.language = self._first("/html/@lang", "//meta[@http-equiv='content-language']/@content")
        self.site_name = self._meta("og:site_name", "application-name")
        self.image_url = web_address(self._meta("og:image"), self.url)
        self.description = self._meta("og:description", "description")
        heading = self._first("string((//h1)[1])")
        named = (_SITE_AFTER.sub("", each) for each in (self._meta("og:title"), self._first("string(//title[1])")))
        self.titles = [each for each in (heading, *named) if each]

    def _first(self, *paths: str) -> str:
        for path in paths:
            found = self._page.xpath(path)
            text = plain(str(found if isinstance(found, str) else found[0] if found else "")[:MAX_META])
            if text:
                return text
        return ""

    def _meta(self, *names: str) -> str:
        return self._first(*(f"//meta[@property='{name}' or @name='{name}']/@content" for name in names))


def _recipes(page: HtmlElement, about: _About) -> list[Draft]:
    """Return the recipe that the page's data describes, and what else is told of it under the same name."""
    drafts = []
    for node in recipes_in(page)[:MAX_RECIPES]:
        builder = Builder()
        read_recipe(node, builder, about.url, about.language)
        drafts.append(builder.draft)
    named = {key(title) for title in about.titles}
    drafts.sort(key=lambda draft: (not _is_whole(draft), not draft.is_usable, key(draft.title) not in named))
    if not drafts:
        return []
    first = drafts[0]
    names = {key(draft.title) for draft in drafts if _is_whole(draft)}
    if len(names) > 1:
        first.warnings.append("several_recipes")
    return [first, *(draft for draft in drafts[1:] if key(draft.title) in ("", key(first.title)))]


def _is_whole(draft: Draft) -> bool:
    return bool(draft.ingredients and draft.steps)


def _outline(page: HtmlElement) -> Draft:
    builder = Builder()
    read_outline(page, builder)
    return builder.draft


def _merged(drafts: Iterator[Draft]) -> Draft:
    """Return one draft, each part of it from the first that has it; what is whole is left alone."""
    merged = Draft()
    for draft in drafts:
        if merged.ingredients and merged.steps and merged.servings:
            break
        parts = [part for part in _PARTS if not _has(merged, part) and _has(draft, part)]
        taken = {name for part in parts for name in part}
        merged = replace(merged, **{name: getattr(draft, name) for name in taken})
        said = (code for code in draft.warnings if taken and _SAID_OF.get(code, code) in (taken | {code}))
        merged = replace(merged, warnings=list(dict.fromkeys([*merged.warnings, *said])))
    return merged


def _has(draft: Draft, part: tuple[str, ...]) -> bool:
    return any(getattr(draft, name) for name in part)


def _finish(builder: Builder, about: _About, site: Site) -> None:
    """Let the page itself tell what is not in the recipe."""
    draft = builder.draft
    sections = {} if any(line.section for line in draft.ingredients) else site.sections()
    lines, draft.ingredients = draft.ingredients, []
    for line in lines:
        builder.ingredient(line.line, line.section or sections.get(key(line.line), ""))
    if not draft.title:
        builder.title(next(iter(about.titles), ""))
    if not draft.description:
        builder.description(about.description)
    url = about.url or draft.source_url
    name = about.site_name or draft.source_name or (urlsplit(url).hostname or "" if url else "").removeprefix("www.")
    builder.source(url=url, name=name, image_url=draft.image_url or about.image_url)
    draft.language = draft.language or language_of(words_of(builder), about.language)
