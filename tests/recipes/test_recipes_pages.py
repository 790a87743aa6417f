"""Pages in the shapes of real sites, each with the draft that it must give beside it."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from popote_recipes.model import recipes
from popote_recipes.reading import draft
from popote_recipes.reading.draft import WARNINGS, Builder, Draft
from popote_recipes.reading.pages import decoded, read_page
from popote_recipes.reading.sites import Site

PAGES = sorted(Path(__file__).with_name("pages").glob("*.html"))
LIMITS = {name: value for name, value in vars(draft).items() if name.startswith("MAX_")}
WHOLE = """{"@context":"https://schema.org","@type":"Recipe","name":"Toast","recipeYield":"2",
"recipeIngredient":["2 slices of bread"],"recipeInstructions":["Toast it."]}"""


def page(json: str, head: str = "", body: str = "") -> str:
    script = f'<script type="application/ld+json">{json}</script>'
    return f'<html lang="en"><head>{head}{script}</head><body>{body}</body></html>'


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_gives_its_draft(path: Path) -> None:
    expected = msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=Draft)
    assert read_page(path.read_bytes(), f"https://kitchen.example/{path.stem}") == expected


def test_a_line_without_separators_tells_both_times_and_who_it_serves_is_not_guessed() -> None:
    found = read_page("""<html><body><h1>Pie</h1><p>Prep time: 15 minutes Cook time: 45 minutes</p>
        <p>Serves 4 as a main</p><h2>Ingredients</h2><ul><li>2 eggs<li>1 cup flour</ul>
        <h2>Method</h2><ol><li>Mix.<li>Bake.</ol></body></html>""")
    assert (found.prep_minutes, found.cook_minutes, found.minutes, found.servings) == (15, 45, 60, Decimal(4))
    assert found.warnings == ["ingredients_guessed", "steps_guessed"]


def test_a_draft_holds_what_a_recipe_may() -> None:
    assert {name: getattr(recipes, name) for name in LIMITS} == LIMITS


def test_each_warning_is_said_in_both_languages() -> None:
    assert all(english and french and english != french for english, french in WARNINGS.values())


def test_what_is_too_long_is_cut_and_said() -> None:
    builder = Builder()
    builder.title("t" * 201)
    for number in range(101):
        builder.ingredient(f"{number} eggs")
        builder.step("s" * 4001)
    found = builder.build()
    assert (len(found.title), len(found.ingredients), len(found.steps), len(found.steps[0].text)) == (
        200,
        100,
        100,
        4000,
    )
    assert "truncated" in found.warnings


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Salt<br>pepper", "Salt pepper"),
        ("<ul><li>Salt</li><li>pepper</li></ul>", "Salt pepper"),
        ("&lt;p&gt;Salt&lt;/p&gt;pepper", "Salt pepper"),
        ("1&amp;frac12;&nbsp;cups", "1½ cups"),
        ("1\u00ad0\u200b0 g\u202e\x00\x07 of\ud800 salt", "100 g of salt"),
        ("e\u0301toile", "étoile"),
        ("<scr<b>ipt>alert(1)</script>", "script>alert(1)"),
        ("less <!-- not --> than < 5 g", "less than < 5 g"),
        ("<style>p{}</style>Salt", "Salt"),
        ("cut <a href='x", "cut a href='x"),
    ],
)
def test_texts_are_plain(written: str, read: str) -> None:
    builder = Builder()
    builder.title(written)
    assert builder.draft.title == read


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "//", "ftp://x.example/a.jpg", "http://[", "https://" + "x" * 2000],
)
def test_only_addresses_of_the_web_are_kept(address: str) -> None:
    json = WHOLE.replace('"name"', f'"image":"{address}","url":"{address}","name"')
    found = read_page(page(json))
    assert (found.image_url, found.source_url) == (None, None)


def test_an_address_is_kept_as_a_recipe_takes_it() -> None:
    found = read_page(
        page(WHOLE.replace('"name"', '"image":"HTTPS://Bread.example/T.jpg","name"')), "HTTP://Bread.example"
    )
    assert (found.source_url, found.image_url) == ("http://Bread.example", "https://Bread.example/T.jpg")


def test_the_page_says_where_it_stands_and_what_its_site_is_called() -> None:
    head = '<link rel="canonical" href="/toast"><meta property="og:image" content="t.jpg">'
    found = read_page(page(WHOLE, head), "https://www.bread.example/toast?from=mail")
    assert found.source_url == "https://www.bread.example/toast"
    assert (found.source_name, found.image_url) == ("bread.example", "https://www.bread.example/t.jpg")


def test_a_site_that_recipe_scrapers_knows_is_read_its_own_way() -> None:
    body = """<ul class="ingredient-list"><li>2 slices of bread</li></ul>"""
    site = Site(page(WHOLE, body=body), "https://www.bbc.co.uk/food/recipes/toast_1")
    assert [line.line for line in site.all.ingredients] == ["2 slices of bread"]
    assert [step.text for step in site.all.steps] == ["Toast it."]


@pytest.mark.parametrize(
    "url", [None, "", "nowhere", "http://[", "https://bbc.co.uk/", "https://kitchen.example/é?\ud800"]
)
def test_any_address_will_do(url: str | None) -> None:
    assert read_page(page(WHOLE), url).title == "Toast"


@pytest.mark.parametrize(
    ("html", "charset", "text"),
    [
        ("œuf".encode(), None, "œuf"),
        ("œuf".encode("cp1252"), None, "œuf"),
        ("pâte".encode("latin-1"), "iso-8859-1", "pâte"),
        (b'<meta charset="windows-1252">p\xe2te', None, '<meta charset="windows-1252">pâte'),
        ("œuf".encode("utf-16"), None, "œuf"),
        ("\ufeffœuf".encode(), "latin-1", "œuf"),
        (b"egg", "zlib", "egg"),
        (b"egg", "unicode_escape", "egg"),
        ("œuf, pâte ".encode() * 3 + b"\xff", "utf-8", "œuf, pâte " * 3 + "\ufffd"),
        (b"", None, ""),
    ],
)
def test_pages_are_decoded_as_browsers_do(html: bytes, charset: str | None, text: str) -> None:
    assert decoded(html, charset) == text


NAMES = st.sampled_from(
    ["@type", "@id", "@graph", "name", "text", "recipeYield", "totalTime", "recipeIngredient", "recipeInstructions",
     "itemListElement", "image", "url", "author", "keywords", "value"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | NAMES, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=6))
def test_no_data_is_too_odd(data: dict[str, object]) -> None:
    json = msgspec.json.encode({"name": "Odd", **data, "@type": "Recipe"}).decode(errors="replace")
    found = read_page(page(json), "https://kitchen.example/")
    assert found == msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Draft)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300))
def test_no_bytes_are_too_odd(html: bytes | str) -> None:
    assert set(read_page(html).warnings) <= WARNINGS.keys()
