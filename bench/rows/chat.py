"""Saving a conversation, and searching in it."""

from urllib.parse import quote

import msgspec
from bench.load import FRESH_ID, Call
from bench.measure import HEADINGS, Pace, Side, in_turns
from bench.people import message, mistyped
from bench.report import Result
from bench.servers import Site

BATCH = 10


def put(site: Site, pace: Pace) -> Result:
    batch = [message(site.writer.text(25), id=FRESH_ID.decode()) for _ in range(BATCH)]
    body = msgspec.json.encode({"messages": batch}).decode()
    calls = [
        Call(f"/api/chat/conversations/{conversation}/messages", person.bearer, "PUT", body)
        for person, conversation in site.turns
    ]
    sides = [Side(f"{_connections(number)}", site.chat, calls, number) for number in (1, 16)]
    rounds = in_turns(sides, pace, database=site.postgres_pid)
    return Result(
        f"Saving a batch of {BATCH} messages",
        f"A PUT of {BATCH} new messages of 25 words, asked of the service itself: one durable transaction, and "
        "both search indexes. No peer; it is here to be watched.",
        HEADINGS,
        rounds.table(),
    )


def search(site: Site, pace: Pace) -> Result:
    common, rare = site.writer.vocabulary[:20], site.writer.vocabulary[-200:]
    asked = {
        "a common word": common,
        "a rare word": rare,
        "two words": [f"{one} {two}" for one, two in zip(common, rare, strict=False)],
        "a rare word with a typo": [mistyped(word) for word in rare if len(word) > 5],  # noqa: PLR2004 - long enough
        "nothing like it": ["xyzzyq", "wvvkj"],
    }
    sides = [
        Side(name, site.chat, [_search(words, site.reader.bearer) for words in each], 1) for name, each in asked.items()
    ]
    rounds = in_turns(sides, pace, database=site.postgres_pid)
    return Result(
        "Search over 10,000 messages",
        "One person has 10,000 messages of 25 words in 200 conversations; one search at a time, asked of the service "
        "itself, after PostgreSQL's own VACUUM ANALYZE. A typo costs both searches: for the words, then for what is "
        "like them. No peer; p95 is to be watched.",
        HEADINGS,
        rounds.table(),
    )


def _search(words: str, bearer: dict[str, str]) -> Call:
    return Call(f"/api/chat/conversations?limit=20&q={quote(words)}", bearer)


def _connections(number: int) -> str:
    return f"{number} connection{'s' if number > 1 else ''}"
