"""What a sign-in gives: an access token for ten minutes, and a refresh token to go on."""

from typing import Final
from uuid import UUID

import jwt
import uuid_utils.compat as uuid_utils
from msgspec import Struct

from popote_auth.model.refresh import RefreshToken
from popote_auth.queries.households import Membership
from popote_auth.queries.persons import Person
from popote_auth.tools import Tools
from popote_kit.identity import ALGORITHM, AUDIENCE, TYPE

ACCESS_LIFE_S: Final = 600


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
    key = await tools.keys.signer()
    now = int(tools.database.clock().timestamp())
    person, membership = presence.person, presence.membership
    claims = {
        "iss": tools.settings.issuer,
        "sub": str(person.id),
        "aud": AUDIENCE,
        "iat": now,
        "nbf": now,
        "exp": now + ACCESS_LIFE_S,
        "jti": str(uuid_utils.uuid7()),
        "sid": str(presence.session),
        "hid": str(membership.id),
        "role": membership.role,
        "scope": "operator" if person.is_operator else "",
        "ver": person.version,
        "zone": membership.timezone,
        "lang": membership.language,
        "cur": membership.currency,
    }
    return jwt.encode(claims, key.private, algorithm=ALGORITHM, headers={"typ": TYPE, "kid": key.kid})


def write_refresh_token(tools: Tools, entry: Entry) -> str:
    return RefreshToken(entry.session, entry.generation).write(tools.secrets.refresh)
