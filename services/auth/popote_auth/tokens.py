"""What a sign-in gives: an access token for ten minutes, and a refresh token to go on."""

from typing import Final
from uuid import UUID

import jwt
import uuid_utils.compat as uuid_utils
from msgspec import Struct

from popote_auth.model.refresh import RefreshToken
from popote_auth.model.roles import Role
from popote_auth.queries.households import Membership
from popote_auth.queries.persons import Person
from popote_auth.tools import Tools
from popote_kit.identity import ALGORITHM, AUDIENCE, TYPE

ACCESS_LIFE_S: Final = 600


class Entry(Struct, frozen=True):
    """A person who is in: by which session, at which of its refresh tokens, and for which household."""

    person: Person
    membership: Membership
    session: UUID
    generation: int = 0


async def sign_access_token(tools: Tools, person: Person, *, session: UUID, household: UUID, role: Role) -> str:
    """Return an access token (RFC 9068) for `person` acting for `household`.

    Raises:
        Unavailable: the signing key was not read yet, and PostgreSQL is away.
    """
    key = await tools.keys.signer()
    now = int(tools.database.clock().timestamp())
    claims = {
        "iss": tools.settings.issuer,
        "sub": str(person.id),
        "aud": AUDIENCE,
        "iat": now,
        "nbf": now,
        "exp": now + ACCESS_LIFE_S,
        "jti": str(uuid_utils.uuid7()),
        "sid": str(session),
        "hid": str(household),
        "role": role,
        "scope": "operator" if person.is_operator else "",
        "ver": person.version,
    }
    return jwt.encode(claims, key.private, algorithm=ALGORITHM, headers={"typ": TYPE, "kid": key.kid})


def write_refresh_token(tools: Tools, entry: Entry) -> str:
    return RefreshToken(entry.session, entry.generation).write(tools.secrets.refresh)
