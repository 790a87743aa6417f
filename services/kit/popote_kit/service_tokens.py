"""How a service calls others on `/internal/…`: with tokens that auth gives it for its credential."""

import logging
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import httpx
import msgspec
from msgspec import Struct

from popote_kit.clock import SYSTEM_CLOCK, Clock
from popote_kit.peers import Peers
from popote_kit.problems import STATUS, NotFound, Unavailable

log = logging.getLogger(__name__)

PATH: Final = "/internal/service-tokens"
CALLERS: Final = ("stock", "recipes", "nutrition", "chat")  # those that work without a person
RENEWED_BEFORE_END: Final = timedelta(minutes=1)
MAX_KEPT: Final = 1000

_Whom = tuple[str, UUID | None, UUID | None]  # audience, household, person


class _Issued(Struct):
    access_token: str
    expires_in: int


class _Kept(Struct, frozen=True):
    token: str
    until: datetime


class ServiceTokens:
    """The tokens of one service, each kept until a minute before its end."""

    def __init__(self, peers: Peers, service: str, credential: str | None, *, clock: Clock = SYSTEM_CLOCK) -> None:
        self._peers = peers
        self._service = service
        self._credential = credential
        self._clock = clock
        self._kept: OrderedDict[_Whom, _Kept] = OrderedDict()

    async def header(self, audience: str, household: UUID | None, person: UUID | None = None) -> dict[str, str]:
        """Return the `Authorization` header to call the service `audience` with, for a household and maybe a person.

        Without a household it is for what concerns no single one, such as the events of all.

        Raises:
            NotFound: there is no such household.
            Unavailable: auth is away, or does not take this service's credential.
        """
        whom = (audience, household, person)
        kept = self._kept.get(whom)
        if kept is None or kept.until <= self._clock():
            kept = await self._ask(*whom)
            self._keep(whom, kept)
        return {"Authorization": f"Bearer {kept.token}"}

    async def _ask(self, audience: str, household: UUID | None, person: UUID | None) -> _Kept:
        now = self._clock()
        question: dict[str, str | None] = {
            "service": self._service,
            "credential": self._credential or "",
            "audience": audience,
            "household_id": str(household) if household else None,
            **({"person_id": str(person)} if person else {}),
        }
        issued = await self._post(question)
        return _Kept(issued.access_token, now + timedelta(seconds=issued.expires_in) - RENEWED_BEFORE_END)

    async def _post(self, question: Mapping[str, str | None]) -> _Issued:
        try:
            answer = await self._peers.client("auth").post(PATH, json=question)
            if answer.status_code == STATUS["not_found"]:
                raise NotFound
            return msgspec.json.decode(answer.raise_for_status().content, type=_Issued)
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            log.warning("auth gives no service token", extra={"reason": repr(error)})
            raise Unavailable from error

    def _keep(self, whom: _Whom, kept: _Kept) -> None:
        self._kept[whom] = kept
        self._kept.move_to_end(whom)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
