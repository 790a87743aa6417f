"""Tokens for the other services; the gateway does not route this."""

from litestar import post
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import JSONBody

from popote_auth.actions import service_tokens
from popote_auth.errors import UnknownService
from popote_auth.tokens import SERVICE_LIFE_S
from popote_auth.tools import Tools
from popote_auth.wire import AskServiceToken, ServiceToken
from popote_kit.problems import Invalid, Malformed, NotFound, Unavailable, documented


@post(
    "/internal/service-tokens",
    status_code=200,
    operation_id="issue_service_token",
    security=[{}],
    responses=documented(Malformed, Invalid, UnknownService, NotFound, Unavailable),
    cache_control=CacheControlHeader(no_store=True),
)
async def issue_service_token(data: JSONBody[AskServiceToken], tools: NamedDependency[Tools]) -> ServiceToken:
    """Get a token to call another service with, for a household and maybe for one of its people."""
    return ServiceToken(await service_tokens.issue(tools, data), SERVICE_LIFE_S)
