"""The public keys, for everyone who verifies access tokens."""

from litestar import Response, get
from litestar.di import NamedDependency

from popote_auth.tools import Tools
from popote_kit.problems import Unavailable, documented


@get("/.well-known/jwks.json", operation_id="jwks", security=[{}], responses=documented(Unavailable))
async def jwks(tools: NamedDependency[Tools]) -> Response[bytes]:
    """Read the keys that access tokens are signed with, as a JSON Web Key Set (RFC 7517)."""
    headers = {"Cache-Control": "public, max-age=300, stale-if-error=86400"}
    return Response(await tools.keys.jwks(), media_type="application/json", headers=headers)
