"""What the handlers of auth are given."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency

from popote_auth import queries
from popote_auth.tokens import ACCESS_LIFE_S, Entry, sign_access_token, write_refresh_token
from popote_auth.tools import Tools
from popote_auth.wire import Joined, SignedIn, Tokens, User
from popote_kit import client_address, errors
from popote_kit.database import Database
from popote_kit.identity import Caller, provide_caller
from popote_kit.problems import Unauthenticated


async def provide_live_caller(request: Request[Any, Any, Any], database: NamedDependency[Database]) -> Caller:
    """Return who is calling; here, an access token counts no longer than its session."""
    caller = await provide_caller(request)
    async with database.kitchen() as kitchen:
        if not await queries.sessions.is_live(kitchen, caller.session, caller.person, caller.version):
            raise Unauthenticated
    return caller


def provide_address(request: Request[Any, Any, Any], tools: NamedDependency[Tools]) -> str:
    """Return the address of the client, as the gateway vouches for it."""
    return client_address.of(request, tools.settings.gateway_secret)


def provide_language(request: Request[Any, Any, Any]) -> str:
    """Return the language that a new household speaks unless told."""
    return errors.language(request.headers.get("accept-language"))


async def tokens(tools: Tools, entry: Entry) -> Tokens:
    """Return the pair of tokens that an entry is worth."""
    return Tokens(await sign_access_token(tools, entry), write_refresh_token(tools, entry), ACCESS_LIFE_S)


async def signed_in(tools: Tools, entry: Entry) -> SignedIn:
    person = entry.person
    user = User(person.id, person.email, person.display_name)
    return SignedIn(user=user, household=Joined.of(entry.membership), tokens=await tokens(tools, entry))
