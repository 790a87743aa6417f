"""Under which name something is put into the stock: that of an item which is known, rather than its plural as well."""

import asyncio
from collections.abc import Sequence

import typer
from msgspec.structs import replace

from popote_client.cli.output import is_interactive, note, readable
from popote_client.language import say
from popote_client.stock.api import StockApi
from popote_client.stock.choosing import SHOWN, Named, alike, exactly, without_plural
from popote_client.stock.items import SEARCHED, Item
from popote_client.stock.units import Said, plain


async def as_known(stock: StockApi, said: Sequence[Said]) -> list[Said]:
    """Return what was said under the names that the household knows, or that came before in the same breath."""
    settled: list[Said] = []
    for each, found in zip(said, await asyncio.gather(*(search(stock, each.name) for each in said)), strict=True):
        close, more = found
        settled.append(replace(each, name=known_name(each.name, close, [*more, *settled])))
    return settled


async def search(stock: StockApi, name: str) -> tuple[list[Item], list[Item]]:
    """Return the items that a search finds, and those that it finds for the singular."""
    pages = await asyncio.gather(*(stock.list_items(words[:SEARCHED]) for words in (name, without_plural(name))))
    return pages[0].items, pages[1].items


def known_name(said: str, close: Sequence[Named], more: Sequence[Named]) -> str:
    """Return the name of the one thing that differs at most by its plural, and say so; else what is picked."""
    there = [*close, *more]
    if exactly(said, there):
        return said
    names = {plain(row.name): row.name for row in alike(said, there)}
    if len(names) == 1:
        (name,) = names.values()
        note(say(f"“{said}” goes with “{name}”.", f"« {said} » va avec « {name} »."))
        return name
    return picked(said, [*names.values()] or [row.name for row in close[:SHOWN]])


def picked(said: str, names: Sequence[str]) -> str:
    """Let the person at a terminal pick one of the names; else it is a new one, and what there is besides is told."""
    if names and not is_interactive():
        there = ", ".join(names)
        note(say(f"“{said}” is new. There is also: {there}.", f"« {said} » est nouveau. Il y a aussi : {there}."))
    if not names or not is_interactive():
        return said
    note(say(f"“{said}” is new. Or is it one of these?", f"« {said} » est nouveau. Ou est-ce l'un de ceux-ci ?"))
    for number, name in enumerate((said, *names)):
        typer.echo(f"{number:3}  {readable(name)}", err=True)
    answer = -1
    while not 0 <= answer <= len(names):
        answer = typer.prompt(say("Which one", "Lequel"), default=0, type=int, err=True)
    return (said, *names)[answer]
