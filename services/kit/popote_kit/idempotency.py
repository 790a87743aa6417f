"""Idempotency keys: the first write of a transaction, so that a twin waits for the first and gets its answer."""

import re
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import msgspec

from popote_kit.database import Database, Kitchen, Locked, maybe
from popote_kit.problems import Malformed, Problem

KEPT: Final = timedelta(days=30)
HEADER: Final = "idempotency-key"
REPLAYED_HEADERS: Final = frozenset({b"content-type", b"etag", b"location"})
_KEY: Final = re.compile(r"[\x21-\x7e]{1,128}")


class KeyMissing(Problem):
    """This operation needs an `Idempotency-Key`."""

    type = "/problems/idempotency-key-missing"
    title = "Idempotency-Key is needed"
    kind = "malformed"
    en = "Send an Idempotency-Key, so that a retry can't do this twice."
    fr = "Envoyez un Idempotency-Key, pour qu'un nouvel essai ne le fasse pas deux fois."


class KeyInUse(Problem):
    """The same request is still being worked on."""

    type = "/problems/key-in-use"
    title = "Still being worked on"
    kind = "conflict"
    en = "The same request is still being worked on. Ask again in a second."
    fr = "La même demande est encore en cours. Redemandez dans une seconde."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class KeyReused(Problem):
    """The key was used for another request."""

    type = "/problems/key-reused"
    title = "This key belongs to another request"
    kind = "invalid"
    en = "This Idempotency-Key was already used for another request."
    fr = "Cet Idempotency-Key a déjà servi pour une autre demande."


class Answer(msgspec.Struct, frozen=True):
    """What a request was answered."""

    status: int
    headers: dict[str, str]
    answer: bytes


class Replay(Exception):  # noqa: N818 - a way out, not an error
    """This request was done before; here is its answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class _Stored(msgspec.Struct):
    request_hash: bytes
    status: int | None
    headers: dict[str, str] | None
    answer: bytes | None


def parse(header: str | None) -> str | None:
    """Return the key, None when there is none.

    Raises:
        Malformed: it is not 1 to 128 visible ASCII characters.
    """
    if header is not None and not _KEY.fullmatch(header):
        raise Malformed(reason="Idempotency-Key takes 1 to 128 visible ASCII characters")
    return header


def fingerprint(target: str, body: bytes) -> bytes:
    return sha256(target.encode() + b"\n" + body).digest()


async def claim(kitchen: Kitchen, operation: str, key: str, request_hash: bytes) -> None:
    """Take the key for this transaction.

    Raises:
        Replay: the request was done before.
        KeyInUse: a twin is at it and takes its time.
        KeyReused: the key belongs to another request.
    """
    try:
        claimed = await kitchen.execute(
            """
            INSERT INTO idempotency_key (household_id, person_id, operation, key, request_hash, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT DO NOTHING
            """,
            kitchen.household,
            kitchen.person,
            operation,
            key,
            request_hash,
            kitchen.now,
        )
    except Locked as error:
        raise KeyInUse from error
    if not claimed:
        await _replay(kitchen, operation, key, request_hash)


async def _replay(kitchen: Kitchen, operation: str, key: str, request_hash: bytes) -> None:
    row = await kitchen.fetchrow(
        """
        SELECT request_hash, status, headers, answer
          FROM idempotency_key
         WHERE household_id = $1 AND person_id = $2 AND operation = $3 AND key = $4
        """,
        kitchen.household,
        kitchen.person,
        operation,
        key,
    )
    stored = maybe(row, _Stored)
    if stored is None or stored.status is None:
        raise KeyInUse
    if stored.request_hash != request_hash:
        raise KeyReused
    raise Replay(Answer(stored.status, stored.headers or {}, stored.answer or b""))


async def keep(kitchen: Kitchen, operation: str, key: str, answer: Answer) -> None:
    """Store the answer beside the effect, in the same transaction."""
    await kitchen.execute(
        """
        UPDATE idempotency_key SET status = $5, headers = $6, answer = $7
         WHERE household_id = $1 AND person_id = $2 AND operation = $3 AND key = $4
        """,
        kitchen.household,
        kitchen.person,
        operation,
        key,
        answer.status,
        answer.headers,
        answer.answer,
    )


async def sweep(database: Database, now: datetime) -> int:
    """Forget the keys that are older than `KEPT`; return how many."""
    async with database.kitchen(write=True) as kitchen:
        return await kitchen.execute("DELETE FROM idempotency_key WHERE created_at < $1", now - KEPT)


def replayed(headers: Any) -> dict[str, str]:
    """Return those of an ASGI message's headers that a replay gives again."""
    return {name.decode(): value.decode() for name, value in headers if name.lower() in REPLAYED_HEADERS}
