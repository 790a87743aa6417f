"""`popote history`: conversations, from whichever device they came."""

import sys
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

import msgspec
import typer

from popote_client.api import Api
from popote_client.cli.output import note, readable, write
from popote_client.cli.run import run
from popote_client.cli.table import cell, moment, print_rows
from popote_client.client import Popote
from popote_client.language import count, say
from popote_client.outbox import Counts
from popote_client.wire import Conversation, Message

app = typer.Typer()

PAGE = 200


@app.command(help=say("List conversations, or read one.", "Lister les conversations, ou en lire une."))
def history(
    conversation: Annotated[
        UUID | None, typer.Argument(metavar="ID", help=say("The one to read.", "Celle à lire."), show_default=False)
    ] = None,
    *,
    search: Annotated[
        str | None, typer.Option("--search", "-s", help=say("Only those with these words.", "Celles avec ces mots."))
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=say("How many to list.", "Combien en lister."))] = 20,
    as_json: Annotated[
        bool, typer.Option("--json", help=say("One JSON object a line.", "Un objet JSON par ligne."))
    ] = False,
) -> None:
    async def work(popote: Popote) -> Counts:
        counts = popote.history.outbox.counts()
        if counts.waiting:
            await popote.history.flush()
        if conversation:
            await show_messages(popote.api, conversation, as_json=as_json)
        else:
            await show_conversations(popote.api, search, limit, as_json=as_json)
        return popote.history.outbox.counts()

    tell_unsaved(run(work))


async def show_conversations(api: Api, search: str | None, limit: int, *, as_json: bool) -> None:
    found = [each async for each in conversations(api, search, limit)]
    if as_json:
        for each in found:
            print_json(each)
    elif not found:
        tell_nothing(is_search=search is not None)
    elif sys.stdout.isatty():
        print_table(found)
    else:
        for each in found:
            typer.echo(f"{each.id}\t{each.updated_at:%Y-%m-%dT%H:%M:%SZ}\t{each.title}")


async def conversations(api: Api, search: str | None, limit: int) -> AsyncIterator[Conversation]:
    cursor, left = None, limit
    while left > 0:
        page = await api.conversations(query=search, limit=min(left, PAGE), cursor=cursor)
        for each in page.items:
            yield each
        left -= len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


async def show_messages(api: Api, conversation: UUID, *, as_json: bool) -> None:
    cursor = None
    while True:
        page = await api.messages(conversation, limit=PAGE, cursor=cursor)
        for message in page.items:
            print_json(message) if as_json else print_message(message)
        cursor = page.next_cursor
        if cursor is None:
            return


def print_json(value: Conversation | Message) -> None:
    typer.echo(msgspec.json.encode(value))


def print_message(message: Message) -> None:
    speaker = say("You", "Vous") if message.role == "user" else message.model or message.role
    typer.secho(readable(speaker), bold=True)
    write(f"{message.content}\n\n")


def print_table(found: list[Conversation]) -> None:
    headings = (say("Last used", "Dernier usage"), say("Title", "Titre"), "ID")
    print_rows(headings, [[moment(each.updated_at), cell(each.found or each.title), cell(each.id)] for each in found])


def tell_nothing(*, is_search: bool) -> None:
    if is_search:
        note(say("No conversation has these words.", "Aucune conversation ne contient ces mots."))
    else:
        note(say('Nothing yet. Begin with: popote chat "…"', 'Rien encore. Commencez par : popote chat "…"'))


def tell_unsaved(counts: Counts) -> None:
    """Say what is on this device only."""
    if counts.waiting:
        note(
            count(
                counts.waiting,
                one=(
                    "{n} message waits on this device until Popote can be reached.",
                    "{n} message attend sur cet appareil que Popote soit joignable.",
                ),
                several=(
                    "{n} messages wait on this device until Popote can be reached.",
                    "{n} messages attendent sur cet appareil que Popote soit joignable.",
                ),
            )
        )
    if counts.parked:
        note(
            count(
                counts.parked,
                one=(
                    "{n} message was refused by Popote and is only on this device.",
                    "{n} message a été refusé par Popote et n'est que sur cet appareil.",
                ),
                several=(
                    "{n} messages were refused by Popote and are only on this device.",
                    "{n} messages ont été refusés par Popote et ne sont que sur cet appareil.",
                ),
            )
        )
