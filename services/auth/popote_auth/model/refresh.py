"""Refresh tokens and the table that decides on them.

A token is derived from its session and generation, so an answer that was lost can be given again, and
nothing that would open an account is stored. The phone makes a `refresh_id` before it sends: an honest retry
repeats it, a thief can't.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Self
from uuid import UUID

from msgspec import Struct

PREFIX = "popote_rt_"
IDLE = timedelta(days=30)
LIFETIME = timedelta(days=180)
RETRY_WINDOW = timedelta(hours=24)  # the phone that rotated may ask for a lost answer again
TWIN_WINDOW = timedelta(seconds=10)  # other threads of the same app may ask at the same moment
MOST_TWINS = 3

_SESSION_BYTES = 16
_GENERATION_BYTES = 6  # with the 32 of the signature 54 in all, which base64 takes without padding
_PAYLOAD_BYTES = _SESSION_BYTES + _GENERATION_BYTES


class RefreshToken(Struct, frozen=True):
    """The right to go on with a session from one generation."""

    session: UUID
    generation: int

    @classmethod
    def read(cls, text: str, key: bytes) -> Self | None:
        """Return the token that `text` says, or None where we never made it."""
        if not text.startswith(PREFIX):
            return None
        try:
            payload = urlsafe_b64decode(text.removeprefix(PREFIX))[:_PAYLOAD_BYTES]
        except (NotBase64, ValueError):  # ValueError: not ASCII
            return None
        if len(payload) != _PAYLOAD_BYTES:
            return None
        token = cls(UUID(bytes=payload[:_SESSION_BYTES]), int.from_bytes(payload[_SESSION_BYTES:]))
        return token if hmac.compare_digest(token.write(key).encode(), text.encode()) else None

    def write(self, key: bytes) -> str:
        """Return the one text of this token."""
        payload = self.session.bytes + self.generation.to_bytes(_GENERATION_BYTES)
        return PREFIX + urlsafe_b64encode(payload + hmac.digest(key, payload, "sha256")).decode()


class Session(Struct, frozen=True):
    """Where a session stands.

    `generation` is that of the current token. The one before it was rotated at `rotated_at` by the first of
    `refresh_ids`; the others are twins that were given the same successor.
    """

    generation: int
    refresh_ids: Collection[UUID]
    rotated_at: datetime
    created_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Tell whether the session is neither ended, nor idle for too long, nor too old."""
        return self.ended_at is None and now < min(self.last_seen_at + IDLE, self.created_at + LIFETIME)


class Verdict(Enum):
    """What a presented refresh token is worth."""

    ROTATE = auto()  # the current one: go on to its successor
    REPEAT = auto()  # the one before, from someone honest: give the same successor again
    REUSED = auto()  # a token was stolen: end the session
    INVALID = auto()  # worth nothing, and proof of nothing


def judge(session: Session, presented: int, refresh_id: UUID, now: datetime) -> Verdict:
    """Decide on the token of generation `presented`, whose signature was good.

    Using a successor makes its predecessor two behind, so "one behind" is always "its successor is unused".
    """
    if not session.is_live(now) or presented > session.generation:
        return Verdict.INVALID
    if presented == session.generation:
        return Verdict.ROTATE
    if presented < session.generation - 1:
        return Verdict.REUSED
    return _judge_predecessor(session, refresh_id, now - session.rotated_at)


def _judge_predecessor(session: Session, refresh_id: UUID, since: timedelta) -> Verdict:
    if refresh_id in session.refresh_ids:
        return Verdict.REPEAT if since <= RETRY_WINDOW else Verdict.REUSED
    is_twin = since <= TWIN_WINDOW and len(session.refresh_ids) <= MOST_TWINS
    return Verdict.REPEAT if is_twin else Verdict.REUSED
