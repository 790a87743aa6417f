"""The sandbox: a process for each input, with nothing of ours in it, gone when the call is; and hostile pages in it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

import msgspec
import psutil
import pytest

from popote_recipes import sandbox
from popote_recipes.reading.draft import MAX_INGREDIENTS, MAX_LINE, MAX_STEP, MAX_TITLE, WARNINGS, Draft
from popote_recipes.reading.pages import read_page
from popote_recipes.sandbox import AT_ONCE, MAX_WAITING, Busy, Sandbox, Unreadable

HEAVY = ("recipe_scrapers", "lxml", "bs4", "extruct", "PIL", "json_repair")
ENDLESS = b"<div " + b" ".join(b"a%d=x" % number for number in range(200_000)) + b">"  # keeps libxml2 busy for minutes
RECIPE = b'"@context":"https://schema.org","@type":"Recipe"'


def page(html: bytes | str) -> bytes:
    return msgspec.msgpack.encode([html, "https://evil.example/page"])


def json_ld(json: bytes) -> bytes:
    return b'<html lang="en"><script type="application/ld+json">' + json + b"</script></html>"


def recipe(members: bytes) -> bytes:
    return json_ld(b"{" + RECIPE + b"," + members + b"}")


def children() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    return [child for child in found if "popote_recipes.sandbox" in child.cmdline()]


async def until(is_so: Callable[[], object]) -> None:
    while not is_so():  # noqa: ASYNC110 - a process tells no event
        await asyncio.sleep(0.01)


async def draft_of(html: bytes | str, timeout_s: float = sandbox.TIMEOUT_S) -> Draft:
    return msgspec.msgpack.decode(await Sandbox().run("page", page(html), timeout_s=timeout_s), type=Draft)


async def test_a_page_is_read_in_a_process_that_is_gone_afterwards() -> None:
    found = await draft_of(recipe(b'"name":"Toast","recipeIngredient":["2 slices of bread"]'))
    assert (found.title, found.warnings) == ("Toast", ["no_servings", "no_steps"])
    assert not children()


async def test_the_process_has_no_environment_and_no_place_in_our_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECIPES_CREDENTIAL", "secret")
    reading = asyncio.create_task(Sandbox().run("page", page(ENDLESS), timeout_s=5))
    await until(children)
    child = children()[0]
    assert child.environ() == {}
    assert os.getsid(child.pid) != os.getsid(0)
    reading.cancel()
    await asyncio.wait([reading])


async def test_what_takes_too_long_is_killed() -> None:
    with pytest.raises(Unreadable):
        await Sandbox().run("page", page(ENDLESS), timeout_s=1)
    assert not children()


async def test_a_request_that_is_given_up_takes_its_process_along() -> None:
    reading = asyncio.create_task(Sandbox().run("page", page(ENDLESS)))
    await until(children)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert not children()


async def test_a_process_that_is_left_alone_ends_by_itself() -> None:
    command = [sys.executable, "-I", "-B", "-m", "popote_recipes.sandbox", "page", "0.5"]
    ended = await asyncio.to_thread(subprocess.run, command, input=page(ENDLESS), capture_output=True, check=False)
    assert ended.returncode < 0


@pytest.mark.parametrize("task", ["", "nothing", "popote_recipes.app:create_app", "--help"])
async def test_an_unknown_task_is_unreadable(task: str) -> None:
    with pytest.raises(Unreadable):
        await Sandbox().run(task, b"")


async def test_what_makes_too_much_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MAX_OUTPUT", 10)
    with pytest.raises(Unreadable):
        await Sandbox().run("page", page("<p>"))
    assert not children()


async def test_what_needs_too_much_memory_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        await Sandbox().run("page", msgspec.msgpack.encode([b"<p>" * 60_000_000, None]))
    assert not children()


async def test_two_are_read_at_once_and_some_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "WAIT_S", 0.5)
    one = Sandbox()
    reading = [asyncio.create_task(one.run("page", page(ENDLESS))) for _ in range(AT_ONCE + MAX_WAITING)]
    await until(lambda: len(children()) == AT_ONCE)
    with pytest.raises(Busy):
        await one.run("page", page("<p>"))
    done, still = await asyncio.wait(reading, return_when=asyncio.FIRST_EXCEPTION)
    assert all(isinstance(each.exception(), Busy) for each in done)
    assert len(children()) == AT_ONCE
    for each in still:
        each.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
    assert not children()


def test_the_service_itself_imports_no_reader() -> None:
    code = f"import sys, popote_recipes.app; print([name for name in {HEAVY!r} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert told.stdout.strip() == "[]"


# Hostile pages

SCRIPT = b"<script>alert(1)<\\/script>"
# What costs little is read right here, the rest where it belongs.
ODD = {
    "nothing but NUL": b"\0" * 1000,
    "script in the data": recipe(
        b'"name":"' + SCRIPT + b'Cake","recipeIngredient":["<img src=x onerror=alert(1)>1 egg"],'
        b'"recipeInstructions":"' + SCRIPT + b'Bake.","image":"javascript:alert(1)","author":"<b onclick=x>me</b>"'
    ),
    "the end of a script in a text": recipe(b'"name":"</script><script>alert(1)</script>","ingredients":["1 egg"]'),
    "a title of 1 MB": recipe(b'"name":"' + b"A" * 1_000_000 + b'","recipeIngredient":["1 egg"]'),
    "10,000 lines of a list": b"<h2>Ingredients</h2><ul>" + b"<li>1 egg" * 10_000 + b"</ul>",
    "10,000 recipes": json_ld(b"[" + b'{"@type":"Recipe","name":"x","recipeIngredient":["1 egg"]},' * 10_000 + b"1]"),
    "steps 900 deep": recipe(b'"recipeIngredient":["1 egg"],"recipeInstructions":' + b"[" * 900 + b'"x"' + b"]" * 900),
    "a billion laughs": b'<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "'
    + b"&a;" * 10
    + b'"><!ENTITY c "'
    + b"&b;" * 10
    + b'">]><html><h1>&c;</h1><h2>Ingredients</h2><ul><li>&c;</ul></html>',
    "comments without an end": recipe(b'"name":"x","recipeIngredient":["' + b"<! --<script " * 3_000 + b'"]'),
    "a thousand beginnings": b"<script>schema.org Recipe " + b'{"@type":[[' * 100_000 + b"</script>",
    "a number of a million digits": recipe(b'"recipeYield":' + b"9" * 1_000_000 + b',"recipeIngredient":["1 egg"]'),
    "UTF-16": "<h2>Ingrédients</h2><ul><li>1 œuf</ul>".encode("utf-16"),
    "broken UTF-16": b"\xff\xfe" + b"\x00\xd8" * 100_000,
    "broken UTF-8": b"<h2>Ingredients</h2><ul><li>1 \xff\xfe\xc3 egg</ul>",
    "a charset that is code": b'<meta charset="unicode_escape"><h2>Ingredients</h2><ul><li>\\u003cb> egg</ul>',
    "a charset that hides markup": b'<meta charset="utf-7"><h2>Ingredients</h2><ul><li>+ADw-script+AD4- egg</ul>',
    "half characters": recipe(b'"name":"a\\ud800b","recipeIngredient":["1 \\udfff egg\\u0000\\u202e"]'),
    "an attribute of 4 MB": b'<div itemtype="http://schema.org/Recipe" itemprop="' + b"a " * 2_000_000 + b'">',
    "values of the wrong kind": recipe(
        b'"name":{},"recipeYield":[[[]]],"totalTime":true,"recipeIngredient":{"a":null},"image":[{"url":[]}],'
        b'"recipeInstructions":[null,1,true,{"@type":7}],"author":[null],"keywords":{"x":1},"inLanguage":[[]]'
    ),
    "all bytes": bytes(range(256)) * 4000,
    "tables in tables": b"<table>" * 30_000,
}  # fmt: skip
ENORMOUS = {
    "an empty page": b"",
    "a title of 10 MB": recipe(b'"name":"' + b"A" * 10_000_000 + b'","recipeIngredient":["1 egg"]'),
    "a title of 10 MB in HTML": b"<title>" + b"A " * 5_000_000 + b"</title><h1>Ingredients</h1><ul><li>1 egg</ul>",
    "10,000 ingredients": recipe(b'"name":"x","recipeIngredient":[' + b'"1 egg",' * 10_000 + b'"1 egg"]'),
    "elements 100,000 deep": b"<div>" * 100_000 + b"1 egg",
    "lists 20,000 deep": b"<h2>Ingredients</h2>" + b"<ul><li>1 egg" * 20_000,
    "items 20,000 deep": b'<div itemscope itemprop="isPartOf" itemtype="http://schema.org/Recipe">' * 20_000,
    "JSON 100,000 deep": json_ld(b"[" * 100_000 + b"]" * 100_000),
    "steps 100,000 deep": recipe(b'"recipeInstructions":' + b'{"itemListElement":' * 100_000 + b"1" + b"}" * 100_000),
    "a million entities": recipe(b'"name":"' + b"&amp;amp;" * 500_000 + b'","recipeIngredient":["1 egg"]'),
    "quotes without an end": json_ld(b'{"@type":' + b'\\"' * 1_500_000),
    "commas without an end": json_ld(b'{"@type":"Recipe","name":[' + b", " * 1_500_000 + b"x"),
    "numbers for patterns": recipe(
        b'"recipeYield":"' + b"1 " * 200_000 + b'","totalTime":"PT' + b"1" * 500_000 + b'M","recipeIngredient":["'
        + b"1 - " * 200_000 + b'"],"recipeInstructions":"' + b"1. " * 300_000 + b'"'
    ),
    "blanks for patterns": recipe(b'"name":"' + b" " * 3_000_000 + b'x","recipeIngredient":["1 egg"]'),
    "links in forms": b"<form>" * 30_000 + b"<a>" * 30_000,
    "20,000 scripts": b'<script type="application/ld+json">{</script>' * 20_000,
}  # fmt: skip


def check(found: Draft) -> None:
    texts = [found.title, found.description, found.yield_text, found.source_name, *found.tags]
    texts += [text for each in found.ingredients for text in (each.line, each.section)]
    texts += [text for each in found.steps for text in (*each.text.split("\n"), each.section)]
    assert not any("<script" in text or "<img" in text or not text.isprintable() for text in texts)
    assert len(found.ingredients) <= MAX_INGREDIENTS
    assert len(found.title) <= MAX_TITLE
    assert all(len(each.line) <= MAX_LINE for each in found.ingredients)
    assert all(len(each.text) <= MAX_STEP for each in found.steps)
    assert found.image_url is None
    assert set(found.warnings) <= WARNINGS.keys()


@pytest.mark.parametrize("html", ODD.values(), ids=ODD.keys())
def test_an_odd_page_is_inert(html: bytes) -> None:
    check(read_page(html, "https://evil.example/page"))


@pytest.mark.parametrize("html", ENORMOUS.values(), ids=ENORMOUS.keys())
async def test_an_enormous_page_is_inert_or_unreadable(html: bytes) -> None:
    with suppress(Unreadable):
        check(await draft_of(html))
    assert not children()


async def test_the_memory_of_the_service_is_its_own_again_after_large_pages() -> None:
    page_of_10_mb = page(ENORMOUS["a title of 10 MB"])
    await Sandbox().run("page", page_of_10_mb)
    before = psutil.Process().memory_info().rss
    await Sandbox().run("page", page_of_10_mb)
    assert psutil.Process().memory_info().rss - before < 32 * 1024 * 1024
