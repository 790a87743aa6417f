"""Tokens for services that work without a person, or for one who is not there."""

import logging
from typing import Final
from uuid import UUID

from popote_auth import queries
from popote_auth.errors import UnknownService
from popote_auth.queries.households import Household
from popote_auth.tokens import sign_service_token
from popote_auth.tools import Tools
from popote_auth.wire import AskServiceToken
from popote_kit.identity import NOBODY

NO_HOUSEHOLD: Final = Household(NOBODY, "", "UTC", "en", "EUR")

log = logging.getLogger(__name__)


async def issue(tools: Tools, asked: AskServiceToken) -> str:
    """Return a token with which a service calls another.

    Without a household it opens only what concerns no single one: it names the nil household, which has no rows. The
    person acted for need not belong to the household any more: what they began is still to be finished.

    Raises:
        UnknownService: no such service gets tokens, or its credential is another.
        NotFound: there is no such household.
    """
    if not tools.is_credential(asked.service, asked.credential):
        log.warning("a service token was refused", extra={"service_name": asked.service, "audience": asked.audience})
        raise UnknownService
    household = NO_HOUSEHOLD if asked.household_id is None else await _read(tools, asked.household_id)
    return await sign_service_token(
        tools, asked.service, audience=asked.audience, household=household, person=asked.person_id
    )


async def _read(tools: Tools, household: UUID) -> Household:
    async with tools.database.kitchen(household) as kitchen:
        return await queries.households.read(kitchen)
