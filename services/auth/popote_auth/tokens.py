"""What a sign-in gives: an access token for ten minutes, and a refresh token to go on. And the tokens of services."""

from typing import Any, Final
from uuid import UUID

import jwt
import uuid_utils.compat as uuid_utils
from msgspec import Struct

from popote_auth.model.refresh import RefreshToken
from popote_auth.queries.households import Household, Membership
from popote_auth.queries.persons import Person
from popote_auth.tools import Tools
from popote_kit.identity import ALGORITHM, AUDIENCE, SERVICE_TYPE, TYPE

ACCESS_LIFE_S: Final = 600
SERVICE_LIFE_S: Final = 300


class Presence(Struct, frozen=True):
    """A person who is in: by which session, and for which household."""

    person: Person
    membership: Membership
    session: UUID


class Entry(Presence, frozen=True):
    """A person who comes in or goes on, at one of the session's refresh tokens."""

    generation: int = 0


async def sign_access_token(tools: Tools, presence: Presence) -> str:
    """Return an access token (RFC 9068) for a person acting for a household, with what that household is set to.

    Raises:
        Unavailable: the signing key was not read yet, and PostgreSQL is away.
    """
    person, membership = presence.person, presence.membership
    claims = {
        "sub": str(person.id),
        "aud": AUDIENCE,
        "sid": str(presence.session),
        "role": membership.role,
        "scope": "operator" if person.is_operator else "",
        "ver": person.version,
        **_facts(membership),
    }
    return await _sign(tools, TYPE, ACCESS_LIFE_S, claims)


async def sign_service_token(
    tools: Tools, service: str, *, audience: str, household: Household, person: UUID | None
) -> str:
    """Return a token with which `service` calls `audience` for a household, and maybe for a person; it raises alike."""
    actor = {} if person is None else {"act": str(person)}
    claims = {"sub": service, "aud": audience, **actor, **_facts(household)}
    return await _sign(tools, SERVICE_TYPE, SERVICE_LIFE_S, claims)


def _facts(household: Household | Membership) -> dict[str, str]:
    return {
        "hid": str(household.id),
        "zone": household.timezone,
        "lang": household.language,
        "cur": household.currency,
    }


async def _sign(tools: Tools, typ: str, life_s: int, claims: dict[str, Any]) -> str:
    key = await tools.keys.signer()
    now = int(tools.database.clock().timestamp())
    dated = {
        "iss": tools.settings.issuer,
        "iat": now,
        "nbf": now,
        "exp": now + life_s,
        "jti": str(uuid_utils.uuid7()),
        **claims,
    }
    return jwt.encode(dated, key.private, algorithm=ALGORITHM, headers={"typ": typ, "kid": key.kid})


def write_refresh_token(tools: Tools, entry: Entry) -> str:
    return RefreshToken(entry.session, entry.generation).write(tools.secrets.refresh)
