"""Auth, which knows who belongs to a household."""

import logging
from uuid import UUID

import httpx
from msgspec import Struct

from popote_kit import codec
from popote_kit.peers import Peers
from popote_kit.problems import Invalid, Malformed, Unavailable

log = logging.getLogger(__name__)


class _Member(Struct):
    id: UUID


class _Members(Struct):
    items: list[_Member]


class Auth:
    """The auth service, asked with the person's own token."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def members(self, authorization: str) -> set[UUID]:
        """Return the ids of those who belong to the person's household.

        Raises:
            Unavailable: auth does not tell.
        """
        try:
            answer = await self._peers.client("auth").get(
                "/api/auth/household/members", headers={"Authorization": authorization}
            )
            return {member.id for member in codec.decode(answer.raise_for_status().content, _Members).items}
        except (httpx.HTTPError, LookupError, Malformed, Invalid) as error:
            log.warning("auth does not tell who belongs to a household", extra={"reason": repr(error)})
            raise Unavailable from error
